// The one writer of a ledger: batches that are durable when `append` returns, token blocks and the epoch.
//
// WAL with synchronous=FULL: a committed batch survives a kill at any instruction and a power cut. The caller gathers
// entries (see CommitGroup), because every commit costs one fsync.

import Canonical
import Glibc

/// One thing to write.
public enum LedgerEntry: Sendable {
  /// A lease that began, or what became of it (by its token).
  case attempt(AttemptRow)
  /// A stage's result. The first one stays: a later one of the same stage changes nothing.
  case result(ResultRow)
  /// A result that differs from the committed one.
  case twin(TwinRow)
  /// A result in the place of one that was outvoted; that one, and those of the stages that were computed from it, are
  /// kept as twins.
  case overturn(ResultRow, withdrawn: [Int])
  /// A stage that was given up.
  case failure(FailureRow)
  /// A stage that may be tried again.
  case retry(stage: Int)
  /// Something that happened.
  case event(EventRow)
  /// A setting.
  case meta(key: String, value: String)
}

/// Writes a ledger. Belongs to one thread.
public final class LedgerWriter {
  /// How many tokens one reservation takes from the ledger.
  public static let tokenBlock: UInt64 = 1_000_000

  /// Reads what was written, through the same connection.
  public let reader: LedgerReader
  /// Rows that were found damaged when the ledger was opened, and taken out.
  public let damaged: [DamagedRow]
  private let database: Database
  private let lock: DirectoryLock
  private var nextEvent: Int64
  /// What was read when the ledger was opened, until something is written or it was taken.
  private var opened: LedgerState?

