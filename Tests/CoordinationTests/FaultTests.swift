// Hosts that are sick, and answers under tokens that nobody gave: neither costs a plan more than it has to.

import Canonical
import Coordination
import Messages
import Testing

@Suite("sick hosts and strange tokens")
struct FaultTests {
  @Test("a host that fails at once rests, and the stage goes to a good one", arguments: [FailureClass.host, .artifact])
  func sickHost(_ kind: FailureClass) throws {
    var rig = CoordinatorRig(try samplePlan())
    var sick = rig.join(1)
    #expect(rig.grants(sick).map(\.index) == [0])
    rig.fail(0, 1, &sick, kind)
    #expect(rig.grants(sick).isEmpty, "it rests")
    #expect(rig.logs.contains { $0.contains("host1") && $0.contains("rests") && $0.contains("it went wrong") })
    let good = rig.join(2)
    #expect(rig.grants(good).map(\.index) == [0])
    rig.wait(4_750)
    #expect(rig.grants(sick).isEmpty)
    rig.wait(250)
    #expect(rig.grants(sick).map(\.index) == [1], "five seconds later it is tried again")
  }

  @Test("a failure that is told again, over a new greeting too, counts once")
  func toldAgain() throws {
    var rig = CoordinatorRig(try flatPlan(2))
    var hand = rig.join(1, slots: 2)
    rig.fail(0, 1, &hand)
    rig.sync()
    rig.fail(0, 1, &hand)
    #expect(rig.verdicts(hand) == [.recorded, .recorded])
    let held = [
      HeldLease(stage: rig.graph.digests[0], token: 1, isFinished: true),
      HeldLease(stage: rig.graph.digests[1], token: 2, isFinished: false),
    ]
    var again = rig.join(1, slots: 2, held: held, after: hand.sequence)
    rig.fail(0, 1, &again)
    rig.sync()
    #expect(rig.verdicts(again) == [.recorded])
    #expect(!rig.machine.leaseTable.contains { $0.token == 1 })
  }

  @Test("who is lost with one stage begun and one waiting is lost with the one that it had begun")
  func begun() throws {
    var rig = CoordinatorRig(try flatPlan(3))
    var hand = rig.join(1)
    #expect(rig.grants(hand).map(\.token) == [1, 2])
    let leases = [1, 2].map {
      LeaseProgress(token: UInt64($0), epoch: 0, epochs: $0 == 2 ? 9 : 0, loss: 0, isFinished: false)
    }
    rig.say(.beat(Beat(leases: leases, freeSlots: 0)), &hand)
    rig.wait(16_000)
    #expect(rig.failures.map(\.token) == [2])
    #expect(rig.released.map(\.token) == [1])
  }

  @Test("a worker that comes and goes with a stage is one loss, not many")
  func flapping() throws {
    var rig = CoordinatorRig(try flatPlan(1))
    var hand = rig.join(1)
    for _ in 0..<3 {
      rig.beat(&hand, [1])
      rig.wait(16_000)
      let held = [HeldLease(stage: rig.graph.digests[0], token: 1, isFinished: false)]
      hand = rig.join(1, held: held, after: hand.sequence)
    }
    #expect(rig.failures.map(\.isCounted) == [true, false, false])
  }

  @Test("each rest is twice the one before, five minutes at most, and a result makes it short again")
  func rests() throws {
    var rig = CoordinatorRig(try flatPlan(1), change: { $0.lease_ms = 1_000_000 })
    var hand = rig.join(1)
    for rest_s in [5, 10, 20, 40, 80, 160, 300, 300] {
      let token = try #require(rig.grants(hand).last?.token)
      rig.fail(0, token, &hand, .host)
      rig.wait(rest_s * 1_000 - 250)
      #expect(rig.grants(hand).isEmpty, "rest of \(rest_s) s")
      rig.wait(250)
    }
    #expect(rig.machine.state(of: 0) == .leased, "nobody else had it, so it is not given up")
    #expect(rig.failures.map(\.isCounted) == [true] + Array(repeating: false, count: 7))
  }

  @Test("a result that is committed makes the next rest short again")
  func restAfterResult() throws {
    var rig = CoordinatorRig(try flatPlan(3))
    var hand = rig.join(1)
    _ = rig.grants(hand)
    rig.fail(0, 1, &hand, .host)
    rig.deliver(1, 2, &hand)
    rig.sync()
    #expect(rig.machine.state(of: 1) == .committed)
    rig.wait(5_000)
    let token = try #require(rig.grants(hand).last?.token)
    rig.fail(0, token, &hand, .host)
    rig.wait(5_000)
    #expect(!rig.grants(hand).isEmpty)
  }

