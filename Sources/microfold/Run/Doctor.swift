// What `doctor` looks at: everything that could stop a run or a worker on this machine, before it is begun.

import Access
import Canonical
import Clips
import Cluster
import Foundation
import Kernels
import Ledger

/// One thing that was looked at.
struct Finding {
  enum Grade: String { case good = "ok", warning = "careful", bad }

  let grade: Grade
  let what: String
  let text: String

  var json: JSON { ["grade": .string(grade.rawValue), "what": .string(what), "text": .string(text)] }
}

/// The checks; each says what is there, or what is wrong and what to do.
enum Doctor {
  /// Free space below which a run is warned, in bytes.
  private static let scarce_bytes = 2 << 30
  /// Difference of clocks above which dates of keys may be read wrongly, in seconds.
  private static let skew_s = 30.0

  private static func attempt(_ what: String, _ body: () throws -> Finding) -> Finding {
    do { return try body() } catch {
      return Finding(grade: .bad, what: what, text: Failure(describing: error).line)
    }
  }

  static func numericClass(_ numericClass: NumericClass) -> Finding {
    attempt("numeric class") {
      let probe = try numericClass.enter()
      return Finding(
        grade: .good, what: "numeric class",
        text: "\(numericClass.name) on \(NumericClass.processorName), probe \(probe.short)")
    }
  }

  static func data(_ name: String, _ path: String) -> Finding {
    attempt("data \(name)") {
      let set = try PreparedSet(path: path)
      let subjects = Set(set.clips.map(\.subject)).count
      return Finding(
        grade: .good, what: "data \(name)",
        text: "\(path): \(set.clips.count) clips of \(subjects) subjects, digest \(set.digest.short), every byte"
          + " verified")
    }
  }

  /// The folder of a run directory, or the nearest one above it that is there.
  static func disk(_ path: String) -> Finding {
    attempt("run directory") {
      // Foundation's deletingLastPathComponent traps on a path of one word.
      var parts = path.split(separator: "/")
      let root = path.hasPrefix("/") ? "/" : "./"
      while !parts.isEmpty, !FileManager.default.fileExists(atPath: root + parts.joined(separator: "/")) {
        parts.removeLast()
      }
      let folder = root + parts.joined(separator: "/")
      let free_bytes = try LedgerPlace.check(folder)
      let free = "\(free_bytes >> 30) GiB free"
      return free_bytes < scarce_bytes
        ? Finding(
          grade: .warning, what: "run directory", text: "\(folder): \(free); a full disk stops a run, nothing is lost")
        : Finding(grade: .good, what: "run directory", text: "\(folder): writable, locks hold, \(free)")
    }
  }

  static func keys(_ folder: String) -> [Finding] {
    let keys = KeyFolder(folder)
    let hasServer = FileManager.default.fileExists(atPath: "\(folder)/\(KeyFolder.coordinatorName).secret")
    let own = attempt("keys") {
      if hasServer { _ = try keys.server() } else { _ = try keys.client() }
      let role = hasServer ? "a coordinator's" : "a worker's or a person's"
      return Finding(grade: .good, what: "keys", text: "\(folder): \(role) secret, which nobody else can read")
    }
    guard hasServer else { return [own] }
    let authorised = attempt("authorised keys") {
      let entries = try keys.authorised().entries
      return Finding(
        grade: entries.isEmpty ? .warning : .good, what: "authorised keys",
        text: entries.isEmpty
          ? "none: nobody can come in; see microfold keys authorise --help"
          : "\(entries.count): " + entries.map(\.name).joined(separator: ", "))
    }
    return [own, authorised]
  }

  static func port(_ text: String, hasKeys: Bool) -> Finding {
    attempt("port") {
      let endpoint = try Endpoint(text, hasKeys: hasKeys)
      try endpoint.tryToListen()
      guard let number = Int(text.split(separator: ":").last ?? ""), let range = ephemeralPorts, range.contains(number)
      else { return Finding(grade: .good, what: "port", text: "\(text) is free") }
      return Finding(
        grade: .warning, what: "port",
        text: "\(text) is free, but the system may give \(number) to any program (\(range.lowerBound) to "
          + "\(range.upperBound)); 7719 is outside")
    }
  }

  private static var ephemeralPorts: ClosedRange<Int>? {
    guard let text = try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8) else {
      return nil
    }
    let ends = text.split { $0.isWhitespace }.compactMap { Int($0) }
    return ends.count == 2 && ends[0] <= ends[1] ? ends[0]...ends[1] : nil
  }

  static func coordinator(_ client: () throws -> ControlClient) -> [Finding] {
    let begin_s = Date().timeIntervalSince1970
    var skew: Finding?
    let answer = attempt("coordinator") {
      let status = try client().ask(["verb": "status"])
      let end_s = Date().timeIntervalSince1970
      if let theirs_s = status["clock_s"]?.number {
        let difference_s = theirs_s - (begin_s + end_s) / 2
        skew = Finding(
          grade: abs(difference_s) > skew_s ? .warning : .good, what: "clock",
          text: String(format: "%.1f s from the coordinator's", difference_s)
            + (abs(difference_s) > skew_s ? "; dates of keys and times in reports differ by that" : ""))
      }
      return Finding(
        grade: .good, what: "coordinator",
        text: "answers in \(Int((end_s - begin_s) * 1000)) ms; \(status["worker_count"]?.text ?? "0") workers")
    }
    return [answer] + [skew].compactMap { $0 }
  }
}