  /// Opens or creates the ledger of a locked run directory.
  /// - Throws: `LedgerError`.
  public init(path: String, lock: DirectoryLock) throws(LedgerError) {
    precondition(path.hasPrefix(lock.path + "/"), "a ledger is written only below the directory that is locked")
    try Schema.checkFileSystem(of: lock.path)
    self.lock = lock
    database = try Database(path: path, .write)
    try database.execute(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA foreign_keys=OFF;")
    if try database.run("SELECT count(*) FROM sqlite_schema").first?.first == .integer(0) {
      let database = database
      try database.transaction("BEGIN IMMEDIATE") { () throws(LedgerError) in try database.execute(Schema.tables) }
    }
    reader = try LedgerReader(database: database)
    (opened, damaged) = try Self.takeOutDamage(database)
    nextEvent = Int64(try database.run("SELECT ifnull(max(seq),0) FROM event").first?.first?.integer ?? 0)
  }

  /// Writes all entries in one transaction; durable when it returns, and nothing is written where it throws.
  public func append(_ entries: [LedgerEntry]) throws(LedgerError) {
    guard !entries.isEmpty else { return }
    if opened != nil, entries.contains(where: { $0.changesState }) { opened = nil }
    let first = nextEvent
    do throws(LedgerError) {
      try database.transaction("BEGIN IMMEDIATE") { () throws(LedgerError) in
        for entry in entries { try write(entry) }
      }
    } catch {
      nextEvent = first
      throw error
    }
  }

  /// What a coordinator takes over: what was found at the opening, read again only where something was written since.
  public func takeState() throws(LedgerError) -> LedgerState {
    defer { opened = nil }
    if let opened { return opened }
    var damaged: [DamagedRow] = []
    return try LedgerState.read(from: database, damaged: &damaged)
  }

  /// Writes the plan and settings of a new run in one transaction.
  public func begin(stages: [StageRow], meta: [String: String]) throws(LedgerError) {
    try database.transaction("BEGIN IMMEDIATE") { () throws(LedgerError) in
      for stage in stages { try stage.write(to: database) }
      for (key, value) in meta.sorted(by: { $0.key < $1.key }) { try write(.meta(key: key, value: value)) }
    }
  }

  /// Takes the next block of tokens: no token is ever given twice in a run, whatever ended the process that held one.
  public func reserveTokens() throws(LedgerError) -> Range<UInt64> {
    let first = try firstToken()
    try append([.meta(key: "token_next", value: String(first + Self.tokenBlock))])
    return first..<first + Self.tokenBlock
  }

  /// Counts the coordinators of this run: the first is 1. Where the count itself is damaged, it is at least what the
  /// tokens tell, of which each took a block: no number comes twice.
  public func nextEpoch() throws(LedgerError) -> Int {
    let blocks = (try firstToken() - 1 + Self.tokenBlock - 1) / Self.tokenBlock
    let epoch = (try reader.meta("epoch").flatMap { Int($0) } ?? Int(blocks)) + 1
    try append([.meta(key: "epoch", value: String(epoch))])
    return epoch
  }

  /// The first token that was never given.
  private func firstToken() throws(LedgerError) -> UInt64 {
    let next = try reader.meta("token_next").flatMap { UInt64($0) }
    // Where the reservation itself was damaged, every table that names a token is asked.
    let tables = next == nil ? ["attempt", "result", "twin"] : ["attempt"]
    var first = next ?? 1
    for table in tables {
      let highest = try database.run("SELECT ifnull(max(token),0) FROM \(table)").first?.first?.integer ?? 0
      first = max(first, UInt64(max(0, highest)) + 1)
    }
    return first
  }

  private func write(_ entry: LedgerEntry) throws(LedgerError) {
    switch entry {
    case .attempt(let row): try row.write(to: database)
    case .result(let row): try write(row)
    case .twin(let row): try row.write(to: database)
    case .overturn(let row, let withdrawn):
      for stage in withdrawn + [row.stage] { try withdraw(stage, at: row.time_s) }
      try row.write(to: database)
    case .failure(let row): try row.write(to: database)
    case .retry(let stage): try forgive(stage)
    case .event(var row):
      nextEvent += 1
      row.sequence = Int(nextEvent)
      try row.write(to: database)
    case .meta(let key, let value): try MetaRow(key: key, value: value).write(to: database)
    }
  }

  /// The first result stays; another one that differs is kept as its twin.
  private func write(_ row: ResultRow) throws(LedgerError) {
    try row.write(to: database, ResultRow.keeping)
    guard database.changes == 0 else { return }
    let found = try database.run("SELECT digest,artifact FROM result WHERE stage=?", [.whole(row.stage)]).first
    guard found != [.blob(row.digest.bytes), .optional(row.artifact)] else { return }
    try TwinRow(
      token: row.token, stage: row.stage, bytes: row.bytes, artifact: row.artifact, host: row.host,
      process: row.process, time_s: row.time_s
    ).write(to: database)
  }

  /// Moves a result to the twins. One that is not there any more, or is damaged, has nothing to be kept.
  private func withdraw(_ stage: Int, at time_s: Double) throws(LedgerError) {
    let rows = try database.run(
      "SELECT token,bytes,artifact,host,process FROM result WHERE stage=?", [.whole(stage)])
    for row in rows {
      guard let token = row[0].integer, let bytes = row[1].bytes, let host = row[3].string,
        let process = row[4].integer
      else { continue }
      try TwinRow(
        token: UInt64(bitPattern: Int64(token)), stage: stage, bytes: bytes, artifact: row[2].digest, host: host,
        process: process, time_s: time_s
      ).write(to: database)
    }
    try database.run("DELETE FROM result WHERE stage=?", [.whole(stage)])
  }

  /// Lets a stage be tried again: what went wrong with it before counts no more.
  private func forgive(_ stage: Int) throws(LedgerError) {
    try database.run("DELETE FROM failure WHERE stage=?", [.whole(stage)])
    var damaged: [DamagedRow] = []
    for var attempt in try AttemptRow.read(from: database, damaged: &damaged) where attempt.stage == stage {
      guard [.failed, .lost, .expired].contains(attempt.state) else { continue }
      attempt.state = .forgiven
      try attempt.write(to: database)
    }
  }

  /// Reads everything but the plan, which the study tells anew, and deletes damaged rows, so that their stages are
  /// computed and written again.
  private static func takeOutDamage(_ database: Database) throws(LedgerError) -> (LedgerState, [DamagedRow]) {
    var damaged: [DamagedRow] = []
    _ = try MetaRow.read(from: database, damaged: &damaged)
    let state = try LedgerState.read(from: database, damaged: &damaged)
    _ = try EventRow.read(from: database, damaged: &damaged)
    let tables = Set(damaged.map(\.table))
    guard !tables.isEmpty else { return (state, damaged) }
    let kinds: [any LedgerRow.Type] = [
      MetaRow.self, ResultRow.self, AttemptRow.self, FailureRow.self, TwinRow.self, EventRow.self,
    ]
    try database.transaction("BEGIN IMMEDIATE") { () throws(LedgerError) in
      for kind in kinds where tables.contains(kind.table) { try kind.keepSound(in: database) }
    }
    return (state, damaged)
  }
}

extension LedgerEntry {
  /// Whether it changes what a coordinator takes over.
  fileprivate var changesState: Bool {
    switch self {
    case .event, .meta: false
    default: true
    }
  }
}
