// gnuplot as a child process: a script in, an SVG out, within a bounded time and size. Its absence is no error.
//
// The script and its output live in a private temporary folder that is gone afterwards. gnuplot gets no start-up file.

import Glibc

/// What came of a script.
package enum GnuplotResult: Equatable {
  /// The SVG as gnuplot wrote it.
  case drawn(String)
  /// Why there is no picture, as the end of a sentence.
  case absent(String)
}

/// Runs one script.
package struct Gnuplot {
  /// The program's name or path.
  package var program: String
  /// After this time the child is ended.
  package var limitMilliseconds: Int
  /// A larger output is refused.
  static let outputLimit = 4 << 20

  /// A program and how long it may take.
  package init(program: String = "gnuplot", limitMilliseconds: Int = 10_000) {
    self.program = program
    self.limitMilliseconds = limitMilliseconds
  }

  /// Draws; never waits longer than the limit.
  package func draw(_ script: String) -> GnuplotResult {
    guard let folder = Self.temporaryFolder() else { return .absent("no temporary folder could be made") }
    let (source, output) = (folder + "/picture.gp", folder + "/picture.svg")
    defer {
      unlink(source)
      unlink(output)
      rmdir(folder)
    }
    guard FolderWriter.write(Array(script.utf8), to: source) == 0 else {
      return .absent("the temporary folder cannot be written")
    }
    let child = start(source, output)
    guard child.status == 0 else {
      return .absent(child.status == ENOENT ? "gnuplot is not installed" : "gnuplot could not be started")
    }
    guard let status = wait(for: child.process) else { return .absent("gnuplot took too long and was ended") }
    guard status == 0, let svg = Self.read(output) else { return .absent("gnuplot failed on this script") }
    return .drawn(svg)
  }

  private static func temporaryFolder() -> String? {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array((base + "/microfold-picture-XXXXXX").utf8CString)
    return mkdtemp(&template).map { String(cString: $0) }
  }

  private func start(_ source: String, _ output: String) -> (status: Int32, process: pid_t) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var arguments = Self.copies(["gnuplot", "-d", source])
    var environment = Self.copies(["LC_ALL=C.UTF-8", "PATH=/usr/local/bin:/usr/bin:/bin"])
    defer { for text in arguments + environment { free(text) } }
    var process: pid_t = 0
    let status = posix_spawnp(&process, program, &actions, nil, &arguments, &environment)
    return (status, process)
  }

  /// C copies with a null at the end; whoever asked frees them.
  private static func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    var copies: [UnsafeMutablePointer<CChar>?] = []
    for text in texts { copies.append(strdup(text)) }
    return copies + [nil]
  }

  /// The wait status, or nil where the child had to be ended.
  private func wait(for process: pid_t) -> Int32? {
    let pause: UInt32 = 5
    var status: Int32 = 0
    for _ in 0...(limitMilliseconds / Int(pause)) {
      if waitpid(process, &status, WNOHANG) != 0 { return status }
      usleep(pause * 1000)
    }
    kill(process, SIGKILL)
    waitpid(process, &status, 0)
    return nil
  }

  private static func read(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= outputLimit {
      let got = Glibc.read(file, &block, block.count)
      guard got > 0 else { return got == 0 ? String(validating: bytes, as: UTF8.self) : nil }
      bytes += block[..<got]
    }
    return nil
  }
}
