// The last stages of a plan are computed twice where that is expected to end it sooner.

import Canonical
import Coordination
import Messages
import Testing

@Suite("clones of the last stages")
struct CloneTests {
  private func beat(_ rig: inout CoordinatorRig, _ hand: inout Hand, _ token: UInt64, epoch: Int, of epochs: Int = 10) {
    let progress = LeaseProgress(token: token, epoch: epoch, epochs: epochs, loss: 0.5, isFinished: false)
    rig.say(.beat(Beat(leases: [progress], freeSlots: 0)), &hand)
  }

  /// One stage, held by a worker that has stopped at its third epoch while its beats go on.
  private func stalled(
    _ recovery: Recovery = Recovery(epoch: 1, tokens: 1..<100_000)
  ) throws -> (CoordinatorRig, slow: Hand, idle: Hand) {
    var rig = CoordinatorRig(try flatPlan(1), recovery: recovery)
    var slow = rig.join(1)
    var idle = rig.join(2)
    _ = rig.heard(slow)
    for epoch in 0...3 {
      rig.now_ms += 1_000
      beat(&rig, &slow, 1, epoch: epoch)
    }
    for _ in 0..<12 {
      rig.now_ms += 1_000
      beat(&rig, &slow, 1, epoch: 3)
      rig.beat(&idle, [])
      rig.does(.tick)
    }
    return (rig, slow, idle)
  }

  @Test("a stage that does not advance is computed on an idle host too; the second result verifies the first")
  func clone() throws {
    var (rig, slow, idle) = try stalled()
    let grant = try #require(rig.grants(idle).first)
    #expect(grant.index == 0 && grant.token > 1)
    rig.deliver(0, grant.token, &idle)
    rig.sync()
    #expect(rig.machine.state(of: 0) == .committed)
    rig.deliver(0, 1, &slow)
    #expect(rig.verdicts(slow) == [.duplicate])
    #expect(rig.machine.status["verifications"]?.integer == 1)
    #expect(rig.actions.contains(.recordVerification(stage: 0, token: 1)))
  }

  @Test("a clone goes on where the worker of the stage dies")
  func heir() throws {
    var (rig, slow, idle) = try stalled()
    let grant = try #require(rig.grants(idle).first)
    rig.say(.goodbye(reason: "over"), &slow)
    #expect(rig.machine.state(of: 0) == .leased)
    rig.deliver(0, grant.token, &idle)
    rig.sync()
    #expect(rig.machine.state(of: 0) == .committed)
  }

  @Test("a stage whose clone failed is not cloned again while its first worker goes on")
  func failingClone() throws {
    var (rig, slow, idle) = try stalled()
    var third = rig.join(3)
    let grant = try #require(rig.grants(idle).first)
    rig.say(.failure(Failure(token: grant.token, stage: grant.stage, kind: .task, text: "it fails")), &idle)
    rig.sync()
    for _ in 0..<20 {
      rig.now_ms += 1_000
      beat(&rig, &slow, 1, epoch: 3)
      rig.beat(&idle, [])
      rig.beat(&third, [])
      rig.does(.tick)
    }
    #expect(rig.grants(idle).isEmpty && rig.grants(third).isEmpty)
  }

  @Test("a clone begins at the beginning, since from a state of the other it would verify nothing")
  func independent() throws {
    var recovery = Recovery(epoch: 1, tokens: 1..<100_000)
    recovery.checkpoints = [(stage: 0, epoch: 3, artifact: ArtifactName(digest: Digest(of: [7]), size: 1))]
    var (rig, slow, idle) = try stalled(recovery)
    #expect(rig.grants(idle).map(\.checkpoint) == [nil])
    (slow, idle) = (idle, slow)
  }

  @Test("a stage that hangs before its first epoch is cloned too")
  func hanging() throws {
    var rig = CoordinatorRig(try flatPlan(1))
    var slow = rig.join(1)
    var idle = rig.join(2)
    for _ in 0..<40 {
      rig.now_ms += 1_000
      beat(&rig, &slow, 1, epoch: 0)
      rig.beat(&idle, [])
      rig.does(.tick)
    }
    #expect(rig.grants(idle).first?.index == 0)
  }

  @Test("a coordinator that stood still takes nobody for a straggler")
  func pause() throws {
    var rig = CoordinatorRig(try flatPlan(1))
    var steady = rig.join(1)
    let idle = rig.join(2)
    for epoch in 0..<4 {
      rig.now_ms += 900
      beat(&rig, &steady, 1, epoch: epoch)
    }
    rig.now_ms += 60_000
    rig.does(.tick)
    #expect(rig.grants(idle).isEmpty)
  }

  @Test("a stage that advances is not cloned")
  func steady() throws {
    var rig = CoordinatorRig(try flatPlan(1))
    var steady = rig.join(1)
    var idle = rig.join(2)
    for epoch in 0..<9 {
      rig.now_ms += 4_000
      beat(&rig, &steady, 1, epoch: epoch)
      rig.beat(&idle, [])
      rig.does(.tick)
    }
    #expect(rig.grants(idle).isEmpty)
  }

  @Test("inputs are granted to the worker that made them")
  func locality() throws {
    var rig = CoordinatorRig(try samplePlan())
    var maker = rig.join(1)
    var other = rig.join(2)
    _ = (rig.heard(maker), rig.heard(other))
    let name = ArtifactName(digest: .init(of: [7]), size: 1)
    rig.deliver(1, 2, &other)
    rig.sync()
    rig.deliver(0, 1, &maker, artifact: name)
    rig.say(.artifactChunk(ArtifactChunk(artifact: name, offset: 0, bytes: [7])), &maker)
    rig.does(.artifactStored(name.digest, ArtifactHeader(stage: rig.graph.digests[0], subjects: ["target/S01"])))
    rig.sync()
    #expect(rig.grants(maker).map(\.index) == [2])
    #expect(rig.grants(other).isEmpty)
  }
}
