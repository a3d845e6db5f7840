// How far a run is, and the line by which an embedded coordinator tells its parent.

import Canonical
import Glibc

/// How far a run is.
public struct RunProgress: Equatable, Sendable {
  /// Stages of the plan.
  public var total: Int
  /// Stages with a result in the ledger.
  public var committed: Int
  /// Stages that were given up.
  public var failed: Int
  /// Workers that are connected.
  public var workers: Int

  /// A progress.
  public init(total: Int, committed: Int, failed: Int, workers: Int) {
    self.total = total
    self.committed = committed
    self.failed = failed
    self.workers = workers
  }
}

/// The lines that an embedded coordinator writes to its standard output.
enum StatusLine {
  /// The member by which such a line is known.
  private static let mark = "microfold_status"

  static func text(_ progress: RunProgress) -> String {
    let line: JSON = [
      mark: 1, "total": .integer(progress.total), "committed": .integer(progress.committed),
      "failed": .integer(progress.failed), "workers": .integer(progress.workers),
    ]
    return line.text
  }

  static func progress(_ line: String) -> RunProgress? {
    guard line.hasPrefix("{"), let json = try? JSON(parsing: Array(line.utf8)), json[mark] != nil,
      let total = json["total"]?.integer, let committed = json["committed"]?.integer,
      let failed = json["failed"]?.integer, let workers = json["workers"]?.integer
    else { return nil }
    return RunProgress(total: total, committed: committed, failed: failed, workers: workers)
  }
}

/// Writes whole lines.
public enum Lines {
  /// Writes a line to standard error at once.
  @Sendable public static func toStandardError(_ line: String) { write(line, to: STDERR_FILENO) }

  /// Writes a line to standard output at once.
  @Sendable public static func toStandardOutput(_ line: String) { write(line, to: STDOUT_FILENO) }

  private static func write(_ line: String, to descriptor: Int32) {
    let bytes = Array((line + "\n").utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      done += count
    }
  }
}
