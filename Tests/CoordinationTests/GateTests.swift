// Gates: what is closed is not granted, what is dropped is decided, and neither loses a result.

import Canonical
import Coordination
import Messages
import Testing

@Suite("gates")
struct GateTests {
  @Test("a stage that is dropped keeps no epoch checkpoint")
  func checkpointOfDropped() throws {
    var recovery = Recovery(epoch: 2, tokens: 100..<9_000)
    let state = ArtifactName(digest: Digest(of: [7]), size: 1)
    recovery.checkpoints = [(stage: 0, epoch: 3, artifact: state)]
    var rig = CoordinatorRig(try flatPlan(2), recovery: recovery)
    rig.does(.dropped(stages: [0]))
    #expect(rig.actions.contains(.recordCheckpoint(stage: 0, epoch: 0, nil)))
    #expect(rig.actions.contains(.removeArtifact(state.digest)))
  }

  /// A coordinator of flat stages of which some are closed before the start.
  private func rig(_ count: Int, closed: [Int], recovery: Recovery = Recovery(epoch: 1, tokens: 1..<9_000)) throws
    -> CoordinatorRig
  {
    CoordinatorRig(try flatPlan(count), recovery: recovery, before: [.closed(stages: closed)])
  }

  @Test("a closed stage is not granted, nor is the run over, until it is opened")
  func closed() throws {
    var rig = try rig(3, closed: [1, 2])
    var hand = rig.join(1, slots: 4)
    #expect(rig.grants(hand).map(\.index) == [0])
    rig.deliver(0, 1, &hand)
    rig.sync()
    #expect(!rig.isFinished && rig.grants(hand).isEmpty)
    #expect(rig.machine.why(1).contains("verdict"))
    rig.does(.opened(stages: [1]))
    #expect(rig.grants(hand).map(\.index) == [1])
    rig.does(.opened(stages: [1, 2]))
    #expect(rig.grants(hand).map(\.index) == [2])
  }

  @Test("an opened stage still waits for its inputs")
  func inputs() throws {
    var rig = CoordinatorRig(try samplePlan(), before: [.closed(stages: [2, 3])])
    var hand = rig.join(1, slots: 4)
    rig.does(.opened(stages: [2]))
    #expect(rig.grants(hand).map(\.index) == [0, 1])
    rig.deliver(0, 1, &hand)
    rig.sync()
    #expect(rig.grants(hand).isEmpty)
    rig.deliver(1, 2, &hand)
    rig.sync()
    #expect(rig.grants(hand).map(\.index) == [2])
    rig.deliver(2, 3, &hand)
    rig.sync()
    #expect(rig.grants(hand).isEmpty, "stage 3 has its input and is closed")
  }

  @Test("dropped stages are decided: the run ends without them, and without fault")
  func dropped() throws {
    var rig = try rig(3, closed: [1, 2])
    var hand = rig.join(1)
    rig.deliver(0, 1, &hand)
    rig.does(.dropped(stages: [0, 1, 2]))
    #expect(rig.machine.state(of: 0) == .settling, "what is on its way into the ledger stays")
    rig.sync()
    #expect(rig.machine.state(of: 0) == .committed && rig.machine.state(of: 1) == .dropped)
    #expect(rig.isFinished && rig.machine.outcome.exitStatus == 0)
    #expect(rig.machine.outcome.failed.isEmpty && rig.machine.outcome.blocked.isEmpty)
  }

  @Test("a dropped stage that is being computed is taken back, and its late result is not needed")
  func late() throws {
    var rig = try rig(2, closed: [])
    var hand = rig.join(1, slots: 2)
    #expect(rig.grants(hand).count == 2)
    rig.does(.dropped(stages: [1]))
    #expect(rig.heard(hand).contains(.cancel(token: 2)))
    rig.deliver(1, 2, &hand)
    #expect(rig.verdicts(hand) == [.superseded] && rig.commits.isEmpty)
    rig.does(.opened(stages: [1]))
    #expect(rig.grants(hand).isEmpty)
  }

  @Test("a stage given up leaves closed ones to be dropped, and blocks nothing for ever")
  func blocked() throws {
    var rig = CoordinatorRig(try samplePlan(), before: [.closed(stages: [2, 3])]) { $0.failuresLimit = 1 }
    var hand = rig.join(1, slots: 2)
    var token: UInt64 = 1
    while rig.machine.state(of: 0) != .failed, token < 20 {
      rig.fail(0, token, &hand)
      rig.sync()
      token = rig.grants(hand).filter { $0.index == 0 }.map(\.token).max() ?? token + 1
    }
    #expect(rig.machine.state(of: 0) == .failed && rig.machine.state(of: 2) == .blocked)
    rig.does(.dropped(stages: [0, 2, 3]))
    #expect(rig.machine.state(of: 0) == .failed && rig.machine.state(of: 2) == .dropped)
    #expect(rig.machine.outcome.failed == [0])
  }

  @Test("after a restart the same words give the same standing")
  func restart() throws {
    let done = CommittedStage(stage: 0, token: 1, result: Digest(of: Array("{}".utf8)), artifact: nil)
    let recovery = Recovery(epoch: 2, tokens: 100..<900, committed: [done])
    var rig = CoordinatorRig(
      try flatPlan(4), recovery: recovery,
      before: [.closed(stages: [1, 2, 3]), .opened(stages: [1]), .dropped(stages: [2])])
    let hand = rig.join(1, slots: 4)
    #expect(rig.grants(hand).map(\.index) == [1])
    #expect(rig.machine.state(of: 2) == .dropped && rig.machine.state(of: 3) == .waiting)
  }
}

extension CoordinatorRig {
  /// Whether the machine said that nothing is left to do.
  fileprivate var isFinished: Bool {
    actions.contains { if case .finished = $0 { true } else { false } }
  }
}
