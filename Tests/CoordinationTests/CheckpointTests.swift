// Epoch checkpoints: they travel with the stage, only its holder may send one, and going without one loses no stage.

import Canonical
import Coordination
import Messages
import Testing

@Suite("epoch checkpoints")
struct CheckpointTests {
  private func name(_ byte: UInt8) -> ArtifactName { ArtifactName(digest: Digest(of: [byte]), size: 1) }

  /// A worker offers a state of stage 0, and the store gets it where it is asked for.
  private func offer(
    _ rig: inout CoordinatorRig, _ hand: inout Hand, token: UInt64, epoch: Int, _ byte: UInt8, of stage: Int = 0
  ) {
    let artifact = name(byte)
    let message = EpochCheckpoint(token: token, stage: rig.graph.digests[stage], epoch: epoch, artifact: artifact)
    rig.say(.epochCheckpoint(message), &hand)
    guard rig.heard(hand).contains(.artifactRequest(digest: artifact.digest, offset: 0)) else { return }
    rig.say(.artifactChunk(ArtifactChunk(artifact: artifact, offset: 0, bytes: [byte])), &hand)
    rig.does(.artifactStored(artifact.digest, ArtifactHeader(stage: rig.graph.digests[stage], subjects: [])))
  }

  private func kept(_ rig: CoordinatorRig) -> [Int] {
    rig.actions.compactMap { if case .recordCheckpoint(_, let epoch, _) = $0 { epoch } else { nil } }
  }

  @Test("the newest state goes along with the next grant; the one before it is removed")
  func travels() throws {
    var rig = CoordinatorRig(try flatPlan(1))
    var first = rig.join(1)
    offer(&rig, &first, token: 1, epoch: 3, 30)
    offer(&rig, &first, token: 1, epoch: 6, 60)
    offer(&rig, &first, token: 1, epoch: 5, 50)
    #expect(kept(rig) == [3, 6])
    #expect(rig.actions.contains(.removeArtifact(name(30).digest)))
    rig.say(.goodbye(reason: "over"), &first)
    let second = rig.join(2)
    #expect(rig.grants(second).map(\.checkpoint) == [name(60)])
    let isSaid = rig.actions.contains { action in
      if case .log(let line) = action { line.contains("stage 0 goes on from epoch 6") } else { false }
    }
    #expect(isSaid)
  }

  @Test("a state that is offered while another is fetched is fetched next")
  func next() throws {
    var rig = CoordinatorRig(try flatPlan(1))
    var hand = rig.join(1)
    for epoch in [3, 4, 5] {
      let message = EpochCheckpoint(
        token: 1, stage: rig.graph.digests[0], epoch: epoch, artifact: name(UInt8(10 * epoch)))
      rig.say(.epochCheckpoint(message), &hand)
    }
    rig.say(.artifactMissing(name(30).digest), &hand)
    rig.say(.artifactChunk(ArtifactChunk(artifact: name(50), offset: 0, bytes: [50])), &hand)
    rig.does(.artifactStored(name(50).digest, ArtifactHeader(stage: rig.graph.digests[0], subjects: [])))
    #expect(kept(rig) == [5])
  }

  @Test("a worker that has lost the stage is not asked for its state, and one that comes too late is removed")
  func fence() throws {
    var rig = CoordinatorRig(try flatPlan(1))
    var old = rig.join(1)
    let offer = EpochCheckpoint(token: 1, stage: rig.graph.digests[0], epoch: 3, artifact: name(30))
    rig.say(.epochCheckpoint(offer), &old)
    rig.say(.artifactChunk(ArtifactChunk(artifact: name(30), offset: 0, bytes: [30])), &old)
    rig.say(.goodbye(reason: "over"), &old)
    var next = rig.join(2)
    rig.does(.artifactStored(name(30).digest, ArtifactHeader(stage: rig.graph.digests[0], subjects: [])))
    #expect(kept(rig).isEmpty)
    #expect(rig.actions.contains(.removeArtifact(name(30).digest)))
    let stale = EpochCheckpoint(token: 1, stage: rig.graph.digests[0], epoch: 9, artifact: name(90))
    rig.say(.epochCheckpoint(stale), &next)
    #expect(!rig.heard(next).contains(.artifactRequest(digest: name(90).digest, offset: 0)))
  }

