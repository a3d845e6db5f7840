// Other programs as children: what they take from start to end, as a shell would start them.

import Glibc

/// Starting programs and waiting for them.
enum Child {
  /// The program of this package beside this one.
  static func product(_ name: String) throws(ChildError) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let path = own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/" + name
    guard access(path, X_OK) == 0 else { throw ChildError(line: "no \(path); build it beside bench: swift build") }
    return path
  }

  /// Runs a program to its end, its output thrown away.
  /// - Parameter errors: the file that takes its standard error.
  /// - Returns: whether it ended well.
  static func run(_ program: String, _ arguments: [String], errors: String = "/dev/null") -> Bool {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var process = pid_t()
    let words = ([program] + arguments).map { strdup($0) } + [nil]
    let variables = environment.map { strdup($0) } + [nil]
    defer { (words + variables).forEach { free($0) } }
    guard posix_spawnp(&process, program, &actions, nil, words, variables) == 0 else { return false }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status == 0
  }

  /// Starts a program and does not wait for it.
  static func start(_ program: String, _ arguments: [String], output: String, errors: String) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var process = pid_t()
    let words = ([program] + arguments).map { strdup($0) } + [nil]
    let variables = environment.map { strdup($0) } + [nil]
    defer { (words + variables).forEach { free($0) } }
    return posix_spawn(&process, program, &actions, nil, words, variables) == 0 ? process : nil
  }

  /// Runs a program that must end well.
  static func need(_ program: String, _ arguments: [String], in folder: ScratchFolder) throws {
    let errors = folder.file("errors.txt")
    guard run(program, arguments, errors: errors) else {
      throw ChildError(line: "\(arguments.first ?? program) fails: \(lastLine(errors))")
    }
  }

  static func lastLine(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "no word why" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").last.map(String.init)
      ?? "no word why"
  }

  /// The variables of this process but for those that it set for its own class: a child chooses for itself.
  private static var environment: [String] {
    var variables: [String] = []
    var place = environ
    while let variable = place.pointee {
      let text = String(cString: variable)
      if !text.hasPrefix("OPENBLAS_") && !text.hasPrefix("MICROFOLD_NUMERIC_CLASS=") { variables.append(text) }
      place += 1
    }
    return variables
  }
}

/// A program that is missing or fails. One line.
struct ChildError: Error, CustomStringConvertible {
  let line: String
  var description: String { line }
}
