// A result is outvoted while one that was computed from it is contested too: what is decided below it is void.

import Canonical
import Coordination
import Messages
import Testing

@Suite("results that are withdrawn with their input")
struct WithdrawalTests {
  private let artifact = ArtifactName(digest: Digest(of: [9]), size: 3)

  /// Stages 0 and 2, which reads it, are in the ledger by host 1, and host 2 came with other bytes of both.
  private func contested() throws -> (rig: CoordinatorRig, third: Hand) {
    var rig = CoordinatorRig(
      try samplePlan(), recovery: Recovery(epoch: 2, tokens: 100..<9_000), change: { $0.lease_ms = 100_000_000 })
    var first = rig.join(1, slots: 2)
    rig.deliver(0, 100, &first, bytes: "{\"a\":1}")
    rig.deliver(1, 101, &first)
    rig.sync()
    rig.deliver(2, 102, &first, bytes: "{\"b\":1}")
    rig.sync()
    var second = rig.join(2)
    rig.deliver(0, 50, &second, bytes: "{\"a\":2}")
    rig.deliver(2, 52, &second, bytes: "{\"b\":2}", artifact: artifact)
    rig.sync()
    let third = rig.join(3, slots: 4)
    return (rig, third)
  }

  private func overturned(_ rig: CoordinatorRig) -> [Int] {
    rig.actions.compactMap { if case .overturn(let record, _) = $0 { record.stage } else { nil } }
  }

  private func decided(_ rig: CoordinatorRig) -> [Int] {
    rig.actions.compactMap { if case .recordDecision(let stage, _, _) = $0 { stage } else { nil } }
  }

  /// How far the right result of stage 2, as it seems, has come when stage 0 is outvoted.
  enum Progress: CaseIterable { case fetching, verifying, late }

  @Test(
    "an overturn that is not written yet falls with the input that it was computed from",
    arguments: Progress.allCases)
  func nested(progress: Progress) throws {
    var (rig, third) = try contested()
    if progress != .late { rig.deliver(2, 62, &third, bytes: "{\"b\":2}", artifact: artifact) }
    let piece = Message.artifactChunk(ArtifactChunk(artifact: artifact, offset: 0, bytes: [1, 2, 3]))
    if progress == .verifying { rig.say(piece, &third) }
    #expect(overturned(rig).isEmpty)
    rig.deliver(0, 60, &third, bytes: "{\"a\":2}")
    if progress == .late { rig.deliver(2, 62, &third, bytes: "{\"b\":2}", artifact: artifact) }
    if progress != .verifying { rig.say(piece, &third) }
    rig.does(.artifactStored(artifact.digest, ArtifactHeader(stage: rig.graph.digests[2], subjects: [])))
    #expect(overturned(rig) == [0] && decided(rig) == [0])
    rig.sync()
    rig.does(.tick)
    #expect(rig.machine.inconsistency == nil)
    #expect([.ready, .leased].contains(rig.machine.state(of: 2)))
  }

  @Test("a contest below a result that is being replaced is not decided, and goes on where the ledger refuses")
  func refused() throws {
    var (rig, third) = try contested()
    rig.deliver(0, 60, &third, bytes: "{\"a\":2}")
    rig.deliver(2, 62, &third, bytes: "{\"b\":1}")
    #expect(decided(rig) == [0], "that it agrees with the ledger says nothing while its input is in doubt")
    rig.does(.commitFailed(stage: 0, token: 60, why: "disk full"))
    #expect(rig.machine.inconsistency == nil)
    rig.deliver(2, 63, &third, bytes: "{\"b\":1}")
    #expect(decided(rig) == [0, 2])
  }

  @Test("what was decided about a withdrawn result does not hold for its successor", arguments: [40, 41] as [UInt64])
  func successor(fence: UInt64) throws {
    let done = (0..<3).map {
      CommittedStage(stage: $0, token: UInt64(50 + $0), result: Digest(of: [1]), artifact: nil, host: "host1")
    }
    var recovery = Recovery(epoch: 3, tokens: 100..<9_000, committed: done)
    recovery.decisions = [(stage: 0, decision: .overturned, fence: 40), (stage: 2, decision: .upheld, fence: fence)]
    recovery.twins = [RecoveredTwin(stage: 2, token: 60, result: Digest(of: [2]), artifact: nil, host: "host2")]
    var rig = CoordinatorRig(try samplePlan(), recovery: recovery)
    let hand = rig.join(3, slots: 4)
    #expect(rig.grants(hand).map(\.index).sorted() == (fence > 40 ? [3] : [2, 3]))
  }
}
