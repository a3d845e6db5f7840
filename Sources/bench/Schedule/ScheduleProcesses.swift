// The children of a schedule benchmark, started from this program, watched, and ended with it.

import Canonical
import Glibc

/// Running children; who is left when this goes is killed.
final class ScheduleProcesses {
  private let folder: ScratchFolder
  private var running: [String: pid_t] = [:]

  init(_ folder: ScratchFolder) throws { self.folder = folder }

  deinit { for name in running.keys { end(name, SIGKILL) } }

  /// Starts this program with other words.
  func start(_ name: String, _ words: [String]) throws {
    let output = (folder.file("\(name).out"), folder.file("\(name).err"))
    guard let process = Child.start("/proc/self/exe", words, output: output.0, errors: output.1) else {
      throw ChildError(line: "cannot start \(name)")
    }
    running[name] = process
  }

  /// Sends a signal.
  func send(_ name: String, _ number: Int32) {
    if let process = running[name] { kill(process, number) }
  }

  /// Sends a signal and waits for the end.
  func end(_ name: String, _ number: Int32) {
    guard let process = running.removeValue(forKey: name) else { return }
    kill(process, number)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
  }

  /// Processor time of a child so far, in seconds.
  func cpu_s(_ name: String) throws -> Double {
    guard let process = running[name], let file = fopen("/proc/\(process)/stat", "r") else {
      throw ChildError(line: "\(name) does not run")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = fread(&bytes, 1, bytes.count, file)
    // Behind the name in brackets: state, then 11 figures, then the ticks in user and in system mode.
    let words = String(decoding: bytes[..<count], as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
    guard words.count > 12, let user = Double(words[11]), let system = Double(words[12]) else {
      throw ChildError(line: "/proc/\(process)/stat is not what it was")
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Waits until something is so; a child that ends badly meanwhile, or too long a time, is an error.
  func wait(_ limit_s: Double, _ what: String, until isSo: () throws -> Bool) throws {
    let end_s = now_s() + limit_s
    while try !isSo() {
      guard now_s() < end_s else { throw ChildError(line: "\(what) within \(Int(limit_s)) s") }
      for (name, process) in running where waitpid(process, nil, WNOHANG) == process {
        running[name] = nil
        throw ChildError(line: "\(name) ended: \(Child.lastLine(folder.file("\(name).err")))")
      }
    }
  }

  /// Waits for the orderly end of a child and gives the object that it printed; null where it had not yet begun to
  /// listen when it was asked to end.
  func answer(_ name: String, limit_s: Double) throws -> JSON {
    guard let process = running[name] else { throw ChildError(line: "\(name) does not run") }
    let end_s = now_s() + limit_s
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) != process {
      guard now_s() < end_s else { throw ChildError(line: "\(name) does not end within \(Int(limit_s)) s") }
      usleep(20_000)
    }
    running[name] = nil
    if status & 0x7f == SIGTERM { return .null }
    guard status == 0 else { throw ChildError(line: "\(name) ended: \(Child.lastLine(folder.file("\(name).err")))") }
    return try JSON(parsing: Array(Child.lastLine(folder.file("\(name).out")).utf8))
  }
}
