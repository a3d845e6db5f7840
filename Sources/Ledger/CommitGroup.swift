// Gathers entries, so that one fsync makes many rows durable.

/// Entries that wait for the next commit: it is due after 5 ms or 256 rows.
public struct CommitGroup: Sendable {
  /// A commit is due when this many rows wait.
  public static let rowLimit = 256
  /// A commit is due when the first row waits so long, in seconds.
  public static let age_s = 0.005

  /// What waits, in order.
  public private(set) var entries: [LedgerEntry] = []
  private var first_s = 0.0

  /// Nothing waits.
  public init() {}

  /// Lets an entry wait.
  public mutating func add(_ entry: LedgerEntry, now_s: Double) {
    if entries.isEmpty { first_s = now_s }
    entries.append(entry)
  }

  /// When a commit is due; nil while nothing waits.
  public var due_s: Double? { entries.isEmpty ? nil : first_s + Self.age_s }

  /// Whether a commit is due.
  public func isDue(now_s: Double) -> Bool {
    guard let due_s else { return false }
    return entries.count >= Self.rowLimit || now_s >= due_s
  }

  /// Hands out what waits and starts anew.
  public mutating func take() -> [LedgerEntry] {
    defer { entries = [] }
    return entries
  }
}
