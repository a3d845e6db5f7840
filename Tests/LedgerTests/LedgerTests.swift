import Canonical
import Glibc
import Ledger
import TestSupport
import Testing

@Suite struct LedgerTests {
  @Test func whatWasWrittenIsReadBackInCanonicalOrder() throws {
    let folder = try TemporaryFolder()
    let writer = try openWriter(folder.path)
    try writer.begin(stages: (0..<3).reversed().map(sampleStage), meta: ["plan": "abc", "class": "avx2.1"])
    let failure = FailureRow(stage: 2, failure: "numeric", text: "a loss that is not finite", attempts: 3, time_s: 7)
    let twin = TwinRow(
      token: 9, stage: 0, bytes: [1, 2], artifact: nil, host: "lab08", process: 12, time_s: 8)
    try writer.append([
      .result(sampleResult(1, artifact: true)), .result(sampleResult(0)),
      .attempt(sampleAttempt(1, state: .granted)), .attempt(sampleAttempt(0, state: .granted)),
      .failure(failure), .twin(twin), .event(EventRow(time_s: 3, kind: "start", text: "a run")),
    ])
    try writer.append([
      .attempt(sampleAttempt(1, state: .committed, ended_s: 1001)),
      .event(EventRow(time_s: 4, kind: "alarm", text: "ä twin")),
    ])
    let contents = try LedgerReader(path: folder.file("ledger.db")).contents()
    #expect(contents.meta == ["plan": "abc", "class": "avx2.1"])
    #expect(contents.stages == (0..<3).map(sampleStage))
    #expect(contents.results == [sampleResult(0), sampleResult(1, artifact: true)])
    #expect(
      contents.attempts == [
        sampleAttempt(0, state: .granted), sampleAttempt(1, state: .committed, ended_s: 1001),
      ])
    #expect(contents.failures == [failure])
    #expect(contents.twins == [twin])
    #expect(contents.events.map(\.sequence) == [1, 2])
    #expect(contents.events.map(\.text) == ["a run", "ä twin"])
    #expect(contents.damaged.isEmpty)
  }

  @Test func theFirstResultOfAStageStaysAndOneThatDiffersIsItsTwin() throws {
    let folder = try TemporaryFolder()
    let writer = try openWriter(folder.path)
    var equal = sampleResult(0)
    equal.token = 8
    var other = sampleResult(0)
    other.token = 9
    other.bytes = [1]
    try writer.append([.result(sampleResult(0))])
    try writer.append([.result(equal), .result(other)])
    let contents = try writer.reader.contents()
    #expect(contents.results == [sampleResult(0)])
    #expect(contents.twins.map(\.token) == [9])
    #expect(contents.twins.map(\.bytes) == [[1]])
  }

  @Test func aRetriedStageIsNoLongerGivenUpAndItsFailuresAreForgiven() throws {
    let folder = try TemporaryFolder()
    let writer = try openWriter(folder.path)
    try writer.append([
      .failure(FailureRow(stage: 2, failure: "data", text: "", attempts: 3, time_s: 7)),
      .attempt(sampleAttempt(2, state: .failed)), .attempt(sampleAttempt(3, state: .failed)),
    ])
    try writer.append([.retry(stage: 2)])
    #expect(try writer.reader.contents().failures.isEmpty)
    #expect(try writer.reader.contents().attempts.map(\.state) == [.forgiven, .failed])
  }

  @Test func tokensAndEpochsNeverComeTwice() throws {
    let folder = try TemporaryFolder()
    var seen: [Range<UInt64>] = []
    for epoch in 1...3 {
      let writer = try openWriter(folder.path)
      #expect(try writer.nextEpoch() == epoch)
      seen.append(try writer.reserveTokens())
      seen.append(try writer.reserveTokens())
    }
    #expect(seen.first?.lowerBound == 1)
    for (earlier, later) in zip(seen, seen.dropFirst()) { #expect(earlier.upperBound == later.lowerBound) }
  }

  @Test func aReaderSeesWhatALiveWriterCommits() throws {
    let folder = try TemporaryFolder()
    let writer = try openWriter(folder.path)
    let reader = try LedgerReader(path: folder.file("ledger.db"))
    for stage in 0..<20 {
      try writer.append([.result(sampleResult(stage))])
      #expect(try reader.contents().results.count == stage + 1)
    }
  }

  @Test func aSecondWriterIsRefusedWithTheProcessThatHoldsTheDirectory() throws {
    let folder = try TemporaryFolder()
    let writer = try openWriter(folder.path)
    let error = #expect(throws: LedgerError.self) { try DirectoryLock(path: folder.path, wait_s: 0) }
    #expect(error == .held(path: folder.path, process: Int(getpid())))
    #expect(error?.exitStatus == 75)
    try writer.append([])
  }

  @Test func filesThatAreNoLedgerAreRefusedInOneLine() throws {
    let folder = try TemporaryFolder()
    let none = folder.file("none.db")
    #expect(throws: LedgerError.missing(path: none)) { try LedgerReader(path: none) }
    let text = try folder.write(Array(repeating: UInt8(ascii: "x"), count: 9000), to: "text.db")
    let error = #expect(throws: LedgerError.self) { try LedgerReader(path: text) }
    #expect(error?.exitStatus == 2)
    #expect(error?.description.contains("not a readable ledger") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func aNewerSchemaIsRefused() throws {
    let folder = try TemporaryFolder()
    do { try openWriter(folder.path).append([.result(sampleResult(0))]) }
    try execute("PRAGMA user_version=2", folder.file("ledger.db"))
    let expected = LedgerError.newer(path: folder.file("ledger.db"), found: 2, known: 1)
    #expect(throws: expected) { try LedgerReader(path: folder.file("ledger.db")) }
    #expect(throws: expected) { try openWriter(folder.path) }
  }

  @Test func groupsAreDueByCountOrByAge() {
    var group = CommitGroup()
    #expect(!group.isDue(now_s: 5) && group.due_s == nil)
    group.add(.retry(stage: 0), now_s: 10)
    #expect(!group.isDue(now_s: 10.004))
    #expect(group.isDue(now_s: 10.006))
    for stage in 1..<CommitGroup.rowLimit { group.add(.retry(stage: stage), now_s: 10) }
    #expect(group.isDue(now_s: 10))
    #expect(group.take().count == CommitGroup.rowLimit)
    #expect(!group.isDue(now_s: 99))
  }
}
