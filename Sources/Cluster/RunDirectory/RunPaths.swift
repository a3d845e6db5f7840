// Where everything of a run lies: the layout that outsiders rely on.

/// The paths inside a run directory.
public struct RunPaths: Sendable, Equatable {
  /// The run directory.
  public let root: String

  /// The paths of a run directory that may not exist yet.
  public init(root: String) {
    var text = root
    while text.count > 1, text.hasSuffix("/") { text.removeLast() }
    self.root = text
  }

  /// The study as it was given.
  public var study: String { root + "/study.yaml" }
  /// The ledger.
  public var ledger: String { root + "/ledger.db" }
  /// The folder of artifacts.
  public var artifacts: String { root + "/artifacts" }
  /// The folder of logs.
  public var logs: String { root + "/logs" }
  /// The folder of the report.
  public var report: String { root + "/report" }
  /// The folder of checkpoints, where they are kept.
  public var checkpoints: String { root + "/checkpoints" }

  /// The socket over which this user on this machine asks a coordinator that wants keys, without one.
  public var control: String { root + "/control.sock" }

  /// All names that a run directory may hold.
  static let names: Set<String> = [
    "study.yaml", "study.yaml.tmp", "ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db-journal", "artifacts",
    "logs", "report", "checkpoints", "control.sock",
  ]
}
