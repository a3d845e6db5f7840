// A child process of `run`: started by posix_spawn, tied to the thread that started it, waited for without blocking.

import Glibc

/// A running child.
final class SpawnedProcess {
  /// How a child ended.
  enum Ending: Equatable {
    case exit(Int32)
    case signal(Int32)
  }

  /// Where a child's output goes.
  enum Output {
    /// To this descriptor.
    case descriptor(Int32)
    /// To the end of this file.
    case file(String)
  }

  let process: pid_t
  private(set) var ending: Ending?

  /// Starts a program. It ends when the calling thread ends, if it calls `EmbeddedChild.enter`.
  /// - Throws: `FileError`.
  init(_ executable: String, _ arguments: [String], output: Output, errors: Output) throws(FileError) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for (target, place) in [(STDOUT_FILENO, output), (STDERR_FILENO, errors)] {
      switch place {
      case .descriptor(let source): posix_spawn_file_actions_adddup2(&actions, source, target)
      case .file(let path):
        posix_spawn_file_actions_addopen(&actions, target, path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
      }
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGPIPE, SIGCHLD] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    process = try Self.spawn(executable, arguments, &actions, &attributes)
  }

  /// Whether it ended; to be asked again and again.
  func hasEnded() -> Bool {
    if ending != nil { return true }
    var status: Int32 = 0
    let found = waitpid(process, &status, WNOHANG)
    if found < 0 && errno == ECHILD {
      // Somebody else waited for it; how it ended is not known any more.
      ending = .exit(ExitStatus.later)
      return true
    }
    guard found == process else { return false }
    let number = status & 0x7f
    ending = number == 0 ? .exit(status >> 8 & 0xff) : .signal(number)
    return true
  }

  /// Sends a signal, unless it ended.
  func send(_ signal: Int32) { if !hasEnded() { kill(process, signal) } }

  /// Ends it now.
  func destroy() {
    guard !hasEnded() else { return }
    kill(process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    ending = .signal(SIGKILL)
  }

  private static func spawn(
    _ executable: String, _ arguments: [String], _ actions: inout posix_spawn_file_actions_t,
    _ attributes: inout posix_spawnattr_t
  ) throws(FileError) -> pid_t {
    var variables: [String] = ["\(EmbeddedChild.variable)=\(getpid())"]
    var place = environ
    while let entry = place.pointee {
      let text = String(cString: entry)
      if !text.hasPrefix(EmbeddedChild.variable + "=") { variables.append(text) }
      place += 1
    }
    let words = (["microfold"] + arguments).map { strdup($0) } + [nil]
    let environment = variables.map { strdup($0) } + [nil]
    defer { for text in words + environment { free(text) } }
    var process = pid_t()
    let code = posix_spawn(&process, executable, &actions, &attributes, words, environment)
    guard code == 0 else { throw FileError(path: executable, action: "start the program", code: code) }
    return process
  }
}

/// The reading end of a pipe, cut into lines.
final class LinePipe {
  /// A line is cut where it is longer, in bytes.
  private static let lineLimit = 64 << 10

  let descriptor: Int32
  /// For the child; closed once it was started.
  private(set) var writer: Int32
  private var rest: [UInt8] = []

  /// Makes a pipe.
  init() throws(FileError) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw FileError(path: "pipe", action: "make a pipe", code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    descriptor = ends[0]
    writer = ends[1]
  }

  deinit {
    close(descriptor)
    closeWriter()
  }

  func closeWriter() {
    if writer >= 0 { close(writer) }
    writer = -1
  }

  /// The lines that came since the last call; `isLast`: also what has no end yet.
  func lines(isLast: Bool = false) -> [String] {
    var block = [UInt8](repeating: 0, count: 1 << 14)
    while case let count = read(descriptor, &block, block.count), count > 0 { rest += block[..<count] }
    var lines: [String] = []
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? (rest.count > Self.lineLimit ? rest.count - 1 : nil) {
      lines.append(String(decoding: rest[..<end], as: UTF8.self))
      rest.removeFirst(end + 1)
    }
    if isLast && !rest.isEmpty {
      lines.append(String(decoding: rest, as: UTF8.self))
      rest = []
    }
    return lines
  }
}
