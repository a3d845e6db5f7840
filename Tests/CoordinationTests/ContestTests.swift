// Two results of one stage that differ: a third computation decides, and a wrong result takes what used it along.

import Canonical
import Coordination
import Messages
import Testing

@Suite("results that differ")
struct ContestTests {
  /// Stage 0 of the sample plan is in the ledger by host 1, and host 2 came with other bytes.
  private func contested(_ rig: inout CoordinatorRig) -> (first: Hand, second: Hand) {
    var first = rig.join(1)
    rig.deliver(0, 1, &first, bytes: "{\"a\":1}")
    rig.sync()
    var second = rig.join(2)
    rig.deliver(0, 50, &second, bytes: "{\"a\":2}")
    rig.sync()
    return (first, second)
  }

  /// The lease of stage 0 that a worker was granted last.
  private func token(_ rig: inout CoordinatorRig, _ hand: Hand) throws -> UInt64 {
    try #require(rig.grants(hand).last { $0.index == 0 }?.token)
  }

  private func rig() throws -> CoordinatorRig {
    CoordinatorRig(try samplePlan(), recovery: Recovery(epoch: 2, tokens: 100..<9_000))
  }

  private func decisions(_ rig: CoordinatorRig) -> [Decision] {
    rig.actions.compactMap { if case .recordDecision(_, let decision, _) = $0 { decision } else { nil } }
  }

  @Test("a third host computes it, and where it agrees with the ledger the result stays")
  func upheld() throws {
    var rig = try rig()
    _ = contested(&rig)
    var third = rig.join(3)
    rig.deliver(0, 60, &third, bytes: "{\"a\":1}")
    #expect(decisions(rig) == [.upheld])
    #expect(rig.machine.outcome.exitStatus == 3, "the alarm stays")
    #expect(rig.machine.state(of: 0) == .committed)
  }

  @Test("a third host is asked where there is one, though others idle")
  func thirdHost() throws {
    var rig = CoordinatorRig(try flatPlan(2), recovery: Recovery(epoch: 2, tokens: 100..<9_000))
    var first = rig.join(1)
    var second = rig.join(2)
    var third = rig.join(3)
    rig.deliver(0, 100, &first, bytes: "{\"a\":1}")
    rig.sync()
    rig.deliver(0, 50, &second, bytes: "{\"a\":2}")
    rig.deliver(1, 101, &second)
    rig.sync()
    #expect(rig.outcomes.isEmpty, "the plan is not finished before it is decided")
    rig.deliver(0, try token(&rig, third), &third, bytes: "{\"a\":1}")
    rig.sync()
    #expect(rig.outcomes.map(\.conflicts) == [1])
  }

  @Test("a host that repeats itself does not outvote another one")
  func twoHosts() throws {
    var rig = try rig()
    var (first, second) = contested(&rig)
    var hands = [first, second]
    for turn in 0..<3 {
      for place in 0..<2 {
        guard let grant = rig.grants(hands[place]).last(where: { $0.index == 0 }) else { continue }
        rig.deliver(0, grant.token, &hands[place], bytes: "{\"a\":\(place + 1)}")
        rig.sync()
      }
      #expect(decisions(rig).allSatisfy { $0 == .open }, "turn \(turn)")
    }
    #expect(decisions(rig) == [.open])
    (first, second) = (hands[0], hands[1])
  }

  @Test("where it agrees against the ledger the right result takes its place, and what used it is computed again")
  func overturned() throws {
    var rig = try rig()
    var first = rig.join(1, slots: 2)
    rig.deliver(0, 100, &first, bytes: "{\"a\":1}")
    rig.deliver(1, 101, &first)
    rig.sync()
    rig.deliver(2, 102, &first)
    rig.sync()
    #expect(rig.machine.state(of: 2) == .committed)
    #expect(rig.machine.state(of: 3) == .leased)
    var second = rig.join(2)
    rig.deliver(0, 50, &second, bytes: "{\"a\":2}")
    rig.sync()
    var third = rig.join(3)
    rig.deliver(0, 60, &third, bytes: "{\"a\":2}")
    guard case .overturn(let record, let withdrawn) = rig.actions.last(where: { $0.isOverturn }) else {
      return #expect(Bool(false), "the ledger is told")
    }
    #expect(record.result == Array("{\"a\":2}".utf8))
    #expect(withdrawn == [2])
    rig.sync()
    #expect(decisions(rig) == [.overturned])
    #expect([.ready, .leased].contains(rig.machine.state(of: 2)))
    #expect(rig.machine.state(of: 3) == .waiting)
    rig.deliver(3, 103, &first)
    #expect(rig.commits.isEmpty, "a result from the wrong input is not taken, whatever lease it had")
    #expect(rig.heard(first).contains(.cancel(token: 103)))
  }

