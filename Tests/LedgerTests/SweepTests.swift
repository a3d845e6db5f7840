// A ledger that is cut off or has one bit turned at any byte of its last records: what is read is what was written,
// what is damaged is named and computed again, and what cannot be read is one line.
//
// A sample of the offsets, and all bytes by which rows are found; with MICROFOLD_FULL_SWEEP=1 every one.

import Canonical
import Foundation
import Ledger
import TestSupport
import Testing

@Suite struct SweepTests {
  private static let isFull = ProcessInfo.processInfo.environment["MICROFOLD_FULL_SWEEP"] != nil

  enum Damage: String, CaseIterable { case cut, turned }

  @Test(arguments: Damage.allCases)
  func aLogThatAKillLeftGivesWholeBatches(damage: Damage) throws {
    let specimen = try Specimen.killed()
    #expect(specimen.lastRecords.count > 4_096)
    let tally = try sweep(specimen, damage) { specimen, offset in
      (specimen.database, damaged(specimen.log, damage, at: offset))
    }
    print("log \(damage.rawValue): \(tally)")
    #expect(tally.named == 0, "the log has checksums of its own: a batch is there or not")
    #expect(tally.earlier > 0)
  }

  @Test(arguments: Damage.allCases)
  func pagesGiveSoundRowsNamesOrOneLine(damage: Damage) throws {
    let specimen = try Specimen.closed()
    #expect(specimen.lastRecords.count > 4_096)
    let tally = try sweep(specimen, damage) { specimen, offset in
      (damaged(specimen.database, damage, at: offset), [])
    }
    print("pages \(damage.rawValue): \(tally)")
    #expect(tally.refused > 0)
    #expect(damage == .cut || tally.named > 0)
  }

  private func damaged(_ bytes: [UInt8], _ damage: Damage, at offset: Int) -> [UInt8] {
    if damage == .cut { return Array(bytes.prefix(offset)) }
    var bytes = bytes
    // Each byte loses or gains one bit, and every bit has its turn.
    bytes[offset] ^= 1 << UInt8(offset % 8)
    return bytes
  }

  private func sweep(
    _ specimen: Specimen, _ damage: Damage, files: (Specimen, Int) -> (database: [UInt8], log: [UInt8])
  ) throws -> Tally {
    let scratch = try Scratch()
    var tally = Tally()
    // Odd, so that every bit and every place in a row has its turn.
    let step = Self.isFull ? 1 : max(1, specimen.lastRecords.count / 150) | 1
    var offsets = stride(from: 0, to: specimen.lastRecords.count, by: step).map { specimen.lastRecords[$0] }
    if damage == .turned, !Self.isFull { offsets += specimen.structure }
    for offset in offsets {
      let (database, log) = files(specimen, offset)
      try scratch.hold(["ledger.db": database, "ledger.db-wal": log])
      try tally.take(scratch.path, specimen, "\(damage.rawValue) at \(offset)")
    }
    return tally
  }
}

/// A folder for one damaged ledger after another; in memory where it can be, since every opening waits for the disk.
private final class Scratch {
  let path: String

  init() throws {
    let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
    path = "\(place)/microfold-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Holds these files and no other of a ledger; an empty one is none.
  func hold(_ files: [String: [UInt8]]) throws {
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] { unlink("\(path)/\(name)") }
    for (name, bytes) in files where !bytes.isEmpty {
      try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }
  }
}

/// How openings ended.
struct Tally: CustomStringConvertible {
  private(set) var whole = 0, earlier = 0, named = 0, vanished = 0, refused = 0, refusedLater = 0

  var description: String {
    "\(whole + earlier + named + vanished + refused) openings: \(whole) whole, \(earlier) as of an earlier batch, "
      + "\(named) with damaged rows that are named, \(vanished) with rows that are gone, "
      + "\(refused) refused in one line; "
      + "\(refusedLater) refused what was to be written again"
  }

  /// Opens a damaged ledger as a reader and as the writer does, and writes again what is missing.
  mutating func take(_ folder: String, _ specimen: Specimen, _ what: Comment) throws {
    let path = folder + "/ledger.db"
    _ = try orOneLine(what) { try expectSound(LedgerReader(path: path).contents(), specimen, what) }
    let isRead = try orOneLine(what) {
      let writer = try openWriter(folder)
      let seen = try writer.reader.contents()
      expectSound(seen, specimen, what)
      count(seen, writer.damaged + seen.damaged, specimen)
      let there = Set(seen.results.map(\.stage))
      let isWhole = try orOneLine(what) {
        try writer.append(specimen.whole.results.filter { !there.contains($0.stage) }.map { .result($0) })
        // What was given to somebody is never given again.
        #expect(try writer.nextEpoch() > 1, what)
        #expect(try writer.reserveTokens().lowerBound > 5, what)
        #expect(try writer.reader.contents().results == specimen.whole.results, what)
      }
      if !isWhole { refusedLater += 1 }
    }
    if !isRead { refused += 1 }
  }

  private mutating func count(_ seen: LedgerContents, _ damaged: [DamagedRow], _ specimen: Specimen) {
    if !damaged.isEmpty {
      named += 1
    } else if seen.isSame(as: specimen.whole) {
      whole += 1
    } else if specimen.history.contains(where: seen.isSame) {
      earlier += 1
    } else {
      vanished += 1
    }
  }

  /// False where the ledger refuses with its own error, which must be one line.
  private func orOneLine(_ what: Comment, _ body: () throws -> Void) throws -> Bool {
    do {
      try body()
      return true
    } catch let error as LedgerError {
      let line = error.description
      #expect(line.contains("ledger.db: ") && !line.contains("\n") && [2, 75].contains(error.exitStatus), what)
      return false
    }
  }

  /// Every row is one that was written, and every result is the one.
  private func expectSound(_ seen: LedgerContents, _ specimen: Specimen, _ what: Comment) {
    let whole = specimen.whole
    #expect(seen.results.allSatisfy(whole.results.contains), what)
    #expect(seen.stages.allSatisfy(whole.stages.contains), what)
    #expect(seen.failures.allSatisfy(whole.failures.contains), what)
    #expect(seen.twins.allSatisfy(whole.twins.contains), what)
    #expect(seen.events.allSatisfy(whole.events.contains), what)
    #expect(seen.meta.allSatisfy { whole.meta[$0.key] == $0.value }, what)
    for attempt in seen.attempts {
      let isWritten = specimen.history.contains { $0.attempts.contains(attempt) }
      #expect(isWritten || attempt.isAnswer(in: whole.results), what)
    }
  }
}

extension AttemptRow {
  /// Whether this is what a result alone tells of its lease.
  fileprivate func isAnswer(in results: [ResultRow]) -> Bool {
    guard let row = results.first(where: { $0.token == token }) else { return false }
    return self
      == AttemptRow(
        token: row.token, stage: row.stage, number: row.attempt, host: row.host, process: row.process,
        state: .committed, granted_s: row.time_s - row.seconds, ended_s: row.time_s)
  }
}

extension LedgerContents {
  fileprivate func isSame(as other: LedgerContents) -> Bool {
    meta == other.meta && stages == other.stages && results == other.results && attempts == other.attempts
      && failures == other.failures && twins == other.twins && events == other.events && damaged == other.damaged
  }
}
