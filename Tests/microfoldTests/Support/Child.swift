// The built product as a child process in a process group of its own, so that a test can kill all of a run or one
// process of it, and never anything else. Every wait is bounded; whatever is left is ended with this value.

import Foundation
import TestSupport

/// What a test waits for did not come.
struct TooLate: Error, CustomStringConvertible {
  let description: String
}

/// What a finished child left.
struct Answer {
  /// The exit status, or minus the signal that ended it.
  let status: Int32
  /// All of its standard output.
  let output: String
  /// All of its standard error.
  let errors: String
}

/// A running child and its group.
final class Child {
  /// The product under test: `MICROFOLD_TEST_PRODUCT` names another build of it, such as the release build.
  static let product =
    ProcessInfo.processInfo.environment["MICROFOLD_TEST_PRODUCT"] ?? ChildProcess.product("microfold")

  /// The longest that any child may take, in seconds: two cores may be shared by many.
  static let patience_s = 240.0

  let process: pid_t
  private let outputPath: String
  private let errorPath: String
  private var status: Int32?

  /// Starts the product with these words.
  init(_ words: [String], in folder: TemporaryFolder, environment: [String: String] = [:]) throws {
    let name = UUID().uuidString
    outputPath = folder.file(".\(name).out")
    errorPath = folder.file(".\(name).err")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, outputPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errorPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setpgroup(&attributes, 0)
    // A parent may have blocked these signals, as the threads that run tests have: a child must see to it itself.
    var blocked = sigset_t()
    sigemptyset(&blocked)
    for signal in [SIGINT, SIGTERM] { sigaddset(&blocked, signal) }
    posix_spawnattr_setsigmask(&attributes, &blocked)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
    var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("MICROFOLD_") }
    variables.merge(environment) { _, new in new }
    // `env -C` sets the folder: paths in lines are then as a person would write them.
    let arguments = ["env", "-C", folder.path, Self.product] + words
    let texts = arguments.map { strdup($0) } + [nil]
    let settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in texts + settings { free(text) } }
    var process = pid_t()
    let code = posix_spawn(&process, "/usr/bin/env", &actions, &attributes, texts, settings)
    guard code == 0 else { throw TooLate(description: "no child: \(String(cString: strerror(code)))") }
    self.process = process
  }

  deinit {
    kill(-process, SIGKILL)
    if status == nil { waitpid(process, nil, 0) }
    unlink(outputPath)
    unlink(errorPath)
  }

  /// What it wrote so far to standard output.
  var output: String { Self.text(outputPath) }
  /// What it wrote so far to standard error.
  var errors: String { Self.text(errorPath) }

  /// The exit status, or minus the signal that ended it; nil while it runs.
  var ending: Int32? {
    if status == nil {
      var raw: Int32 = 0
      if waitpid(process, &raw, WNOHANG) == process { status = raw & 0x7f == 0 ? raw >> 8 & 0xff : -(raw & 0x7f) }
    }
    return status
  }

  /// Waits for its end.
  func wait() throws -> Answer {
    try Self.eventually("the end of process \(process)") { ending != nil }
    return Answer(status: ending ?? 0, output: output, errors: errors)
  }

  /// Sends a signal to this process alone, or to all of its group.
  func send(_ signal: Int32, group: Bool = false) {
    guard group || ending == nil else { return }
    kill(group ? -process : process, signal)
  }

  /// Runs the product to its end.
  static func run(
    _ words: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
  ) throws -> Answer {
    try Child(words, in: folder, environment: environment).wait()
  }

  /// Waits until something is so.
  static func eventually(_ what: String, within_s: Double = patience_s, _ condition: () throws -> Bool) throws {
    let end = ContinuousClock.now + .milliseconds(Int(within_s * 1000))
    while try !condition() {
      guard ContinuousClock.now < end else { throw TooLate(description: "waited \(within_s) s for \(what)") }
      usleep(5_000)
    }
  }

  private static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }
}

// MARK: - Other processes

/// What the kernel says of processes.
enum Processes {
  /// The children of a process and the words of their command lines.
  static func children(of parent: pid_t) -> [(process: pid_t, words: [String])] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.sorted().compactMap { process in
      guard let state = state(of: process), state.parent == parent else { return nil }
      let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
      return (process, line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    }
  }

  /// Whether a process computes no more: gone, or dead and not yet buried.
  static func hasEnded(_ process: pid_t) -> Bool {
    guard let state = state(of: process) else { return true }
    return "ZX".contains(state.letter)
  }

  private static func state(of process: pid_t) -> (letter: Character, parent: pid_t)? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return nil }
    // The name in parentheses may hold anything: what counts stands behind the last one.
    let words = String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
    guard words.count > 1, let letter = words[0].first, let parent = Int32(words[1]) else { return nil }
    return (letter, parent)
  }
}
