// Leases: who gets what, how they are kept, lost, and found again.

import Canonical
import Coordination
import Messages
import Testing

@Suite("leases")
struct LeaseTests {
  @Test("stages that others wait for come first, in the order of the plan, one for each slot")
  func order() throws {
    var rig = CoordinatorRig(try samplePlan())
    let hand = rig.join(1, slots: 2)
    let grants = rig.grants(hand)
    #expect(grants.map(\.index) == [0, 1])
    #expect(grants.map(\.token) == [1, 2])
    #expect(grants.map(\.attempt) == [1, 1])
    #expect(grants[0].description == rig.graph.description(of: 0))
  }

  @Test("a stage waits for its inputs, and its grant names their artifacts")
  func inputs() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1, slots: 2)
    _ = rig.grants(hand)
    rig.deliver(0, 1, &hand)
    rig.sync()
    #expect(rig.grants(hand).isEmpty)
    rig.deliver(1, 2, &hand)
    rig.sync()
    let grant = try #require(rig.grants(hand).first)
    #expect(grant.index == 2)
    #expect(grant.parents.isEmpty, "inputs without an artifact are not named")
  }

  @Test("while there is plenty a worker gets one stage more than its slots, at the end it does not")
  func credit() throws {
    var rig = CoordinatorRig(try flatPlan(6))
    var first = rig.join(1)
    #expect(rig.grants(first).map(\.index) == [0, 1])
    for (stage, token) in [(0, UInt64(1)), (1, 2), (2, 3), (3, 4)] {
      rig.deliver(stage, token, &first)
      rig.sync()
    }
    #expect(rig.grants(first).map(\.index) == [2, 3, 4])
    let second = rig.join(2)
    #expect(rig.grants(second).map(\.index) == [5])
  }

  /// A lease runs out with silence; the stage goes to another with a higher token, and the late answer is taken.
  @Test("the stage of a silent worker moves, and its late result is taken when nobody was faster")
  func expiredLease() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hands = [rig.join(1), rig.join(2)]
    #expect(rig.grants(hands[0]).map(\.index) == [0])
    #expect(rig.grants(hands[1]).map(\.index) == [1])
    rig.beat(&hands[0], [1])
    rig.wait(16_000, beating: [(1, [2])], &hands)
    #expect(rig.failures.map(\.isBlamed) == [false], "a loss, not a failure")
    #expect(rig.machine.state(of: 0) == .ready)
    rig.deliver(1, 2, &hands[1])
    rig.sync()
    #expect(rig.grants(hands[1]).map(\.token) == [3])
    // The silent one comes back: it is not known, greets again with what it has, and its result is taken.
    rig.deliver(0, 1, &hands[0])
    #expect(rig.heard(hands[0]).contains(.rehello))
    let held = [HeldLease(stage: rig.graph.digests[0], token: 1, isFinished: true)]
    hands[0] = rig.join(1, held: held, after: hands[0].sequence)
    rig.deliver(0, 1, &hands[0])
    rig.sync()
    #expect(rig.verdicts(hands[0]) == [.committed])
    #expect(rig.heard(hands[1]).contains(.cancel(token: 3)), "the other one need not go on")
    #expect(rig.machine.state(of: 0) == .committed)
  }

  @Test("the stages of a worker that closed its connection and does not come back move long before its lease ends")
  func closedConnection() throws {
    var rig = CoordinatorRig(try flatPlan(6))
    var dead = rig.join(1)
    #expect(rig.grants(dead).map(\.token) == [1, 2], "one for its slot, one more")
    rig.does(.connectionsClosed([ClosedConnection(peer: Peer(bytes: [9]), setup_ms: 0)]))
    rig.does(.connectionsClosed([ClosedConnection(peer: dead.peer, setup_ms: 125)]))
    rig.wait(750)
    #expect(rig.machine.workerCount == 1, "a slow link gets more time: twice what its connection took")
    rig.wait(250)
    #expect(rig.machine.workerCount == 0)
    #expect(rig.failures.map(\.token) == [1])
    #expect(rig.failures.map(\.isBlamed) == [false])
    #expect(rig.failures.first?.text.hasSuffix("went away without a word while it computed this stage") == true)
    #expect(rig.released.map(\.token) == [2])
    rig.sync()
    #expect((0...1).map { rig.machine.state(of: $0) } == [.ready, .ready])
    rig.beat(&dead, [1])
    #expect(rig.heard(dead).contains(.rehello), "what comes late is answered as after a lease")
  }

  @Test("who greets again over another connection keeps its leases, and time in which we stood still does not count")
  func reopenedConnection() throws {
    var rig = CoordinatorRig(try flatPlan(6))
    var hands = [rig.join(1)]
    let held = [1, 2].map { HeldLease(stage: rig.graph.digests[$0 - 1], token: UInt64($0), isFinished: false) }
    rig.does(.connectionsClosed([ClosedConnection(peer: hands[0].peer, setup_ms: 0)]))
    rig.wait(500)
    hands[0] = rig.join(1, held: held, after: hands[0].sequence)
    rig.wait(3_000)
    #expect(rig.machine.workerCount == 1)
    rig.does(.connectionsClosed([ClosedConnection(peer: hands[0].peer, setup_ms: 0)]))
    rig.now_ms += 900
    rig.does(.tick)
    #expect(rig.machine.workerCount == 1, "a short stall took its time away")
    rig.wait(500)
    hands[0] = rig.join(1, held: held, after: hands[0].sequence)
    rig.wait(3_000, beating: [(0, [1, 2])], &hands)
    // Workers close their connections themselves where nobody answers, and we hear of that when we go on.
    rig.now_ms += 60_000
    rig.does(.tick)
    rig.does(.connectionsClosed([ClosedConnection(peer: hands[0].peer, setup_ms: 0)]))
    rig.wait(10_000, beating: [(0, [1, 2])], &hands)
    #expect(rig.machine.workerCount == 1 && rig.failures.isEmpty && rig.machine.count(of: .leased) == 2)
    rig.wait(10_000, beating: [(0, [1, 2])], &hands)
    #expect(rig.machine.workerCount == 0, "who does not greet within a lease is lost then")
  }

  @Test("what a worker had not begun when it fell silent counts no loss, and its attempt is closed")
  func innocentLoss() throws {
    var rig = CoordinatorRig(try flatPlan(6))
    let hand = rig.join(1)
    #expect(rig.grants(hand).map(\.token) == [1, 2], "one for its slot, one more")
    rig.wait(16_000)
    #expect(rig.failures.map(\.token) == [1])
    #expect(rig.released.map(\.token) == [2])
    #expect(rig.released.allSatisfy { !$0.isCounted && !$0.isBlamed })
    #expect(rig.machine.state(of: 1) == .ready)
  }

  @Test("a stage that kills its workers before their first beat is given up")
  func deadlyStage() throws {
    var rig = CoordinatorRig(try samplePlan()) { $0.lossesLimit = 3 }
    for name in UInt8(1)...3 {
      #expect(rig.machine.state(of: 0) == .ready)
      let hand = rig.join(name)
      #expect(rig.grants(hand).map(\.index) == [0])
      rig.wait(16_000)
    }
    #expect(rig.failures.map(\.isLast) == [false, false, true])
    #expect(rig.machine.state(of: 0) == .failed)
  }

  /// The coordinator stood still for a minute (SIGSTOP, a laptop asleep): no worker is blamed.
  @Test("a pause of the coordinator extends every lease")
  func pauseCredit() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hands = [rig.join(1)]
    rig.beat(&hands[0], [1])
    rig.wait(5_000, beating: [(0, [1])], &hands)
    rig.now_ms += 60_000
    rig.does(.tick)
    #expect(rig.machine.state(of: 0) == .leased)
    rig.wait(3_000, beating: [(0, [1])], &hands)
    #expect(rig.machine.state(of: 0) == .leased)
    #expect(rig.failures.isEmpty)
  }

  @Test("a grant that two beats do not name was lost, and goes out again with a new token")
  func lostGrant() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hands = [rig.join(1)]
    #expect(rig.grants(hands[0]).map(\.token) == [1])
    rig.wait(6_000, beating: [(0, [])], &hands)
    #expect(rig.grants(hands[0]).map(\.token).first == 2)
    #expect(rig.failures.isEmpty, "nobody is to blame")
  }

  @Test("a worker is told to stop what it has no lease for, unless it is finished")
  func unknownToken() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1)
    _ = rig.heard(hand)
    rig.beat(&hand, [1, 77])
    #expect(rig.heard(hand).contains(.cancel(token: 77)))
    let finished = LeaseProgress(token: 78, epoch: 1, epochs: 1, loss: 0, isFinished: true)
    rig.say(.beat(Beat(leases: [finished], freeSlots: 1)), &hand)
    #expect(!rig.heard(hand).contains(.cancel(token: 78)))
  }

  @Test("a worker that says goodbye is not blamed")
  func goodbye() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1)
    rig.beat(&hand, [1])
    rig.say(.goodbye(reason: "told to stop"), &hand)
    #expect(rig.machine.state(of: 0) == .ready)
    #expect(rig.failures.isEmpty)
    #expect(rig.released.map(\.token) == [1], "its attempt is closed")
  }

  @Test("tokens end with their block, and go on when the next one is reserved")
  func tokens() throws {
    var rig = CoordinatorRig(try samplePlan(), recovery: Recovery(epoch: 4, tokens: 500..<501))
    let hand = rig.join(1, slots: 2)
    #expect(rig.grants(hand).map(\.token) == [500])
    #expect(rig.actions.contains(.reserveTokens(after: 501)))
    rig.does(.tokensReserved(upTo: 2_000))
    #expect(rig.grants(hand).map(\.token) == [501])
  }

  /// After a restart: the ledger knows what was granted, and the worker that has it comes back within the grace.
  @Test("work in flight over a restart is kept for its worker, and not computed twice")
  func restart() throws {
    let graph = try samplePlan()
    let recovery = Recovery(epoch: 2, tokens: 1_000..<9_000, granted: [(0, 5)])
    var rig = CoordinatorRig(graph, recovery: recovery)
    var other = rig.join(2, slots: 2)
    #expect(rig.grants(other).map(\.index) == [1], "stage 0 waits for its worker")
    var hands = [Hand(peer: Peer(bytes: [1]))]
    hands[0].session = 99
    rig.beat(&hands[0], [5])
    #expect(rig.heard(hands[0]) == [.rehello])
    let held = [HeldLease(stage: graph.digests[0], token: 5, isFinished: false)]
    hands[0] = rig.join(1, held: held, after: hands[0].sequence)
    #expect(rig.grants(hands[0]).isEmpty)
    #expect(rig.machine.state(of: 0) == .leased)
    rig.deliver(0, 5, &hands[0])
    rig.sync()
    #expect(rig.verdicts(hands[0]) == [.committed])
    rig.beat(&other, [1_000])
    #expect(rig.machine.count(of: .committed) == 1)
  }

  @Test("a stage whose input was lost with the restart waits for its worker too, once the input is there again")
  func graceBehindALostInput() throws {
    let done = CommittedStage(stage: 1, token: 5, result: Digest(of: [1]), artifact: nil)
    let recovery = Recovery(epoch: 2, tokens: 100..<9_000, committed: [done], granted: [(stage: 2, token: 7)])
    var rig = CoordinatorRig(try samplePlan(), recovery: recovery)
    var other = rig.join(1, slots: 2)
    rig.deliver(0, try #require(rig.grants(other).last?.token), &other)
    rig.sync()
    #expect(rig.machine.state(of: 2) == .reserved)
    #expect(rig.grants(other).isEmpty)
    let held = [HeldLease(stage: rig.graph.digests[2], token: 7, isFinished: false)]
    _ = rig.join(2, held: held)
    #expect(rig.machine.state(of: 2) == .leased)
  }

  @Test("another worker's answer that came to nothing does not end the grace")
  func graceOverALostAnswer() throws {
    let recovery = Recovery(epoch: 2, tokens: 100..<9_000, granted: [(stage: 0, token: 7)])
    var rig = CoordinatorRig(try samplePlan(), recovery: recovery)
    let finished = [HeldLease(stage: rig.graph.digests[0], token: 3, isFinished: true)]
    var other = rig.join(1, held: finished)
    let artifact = ArtifactName(digest: Digest(of: [9]), size: 3)
    rig.deliver(0, 3, &other, artifact: artifact)
    rig.say(.artifactMissing(artifact.digest), &other)
    #expect(rig.machine.state(of: 0) == .reserved)
  }

  @Test("an older lease does not take a stage that waits for the worker of the newest: its greeting may be a late one")
  func graceOverAnOldGreeting() throws {
    let recovery = Recovery(epoch: 2, tokens: 100..<9_000, granted: [(stage: 0, token: 7)])
    var rig = CoordinatorRig(try samplePlan(), recovery: recovery)
    func held(_ token: UInt64) -> [HeldLease] {
      [HeldLease(stage: rig.graph.digests[0], token: token, isFinished: false)]
    }
    let old = rig.join(1, held: held(3))
    #expect(rig.heard(old).contains(.cancel(token: 3)))
    #expect(rig.machine.state(of: 0) == .reserved)
    let new = rig.join(2, held: held(7))
    #expect(rig.machine.state(of: 0) == .leased)
    #expect(!rig.heard(new).contains(.cancel(token: 7)))
  }

  @Test("after the grace the stage goes to another, and who comes later is told to stop")
  func graceEnds() throws {
    let graph = try samplePlan()
    var rig = CoordinatorRig(graph, recovery: Recovery(epoch: 2, tokens: 1_000..<9_000, granted: [(0, 5)]))
    var hands = [rig.join(2)]
    rig.wait(15_250, beating: [(0, [1_000])], &hands)
    rig.deliver(1, 1_000, &hands[0])
    rig.sync()
    #expect(rig.grants(hands[0]).last?.index == 0)
    let late = rig.join(1, held: [HeldLease(stage: graph.digests[0], token: 5, isFinished: false)])
    #expect(rig.heard(late).contains(.cancel(token: 5)))
  }
}