  @Test(
    "a result that is outvoted when the run is over stays until the next start, which asks for it once more",
    arguments: [2, 4])
  func tooLate(votes: Int) throws {
    var rig = CoordinatorRig(try flatPlan(1), recovery: Recovery(epoch: 2, tokens: 100..<9_000))
    var (first, second, third) = (rig.join(1), rig.join(2), rig.join(3))
    rig.deliver(0, 100, &first, bytes: "{\"a\":1}")
    rig.sync()
    rig.does(.reportWritten)
    rig.deliver(0, 50, &second, bytes: "{\"a\":2}")
    rig.deliver(0, 51, &third, bytes: "{\"a\":2}")
    rig.sync()
    #expect(!rig.actions.contains { $0.isOverturn } && decisions(rig).isEmpty)
    #expect(rig.machine.state(of: 0) == .committed && rig.machine.outcome.exitStatus == 3)
    #expect(rig.verdicts(second) == [.conflict] && rig.verdicts(third) == [.conflict])
    var fourth = rig.join(4)
    rig.deliver(0, 52, &fourth, bytes: "{\"a\":1}")
    #expect(decisions(rig).isEmpty, "one more that agrees with the ledger does not outvote two that do not")
    var recovery = Recovery(epoch: 3, tokens: 200..<9_000)
    func digest(_ result: Int) -> Digest { Digest(of: Array("{\"a\":\(result)}".utf8)) }
    recovery.committed.append(
      CommittedStage(stage: 0, token: 100, result: digest(1), artifact: nil, host: "host1"))
    recovery.twins = (0..<votes).map { (50 + UInt64($0), "host\(2 + $0)") }.map {
      RecoveredTwin(stage: 0, token: $0.0, result: digest(2), artifact: nil, host: $0.1)
    }
    var next = CoordinatorRig(try flatPlan(1), recovery: recovery)
    var last = next.join(9)
    next.deliver(0, try token(&next, last), &last, bytes: "{\"a\":2}")
    #expect(next.actions.contains { $0.isOverturn })
  }

  @Test("while the right result is written nothing is granted below it, and no crash parts it from the fence")
  func frozen() throws {
    var recovery = Recovery(epoch: 2, tokens: 100..<9_000)
    let input = ArtifactName(digest: Digest(of: [7]), size: 1)
    recovery.checkpoints = [(stage: 2, epoch: 3, artifact: input)]
    var rig = CoordinatorRig(try samplePlan(), recovery: recovery)
    var first = rig.join(1, slots: 2)
    rig.deliver(0, 100, &first, bytes: "{\"a\":1}")
    rig.sync()
    var second = rig.join(2)
    rig.deliver(0, 50, &second, bytes: "{\"a\":2}")
    rig.sync()
    var third = rig.join(3, slots: 4)
    _ = rig.grants(third)
    rig.deliver(1, 101, &first)
    // Both in one turn of the ledger: stage 2 becomes ready when the right result of stage 0 is on its way.
    rig.deliver(0, 60, &third, bytes: "{\"a\":2}")
    let order = rig.actions.compactMap { action -> String? in
      switch action {
      case .overturn: "overturn"
      case .recordDecision: "decision"
      case .recordCheckpoint(2, 0, _): "checkpoint"
      default: nil
      }
    }
    #expect(order == ["overturn", "decision", "checkpoint"])
    rig.does(.committed(stage: 1, token: 101))
    #expect(rig.machine.state(of: 2) == .ready)
    #expect(!(rig.grants(first) + rig.grants(third)).contains { $0.index == 2 })
    rig.sync()
    #expect((rig.grants(first) + rig.grants(third)).contains { $0.index == 2 })
  }

