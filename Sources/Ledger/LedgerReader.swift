// Reads a ledger, also beside a process that writes it: every read is one consistent snapshot.

import Canonical
import Glibc

/// Everything that a ledger holds at one moment, each list in canonical order.
public struct LedgerContents: Sendable {
  /// Settings of the run by name.
  public internal(set) var meta: [String: String] = [:]
  /// The plan, by index.
  public internal(set) var stages: [StageRow] = []
  /// Committed results, by stage.
  public internal(set) var results: [ResultRow] = []
  /// Leases, by token.
  public internal(set) var attempts: [AttemptRow] = []
  /// Stages that were given up, by stage.
  public internal(set) var failures: [FailureRow] = []
  /// Results that differ from a committed one, by token.
  public internal(set) var twins: [TwinRow] = []
  /// What happened, in order.
  public internal(set) var events: [EventRow] = []
  /// Rows that are not what was written; they stand in no list above.
  public internal(set) var damaged: [DamagedRow] = []
}

/// A read-only view of a ledger file.
public final class LedgerReader {
  let database: Database

  /// Opens `path` for reading; it may be written meanwhile.
  /// - Throws: `LedgerError`: missing, damaged, newer.
  public convenience init(path: String) throws(LedgerError) {
    guard access(path, F_OK) == 0 else { throw .missing(path: path) }
    do throws(LedgerError) {
      try self.init(database: Database(path: path, .read))
    } catch .readOnly {
      // On a read-only disk SQLite cannot make the files of its shared memory: the file is then read as it lies.
      try self.init(database: Database(path: path, .immutable))
    }
  }

  init(database: Database) throws(LedgerError) {
    self.database = database
    let application = try Self.number(database, "application_id")
    guard application == Schema.application else {
      // A kill or a full disk between the making of the file and of its tables leaves nothing in it.
      if application == 0, try Self.isHollow(database) { throw .missing(path: database.path) }
      throw .damaged(path: database.path, what: "another kind of file")
    }
    let found = try Self.number(database, "user_version")
    guard found <= Schema.version else {
      throw .newer(path: database.path, found: found, known: Schema.version)
    }
  }

  /// All settings whose rows are sound.
  public func settings() throws(LedgerError) -> [String: String] {
    var damaged: [DamagedRow] = []
    var settings: [String: String] = [:]
    for row in try MetaRow.read(from: database, damaged: &damaged) { settings[row.key] = row.value }
    return settings
  }

  /// How many stages stand in the ledger, and how many results, sound or not.
  public func counts() throws(LedgerError) -> (stages: Int, results: Int) {
    func count(_ table: String) throws(LedgerError) -> Int {
      try database.run("SELECT count(*) FROM \(table)").first?.first?.integer ?? 0
    }
    return (try count("stage"), try count("result"))
  }

  /// The result of a stage; nil where there is none, or its row is damaged.
  public func result(of stage: Int) throws(LedgerError) -> ResultRow? {
    let names = (ResultRow.columns + ["row"]).joined(separator: ",")
    var found: ResultRow?
    var writer = ByteWriter()
    try database.scan("SELECT \(names) FROM result WHERE stage=?", [.whole(stage)]) { (row) throws(LedgerError) in
      if ResultRow.isSound(row, &writer) { found = ResultRow(cells: row.cells.dropLast()) }
    }
    return found
  }

  /// One setting; nil where it is not set or its row is damaged.
  public func meta(_ key: String) throws(LedgerError) -> String? {
    try settings()[key]
  }

  /// Everything, as of one moment.
  /// - Parameter events: at most so many of the last events.
  public func contents(events limit: Int = .max) throws(LedgerError) -> LedgerContents {
    var contents = LedgerContents()
    try database.transaction("BEGIN") { () throws(LedgerError) in
      var damaged: [DamagedRow] = []
      for row in try MetaRow.read(from: database, damaged: &damaged) { contents.meta[row.key] = row.value }
      contents.stages = try StageRow.read(from: database, damaged: &damaged)
      contents.results = try ResultRow.read(from: database, damaged: &damaged)
      contents.attempts = Self.merged(
        try AttemptRow.read(from: database, damaged: &damaged), with: contents.results)
      contents.failures = try FailureRow.read(from: database, damaged: &damaged)
      contents.twins = try TwinRow.read(from: database, damaged: &damaged)
      contents.events = try EventRow.read(from: database, damaged: &damaged).suffix(limit)
      contents.damaged = damaged
    }
    return contents
  }

  /// Leases by token: those with a row of their own, and those that were answered before one was written.
  private static func merged(_ rows: [AttemptRow], with results: [ResultRow]) -> [AttemptRow] {
    let known = Set(rows.map(\.token))
    let others = results.filter { !known.contains($0.token) }.map(\.attemptRow)
    return others.isEmpty ? rows : (rows + others).sorted { $0.token < $1.token }
  }

  private static func isHollow(_ database: Database) throws(LedgerError) -> Bool {
    try database.run("SELECT count(*) FROM sqlite_schema").first?.first == .integer(0)
  }

  private static func number(_ database: Database, _ name: String) throws(LedgerError) -> Int {
    try database.run("PRAGMA \(name)").first?.first?.integer ?? 0
  }
}
