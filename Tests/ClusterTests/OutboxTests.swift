import Cluster
import Testing

@Suite struct OutboxTests {
  private func check(_ value: Bool, is expected: Bool, at place: SourceLocation = #_sourceLocation) {
    #expect(value == expected, sourceLocation: place)
  }

  private func message(_ number: Int) -> [[UInt8]] { [[UInt8(truncatingIfNeeded: number)]] }

  @Test func smallMessagesGoBeforePiecesAndEachKindInItsOrder() {
    var outbox = Outbox()
    for number in 0..<3 {
      check(outbox.add(message(100 + number), isBulk: true), is: true)
      check(outbox.add(message(number), isBulk: false), is: true)
    }
    var sent: [[UInt8]] = []
    let outcome = outbox.flush { frames in
      sent += frames
      return .sent
    }
    #expect(outcome == .sent && outbox.isEmpty)
    #expect(sent == [[0], [1], [2], [100], [101], [102]])
  }

  @Test func whatAFullPipeDoesNotTakeStaysInOrder() {
    var outbox = Outbox()
    for number in 0..<4 { _ = outbox.add(message(number), isBulk: number == 3) }
    var room = 2
    var sent: [[UInt8]] = []
    func send(_ frames: [[UInt8]]) -> Sending {
      guard room > 0 else { return .full }
      room -= 1
      sent += frames
      return .sent
    }
    let first = outbox.flush(send)
    #expect(first == .full)
    #expect(sent == [[0], [1]] && !outbox.isEmpty)
    room = 5
    let second = outbox.flush(send)
    #expect(second == .sent)
    #expect(sent == [[0], [1], [2], [3]] && outbox.isEmpty)
  }

  @Test func neitherKindGrowsWithoutEnd() {
    var outbox = Outbox()
    for _ in 0..<Outbox.controlLimit { check(outbox.add([], isBulk: false), is: true) }
    for _ in 0..<Outbox.bulkLimit { check(outbox.add([], isBulk: true), is: true) }
    check(outbox.add([], isBulk: false), is: false)
    check(outbox.add([], isBulk: true), is: false)
  }

  @Test func aFloodOfLinesIsCutToSoManyASecond() {
    var limit = RateLimit(perSecond: 3)
    var passed = 0
    for milliseconds in 0..<10 where limit.allows(now_ms: 5_000 + milliseconds) { passed += 1 }
    #expect(passed == 3)
    #expect(limit.heldBack == 7)
    let held7 = limit.takeHeldBack()
    #expect(held7 == 7)
    let passes = limit.allows(now_ms: 6_000)
    #expect(passes)
    let held0 = limit.takeHeldBack()
    #expect(held0 == 0)
  }
}
