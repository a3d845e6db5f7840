// A small ledger whose every row is known, as it lies on the disk: for tests that cut it and turn its bits.

import Canonical
import Ledger
import TestSupport

/// What was written, batch by batch, and the bytes of the files.
struct Specimen {
  /// What a reader saw after each batch, from the plan alone to everything.
  let history: [LedgerContents]
  /// The files: the database, and its log where a kill left one.
  let database: [UInt8]
  let log: [UInt8]
  /// The offsets that the last batches wrote: of the log where there is one, else of the database.
  let lastRecords: [Int]
  /// Those among them that say where rows lie and what their keys are; none of the log.
  let structure: [Int]

  /// Everything.
  var whole: LedgerContents { history[history.count - 1] }

  /// Batches that count as the last records.
  private static let lastCount = 3
  private static let stages = 5

  /// As a kill leaves it: the rows stand in the log.
  static func killed() throws -> Specimen {
    let folder = try TemporaryFolder()
    let writer = try openWriter(folder.path)
    let (history, ends) = try fill(writer, folder, batches: batches)
    let log = fileBytes(folder.file("ledger.db-wal"))
    return Specimen(
      history: history, database: fileBytes(folder.file("ledger.db")), log: log,
      lastRecords: Array(ends[ends.count - 1 - lastCount]..<log.count), structure: [])
  }

  /// As a run leaves it that ended in good order: the rows stand in the pages of the database.
  static func closed() throws -> Specimen {
    func made(_ batches: [[LedgerEntry]]) throws -> ([LedgerContents], [UInt8]) {
      let folder = try TemporaryFolder()
      let history = try { try fill(openWriter(folder.path), folder, batches: batches).history }()
      return (history, fileBytes(folder.file("ledger.db")))
    }
    let (history, database) = try made(batches)
    let before = try made(batches.dropLast(lastCount)).1
    let page = 4096
    let pages = stride(from: 0, to: database.count, by: page).filter { start in
      let end = min(start + page, database.count)
      return end > before.count || database[start..<end] != before[start..<end]
    }
    return Specimen(
      history: history, database: database, log: [],
      lastRecords: pages.flatMap { $0..<min($0 + page, database.count) },
      structure: pages.flatMap { structure(of: database, page: $0) })
  }

  /// The header of a page, its list of rows, and the length and the key before each row.
  private static func structure(of database: [UInt8], page: Int) -> [Int] {
    let head = page + (page == 0 ? 100 : 0)
    func number(_ place: Int) -> Int { Int(database[place]) << 8 | Int(database[place + 1]) }
    let end = head + 8 + 2 * number(head + 3)
    return Array(head..<end)
      + stride(from: head + 8, to: end, by: 2).flatMap { page + number($0)..<page + number($0) + 3 }
  }

  private static func fill(
    _ writer: LedgerWriter, _ folder: TemporaryFolder, batches: [[LedgerEntry]]
  ) throws -> (history: [LedgerContents], ends: [Int]) {
    func end() -> Int { fileBytes(folder.file("ledger.db-wal")).count }
    try writer.begin(stages: (0..<stages).map(sampleStage), meta: ["plan": "abc", "class": "avx2.1"])
    var history = [try writer.reader.contents()]
    var ends = [end()]
    for batch in batches {
      try writer.append(batch)
      history.append(try writer.reader.contents())
      ends.append(end())
    }
    return (history, ends)
  }

  /// Every kind of row: a lease a batch, then its answer; a stage that is given up; a result that differs.
  private static var batches: [[LedgerEntry]] {
    var batches: [[LedgerEntry]] = [[.meta(key: "epoch", value: "1"), .meta(key: "token_next", value: "1000001")]]
    for stage in 0..<4 {
      // Settings of a stage, as its checkpoints are.
      batches.append([.meta(key: "setting/\(stage)", value: "\(stage)")])
      batches.append([.attempt(sampleAttempt(stage, state: .granted))])
      batches.append([
        .result(sampleResult(stage, artifact: stage == 1)),
        .attempt(sampleAttempt(stage, state: .committed, ended_s: 1001)),
        .event(EventRow(time_s: 1001, kind: "stage", text: "stage \(stage) is computed")),
      ])
      if stage == 1 {
        batches.append([
          .attempt(sampleAttempt(4, state: .failed, ended_s: 1001)),
          .failure(FailureRow(stage: 4, failure: "numeric", text: "not finite", attempts: 3, time_s: 1001)),
        ])
        batches.append([
          .twin(
            TwinRow(token: 99, stage: 0, bytes: [1, 2], artifact: nil, host: "lab08", process: 12, time_s: 1001))
        ])
      }
    }
    return batches
  }
}