  @Test(
    "below a result that is being replaced nothing is cloned and no state is kept, and what verifies is cancelled",
    arguments: [true, false])
  func below(isCloned: Bool) throws {
    var rig = CoordinatorRig(
      try samplePlan(), recovery: Recovery(epoch: 2, tokens: 100..<9_000), change: { $0.lease_ms = 100_000_000 })
    var first = rig.join(1, slots: 2)
    rig.deliver(0, 100, &first, bytes: "{\"a\":1}")
    rig.deliver(1, 101, &first)
    rig.sync()
    let progress = LeaseProgress(token: 102, epoch: 3, epochs: 10, loss: 0.5, isFinished: false)
    rig.now_ms += 3_000
    rig.say(.beat(Beat(leases: [progress], freeSlots: 1)), &first)
    // Stage 2 stands still at its third epoch, and another host may compute it too.
    var second = rig.join(2)
    if isCloned { rig.wait(60_000) }
    let clone = rig.grants(second).last { $0.index == 2 }?.token
    #expect((clone != nil) == isCloned)
    rig.deliver(0, 50, &second, bytes: "{\"a\":2}")
    rig.sync()
    var third = rig.join(3, slots: 4)
    rig.deliver(0, 60, &third, bytes: "{\"a\":2}")
    #expect(rig.actions.contains { $0.isOverturn })
    let state = ArtifactName(digest: Digest(of: [9]), size: 1)
    let offer = EpochCheckpoint(token: 102, stage: rig.graph.digests[2], epoch: 4, artifact: state)
    rig.say(.epochCheckpoint(offer), &first)
    #expect(!rig.heard(first).contains(.artifactRequest(digest: state.digest, offset: 0)))
    rig.wait(60_000)
    #expect(!(rig.grants(second) + rig.grants(third)).contains { $0.index == 2 && $0.token > clone ?? 102 })
    rig.sync()
    #expect(rig.heard(first).contains(.cancel(token: 102)))
    if let clone { #expect(rig.heard(second).contains(.cancel(token: clone))) }
    let anew = (rig.grants(first) + rig.grants(second) + rig.grants(third)).filter { $0.index == 2 }
    #expect(anew.contains { $0.token > clone ?? 102 })
  }

  @Test("further computations that fail are not asked for without end")
  func failing() throws {
    let recovery = Recovery(epoch: 2, tokens: 100..<9_000)
    var rig = CoordinatorRig(try flatPlan(2), recovery: recovery, change: { $0.lease_ms = 100_000_000 })
    var first = rig.join(1)
    var second = rig.join(2)
    var third = rig.join(3)
    rig.deliver(0, 100, &first, bytes: "{\"a\":1}")
    rig.sync()
    rig.deliver(0, 50, &second, bytes: "{\"a\":2}")
    for turn in 0..<5 {
      let token = try #require(rig.grants(third).last { $0.index == 0 }?.token, "turn \(turn)")
      rig.fail(0, token, &third, .memory)
      rig.sync()
      rig.wait(300_000)
    }
    #expect(decisions(rig) == [.open])
  }

  @Test("after a restart the fence still holds, and an undecided contest goes on")
  func restart() throws {
    let plan = try samplePlan()
    let done = (0..<2).map {
      CommittedStage(stage: $0, token: UInt64(4 + $0), result: Digest(of: [1]), artifact: nil, host: "host1")
    }
    var recovery = Recovery(epoch: 3, tokens: 100..<9_000, committed: done)
    recovery.twins = [RecoveredTwin(stage: 0, token: 6, result: Digest(of: [2]), artifact: nil, host: "host2")]
    recovery.decisions = [(stage: 1, decision: .overturned, fence: 40)]
    var rig = CoordinatorRig(plan, recovery: recovery)
    var third = rig.join(3, slots: 2)
    #expect(rig.grants(third).contains { $0.index == 0 })
    rig.deliver(2, 30, &third)
    #expect(rig.verdicts(third).last == .superseded, "stage 2 reads stage 1, and its lease is below the fence")
    rig.deliver(2, 45, &third)
    #expect(rig.commits.map(\.stage) == [2])
  }

  @Test("a result that was withdrawn with its input contests nothing after a restart")
  func withdrawn() throws {
    let done = (0..<3).map {
      CommittedStage(stage: $0, token: UInt64(50 + $0), result: Digest(of: [1]), artifact: nil, host: "host1")
    }
    var recovery = Recovery(epoch: 3, tokens: 100..<9_000, committed: done)
    recovery.decisions = [(stage: 0, decision: .overturned, fence: 40)]
    recovery.twins = [RecoveredTwin(stage: 2, token: 9, result: Digest(of: [2]), artifact: nil, host: "host2")]
    var rig = CoordinatorRig(try samplePlan(), recovery: recovery)
    let hand = rig.join(3, slots: 4)
    #expect(rig.grants(hand).map(\.index) == [3])
  }

  @Test("five computations of which no two agree leave the matter open")
  func open() throws {
    var rig = CoordinatorRig(try flatPlan(2), recovery: Recovery(epoch: 2, tokens: 100..<9_000))
    var hands = (1...5).map { rig.join(UInt8($0)) }
    rig.deliver(0, 100, &hands[0], bytes: "{\"a\":0}")
    rig.sync()
    for place in 1..<5 {
      rig.deliver(0, UInt64(10 + place), &hands[place], bytes: "{\"a\":\(place)}")
      rig.sync()
    }
    #expect(decisions(rig) == [.open])
  }

  @Test("a host whose results are outvoted three times is quarantined")
  func liar() throws {
    var rig = CoordinatorRig(try flatPlan(9), recovery: Recovery(epoch: 2, tokens: 100..<9_000))
    var (good, liar, judge) = (rig.join(1), rig.join(2), rig.join(3, slots: 9))
    for stage in 0..<3 {
      rig.deliver(stage, UInt64(10 + stage), &good, bytes: "{}")
      rig.sync()
      rig.deliver(stage, UInt64(20 + stage), &liar, bytes: "{\"x\":1}")
      rig.sync()
      rig.deliver(stage, UInt64(30 + stage), &judge, bytes: "{}")
    }
    #expect(rig.logs.contains { $0.contains("host host2 is quarantined") })
  }
}

extension CoordinatorAction {
  fileprivate var isOverturn: Bool { if case .overturn = self { true } else { false } }
}