  @Test("it is let go when the stage is committed, and when the stage fails by its own fault")
  func lettingGo() throws {
    var rig = CoordinatorRig(try flatPlan(1))
    var hand = rig.join(1)
    offer(&rig, &hand, token: 1, epoch: 3, 30)
    rig.fail(0, 1, &hand, .numeric)
    #expect(kept(rig) == [3, 0])
    let again = try #require(rig.grants(hand).last)
    #expect(again.checkpoint == nil)
    offer(&rig, &hand, token: again.token, epoch: 4, 40)
    rig.deliver(0, again.token, &hand)
    rig.sync()
    #expect(kept(rig) == [3, 0, 4, 0])
    #expect(rig.actions.contains(.removeArtifact(name(40).digest)))
  }

  @Test("another stage's state, and one of a worker that names strangers, is not kept")
  func wrongHeader() throws {
    var rig = CoordinatorRig(try flatPlan(2))
    var hand = rig.join(1, slots: 2)
    let message = EpochCheckpoint(token: 1, stage: rig.graph.digests[0], epoch: 3, artifact: name(30))
    for header in [
      ArtifactHeader(stage: rig.graph.digests[1], subjects: []), nil,
      ArtifactHeader(stage: rig.graph.digests[0], subjects: ["target/S77"]),
    ] {
      rig.say(.epochCheckpoint(message), &hand)
      rig.say(.artifactChunk(ArtifactChunk(artifact: name(30), offset: 0, bytes: [30])), &hand)
      rig.does(.artifactStored(name(30).digest, header))
    }
    #expect(kept(rig).isEmpty)
  }

  @Test("after a restart of the coordinator it is granted all the same")
  func restart() throws {
    var recovery = Recovery(epoch: 2, tokens: 100..<9_000)
    recovery.checkpoints = [(stage: 0, epoch: 7, artifact: name(70))]
    var rig = CoordinatorRig(try flatPlan(1), recovery: recovery)
    let hand = rig.join(1)
    #expect(rig.grants(hand).map(\.checkpoint) == [name(70)])
  }

  // MARK: - The worker

  private func computed(_ rig: WorkerRig) -> [ArtifactName?] {
    rig.actions.compactMap { if case .compute(_, _, _, _, let state) = $0 { .some(state) } else { nil } }
  }

  @Test("a worker offers what it keeps, and again when it is attached again")
  func offers() {
    var rig = WorkerRig()
    rig.welcome()
    rig.hears(WorkerRig.grant(1, 10))
    rig.does(.kept(stage: Digest(of: [1]), epoch: 4, artifact: name(40)))
    let offer = Message.epochCheckpoint(
      EpochCheckpoint(token: 10, stage: Digest(of: [1]), epoch: 4, artifact: name(40)))
    #expect(rig.messages.filter { $0 == offer }.count == 1)
    rig.hears(.rehello)
    rig.welcome(9, epoch: 2)
    #expect(rig.messages.filter { $0 == offer }.count == 2)
  }

  @Test("a state is fetched before the stage begins; where it cannot be had the stage begins at the beginning")
  func fetches() {
    var rig = WorkerRig()
    rig.welcome()
    rig.hears(WorkerRig.grant(1, 10, checkpoint: name(40)))
    #expect(rig.computed.isEmpty)
    rig.does(.artifactHeld(name(40).digest))
    #expect(computed(rig) == [name(40)])
    var other = WorkerRig()
    other.welcome()
    other.hears(WorkerRig.grant(1, 10, checkpoint: name(40)))
    other.does(.artifactAbsent(name(40).digest))
    other.hears(.artifactMissing(name(40).digest))
    #expect(computed(other) == [nil])
    #expect(!other.messages.contains { if case .failure = $0 { true } else { false } })
  }
}
