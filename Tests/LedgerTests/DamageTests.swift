// What a ledger is after a kill, a torn write, a changed byte, a full and a read-only disk.

import Canonical
import Glibc
import Ledger
import TestSupport
import Testing

@Suite struct DamageTests {
  @Test func everyAcknowledgedBatchSurvivesAKill() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let writer = try openWriter(path)
      for stage in 0..<50 {
        try writer.append([.result(sampleResult(2 * stage)), .result(sampleResult(2 * stage + 1))])
        guard let note = fopen(path + "/acknowledged", "w") else { return }
        fputs("\(2 * stage + 2)", note)
        fclose(note)
        if stage == 37 { kill(getpid(), SIGKILL) }
      }
    }
    #expect(fileBytes(folder.file("acknowledged")) == Array("76".utf8))
    let writer = try openWriter(path)
    #expect(writer.damaged.isEmpty)
    #expect(try writer.reader.contents().results == (0..<76).map { sampleResult($0) })
  }

  @Test func aTornLogGivesWholeBatchesAndNothingElse() throws {
    let folder = try TemporaryFolder()
    let writer = try openWriter(folder.path)
    for batch in 0..<8 {
      try writer.append((0..<3).map { .result(sampleResult(3 * batch + $0)) })
    }
    let database = fileBytes(folder.file("ledger.db"))
    let log = fileBytes(folder.file("ledger.db-wal"))
    #expect(log.count > 10_000)
    var counts: [Int] = []
    for length in stride(from: log.count, through: 0, by: -max(1, log.count / 60)) {
      let copy = try TemporaryFolder()
      try copy.write(database, to: "ledger.db")
      try copy.write(log.prefix(length), to: "ledger.db-wal")
      guard let torn = try? openWriter(copy.path) else { continue }
      let results = try torn.reader.contents().results
      #expect(results.count % 3 == 0)
      #expect(results == (0..<results.count).map { sampleResult($0) })
      counts.append(results.count)
    }
    #expect(counts.first == 24)
    #expect(counts.contains { $0 > 0 && $0 < 24 })
    #expect(counts == counts.sorted(by: >))
  }

  @Test(arguments: [
    "UPDATE result SET seconds=9 WHERE stage=1", "UPDATE result SET bytes=x'7b7d' WHERE stage=1",
    "UPDATE result SET row=x'00' WHERE stage=1", "UPDATE result SET host='lab99' WHERE stage=1",
  ])
  func aChangedRowIsNamedAndCountsAsNotCommitted(change: String) throws {
    let folder = try TemporaryFolder()
    do { try openWriter(folder.path).append((0..<3).map { .result(sampleResult($0)) }) }
    try execute(change, folder.file("ledger.db"))
    let seen = try LedgerReader(path: folder.file("ledger.db")).contents()
    #expect(seen.results.map(\.stage) == [0, 2])
    #expect(seen.damaged.map(\.description) == ["result 1: the row is damaged and counts as not written"])
    let writer = try openWriter(folder.path)
    #expect(writer.damaged == seen.damaged)
    try writer.append([.result(sampleResult(1))])
    #expect(try writer.reader.contents().results == (0..<3).map { sampleResult($0) })
    #expect(try writer.reader.contents().damaged.isEmpty)
  }

  @Test func aRowMovedToAnotherStageIsDamaged() throws {
    let folder = try TemporaryFolder()
    do { try openWriter(folder.path).append([.result(sampleResult(0))]) }
    try execute("UPDATE result SET stage=5", folder.file("ledger.db"))
    let seen = try LedgerReader(path: folder.file("ledger.db")).contents()
    #expect(seen.results.isEmpty && seen.damaged.map(\.key) == ["5"])
  }

  @Test(arguments: [["epoch"], ["epoch", "token_next"]])
  func aDamagedCountIsNamedAndNoNumberComesTwice(keys: [String]) throws {
    let folder = try TemporaryFolder()
    for epoch in 1...3 {
      let writer = try openWriter(folder.path)
      #expect(try writer.nextEpoch() == epoch)
      var row = sampleResult(epoch)
      row.token = try writer.reserveTokens().lowerBound
      try writer.append([.result(row)])
    }
    for key in keys { try execute("UPDATE meta SET value='1' WHERE key='\(key)'", folder.file("ledger.db")) }
    let writer = try openWriter(folder.path)
    let lines = keys.map { "meta \($0): the row is damaged and counts as not written" }
    #expect(writer.damaged.map(\.description) == lines)
    #expect(try writer.nextEpoch() == 4)
    #expect(try writer.reserveTokens().lowerBound > 2_000_001)
    #expect(try writer.reader.contents().damaged.isEmpty)
  }

  @Test(.enabled(if: getuid() == 0, "only root may mount the small disk"))
  func aFullDiskIsAnErrorWithItsNameAndLosesNothing() throws {
    let disk = try SmallDisk(size_kib: 512)
    let writer = try openWriter(disk.path)
    var written = 0
    var failure: LedgerError?
    while failure == nil, written < 4000 {
      do throws(LedgerError) {
        try writer.append([.result(sampleResult(written))])
        written += 1
      } catch { failure = error }
    }
    #expect(failure == .diskFull(path: disk.path + "/ledger.db"))
    #expect(failure?.exitStatus == 75)
    #expect(written > 10)
    #expect(try writer.reader.contents().results.count == written)
  }

  @Test(.enabled(if: getuid() == 0, "only root may mount the small disk"))
  func aReadOnlyDiskCanBeReadAndIsRefusedForWriting() throws {
    let disk = try SmallDisk(size_kib: 2048)
    do { try openWriter(disk.path).append([.result(sampleResult(0))]) }
    try disk.makeReadOnly()
    #expect(try LedgerReader(path: disk.path + "/ledger.db").contents().results == [sampleResult(0)])
    let error = #expect(throws: LedgerError.self) { try openWriter(disk.path) }
    #expect(error == .readOnly(path: disk.path + "/ledger.db"))
    #expect(error?.exitStatus == 75)
  }
}