  @Test("losses that count once still end a stage, after five times as many as count")
  func wornOut() throws {
    var rig = CoordinatorRig(try flatPlan(1)) {
      $0.lossesLimit = 2
      $0.lease_ms = 10_000_000
    }
    var hand = rig.join(1)
    for turn in 1...10 {
      rig.fail(0, try #require(rig.grants(hand).last?.token, "turn \(turn)"), &hand, .artifact)
      #expect(rig.machine.state(of: 0) == (turn < 10 ? .ready : .failed))
      rig.wait(300_000)
    }
  }

  @Test("a host that comes back on another connection still rests, and its losses still count once")
  func restOverGreeting() throws {
    var rig = CoordinatorRig(try flatPlan(1)) { $0.lossesLimit = 2 }
    var hand = rig.join(1)
    rig.fail(0, 1, &hand, .host)
    hand = rig.join(9, instance: 1, after: hand.sequence)
    #expect(rig.grants(hand).isEmpty)
    rig.wait(5_000)
    rig.fail(0, 2, &hand, .host)
    #expect(rig.failures.map(\.isCounted) == [true, false])
    var other = rig.join(2)
    rig.fail(0, 3, &other, .host)
    #expect(rig.failures.map(\.isLast) == [false, false, true], "two hosts lost it")
  }

  @Test("a result under a token that nobody gave, or that is another stage's, counts as garbage")
  func strangeTokens() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1, slots: 2)
    _ = rig.grants(hand)
    for token in [UInt64(2), 3, 900] {
      rig.deliver(0, token, &hand)
      #expect(rig.verdicts(hand) == [.superseded], "token \(token)")
    }
    #expect(rig.commits.isEmpty)
    #expect(rig.machine.status["garbage"]?.integer == 3)
    rig.deliver(0, 1, &hand)
    rig.sync()
    _ = rig.heard(hand)
    for token in [UInt64(2), 900] { rig.deliver(0, token, &hand, bytes: "{\"other\":1}") }
    #expect(rig.conflicts.isEmpty)
    #expect(rig.machine.outcome.conflicts == 0)
    #expect(rig.machine.state(of: 1) == .leased, "the stage whose token it was keeps its lease")
  }

  @Test("a lease is not given back under another stage's token")
  func strangeGreeting() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1, slots: 2)
    _ = rig.grants(hand)
    rig.deliver(1, 2, &hand)
    rig.sync()
    rig.say(.goodbye(reason: "over"), &hand)
    let held = [HeldLease(stage: rig.graph.digests[0], token: 2, isFinished: false)]
    let back = rig.join(3, held: held)
    #expect(rig.heard(back).contains(.cancel(token: 2)))
  }

  @Test("of the twins of a stage eight are kept, and the rest are only counted")
  func manyTwins() throws {
    var rig = CoordinatorRig(try samplePlan(), recovery: Recovery(epoch: 2, tokens: 100..<9_000))
    var hand = rig.join(1)
    rig.deliver(0, 100, &hand)
    rig.sync()
    _ = rig.heard(hand)
    for token in UInt64(1)...20 { rig.deliver(0, token, &hand, bytes: "{\"a\":\(token)}") }
    #expect(rig.conflicts.map(\.token) == Array(1...8))
    #expect(rig.machine.outcome.conflicts == 20)
    rig.sync()
    #expect(rig.verdicts(hand) == Array(repeating: .conflict, count: 20))
  }

  @Test("where workers are not drained an interrupt stops the coordinator and they hear nothing of it")
  func quietInterrupt() throws {
    var rig = CoordinatorRig(try samplePlan()) { $0.drainsOnInterrupt = false }
    var hand = rig.join(1)
    rig.deliver(0, 1, &hand)
    _ = rig.heard(hand)
    rig.does(.interrupt)
    #expect(rig.stops.isEmpty, "a result is being written")
    let late = rig.join(2)
    rig.sync()
    #expect(rig.stops.map(\.exitStatus) == [130])
    for hand in [hand, late] {
      #expect(!rig.heard(hand).contains { if case .drain = $0 { true } else { false } })
    }
  }
}
