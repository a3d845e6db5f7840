// Results: durable before they are answered, taken once, compared ever after; failures: counted, and an end.

import Canonical
import Coordination
import Messages
import Testing

@Suite("results and failures")
struct ResultTests {
  @Test("a result is acknowledged when the ledger has it, and not before")
  func recordThenAnswer() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1)
    rig.deliver(0, 1, &hand)
    rig.deliver(0, 1, &hand)
    #expect(rig.commits.count == 1, "sent twice, written once")
    #expect(rig.verdicts(hand).isEmpty)
    rig.sync()
    #expect(rig.verdicts(hand) == [.committed])
    rig.deliver(0, 1, &hand)
    #expect(rig.verdicts(hand) == [.committed], "the acknowledgement may have been lost")
  }

  @Test("a late twin of the same bytes is a duplicate; of other bytes an alarm, durable before it is answered")
  func lateTwin() throws {
    var rig = CoordinatorRig(try samplePlan(), recovery: Recovery(epoch: 2, tokens: 100..<9_000))
    var first = rig.join(1)
    var second = rig.join(2)
    rig.deliver(0, 100, &first, bytes: "{\"a\":1}")
    rig.sync()
    rig.deliver(0, 50, &second, bytes: "{\"a\":1}")
    #expect(rig.verdicts(second) == [.duplicate])
    rig.deliver(0, 51, &second, bytes: "{\"a\":2}")
    #expect(rig.verdicts(second).isEmpty)
    #expect(rig.actions.contains { if case .recordConflict = $0 { true } else { false } })
    rig.sync()
    #expect(rig.verdicts(second) == [.conflict])
    rig.deliver(0, 51, &second, bytes: "{\"a\":2}")
    #expect(rig.verdicts(second) == [.conflict])
    #expect(rig.machine.outcome.conflicts == 1, "the same twin counts once")
    #expect(rig.machine.outcome.exitStatus == 3)
  }

  @Test("an artifact is fetched in four pieces at a time, verified, and only then committed")
  func artifact() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1)
    _ = rig.heard(hand)
    let size = 5 * Limits.chunkBytes + 10
    let name = ArtifactName(digest: Digest(of: [5]), size: size)
    rig.deliver(0, 1, &hand, artifact: name)
    let asked = rig.heard(hand)
    #expect(asked == (0..<4).map { .artifactRequest(digest: name.digest, offset: $0 * Limits.chunkBytes) })
    for offset in stride(from: 0, to: size, by: Limits.chunkBytes) {
      let bytes = [UInt8](repeating: 1, count: min(Limits.chunkBytes, size - offset))
      rig.say(.artifactChunk(ArtifactChunk(artifact: name, offset: offset, bytes: bytes)), &hand)
    }
    #expect(rig.actions.contains(.verifyArtifact(name)))
    #expect(rig.commits.isEmpty)
    rig.does(.artifactStored(name.digest, ArtifactHeader(stage: rig.graph.digests[0], subjects: ["target/S01"])))
    #expect(rig.commits.map(\.artifact) == [name])
  }

  @Test("a damaged artifact costs the result, not the stage")
  func damagedArtifact() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1)
    let name = ArtifactName(digest: Digest(of: [5]), size: 3)
    rig.deliver(0, 1, &hand, artifact: name)
    rig.say(.artifactChunk(ArtifactChunk(artifact: name, offset: 0, bytes: [1, 2, 3])), &hand)
    _ = rig.heard(hand)
    rig.does(.artifactRefused(name.digest, why: "another digest"))
    #expect(rig.failures.map(\.isBlamed) == [false])
    rig.wait(5_000)
    let heard = rig.heard(hand)
    #expect(heard.first == .acknowledge(Acknowledgement(token: 1, stage: rig.graph.digests[0], verdict: .superseded)))
    #expect(heard.contains { if case .grant(let grant) = $0 { grant.token == 2 && grant.index == 0 } else { false } })
  }

  @Test("an artifact that names subjects that the plan does not is refused")
  func strangeArtifact() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1)
    let name = ArtifactName(digest: Digest(of: [5]), size: 3)
    rig.deliver(0, 1, &hand, artifact: name)
    rig.say(.artifactChunk(ArtifactChunk(artifact: name, offset: 0, bytes: [1, 2, 3])), &hand)
    rig.does(
      .artifactStored(name.digest, ArtifactHeader(stage: rig.graph.digests[0], subjects: ["target/S01", "target/S09"])))
    #expect(rig.commits.isEmpty)
    #expect(rig.failures.map(\.kind) == [.data])
  }

  @Test("an artifact of another stage, or one that does not say its stage, is refused")
  func otherStagesArtifact() throws {
    for header in [ArtifactHeader(stage: Digest(of: [77]), subjects: ["target/S01"]), nil] {
      var rig = CoordinatorRig(try samplePlan())
      var hand = rig.join(1)
      let name = ArtifactName(digest: Digest(of: [5]), size: 3)
      rig.deliver(0, 1, &hand, artifact: name)
      rig.say(.artifactChunk(ArtifactChunk(artifact: name, offset: 0, bytes: [1, 2, 3])), &hand)
      rig.does(.artifactStored(name.digest, header))
      #expect(rig.commits.isEmpty)
      #expect(rig.failures.map(\.kind) == [.data])
      // The same answer once more: what was refused is fetched and looked at again, not taken as known.
      rig.wait(5_000)
      rig.deliver(0, 2, &hand, artifact: name)
      #expect(rig.commits.isEmpty)
    }
  }

  @Test("a fetch goes on with the worker that came back where it was")
  func resumedFetch() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1)
    let name = ArtifactName(digest: Digest(of: [5]), size: 2 * Limits.chunkBytes)
    rig.deliver(0, 1, &hand, artifact: name)
    let piece = [UInt8](repeating: 1, count: Limits.chunkBytes)
    rig.say(.artifactChunk(ArtifactChunk(artifact: name, offset: 0, bytes: piece)), &hand)
    _ = rig.heard(hand)
    let held = [HeldLease(stage: rig.graph.digests[0], token: 1, isFinished: true)]
    let back = rig.join(9, instance: 1, held: held, after: hand.sequence)
    let asked = rig.heard(back).filter { if case .artifactRequest = $0 { true } else { false } }
    #expect(asked == [.artifactRequest(digest: name.digest, offset: Limits.chunkBytes)])
  }

  @Test("a result that the ledger could not take is not acknowledged, and taken again later")
  func fullDisk() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1)
    rig.deliver(0, 1, &hand)
    rig.does(.commitFailed(stage: 0, token: 1, why: "disk full"))
    #expect(rig.verdicts(hand).isEmpty)
    #expect(rig.machine.state(of: 0) == .leased)
    rig.actions = []
    rig.deliver(0, 1, &hand)
    #expect(rig.commits.count == 1)
  }

  /// What waits for the stage is blocked, the rest goes on, and the run ends with 1.
  @Test("a stage that fails three times is given up, with all that waits for it")
  func failures() throws {
    var rig = CoordinatorRig(try samplePlan(), change: { $0.grace_ms = 0 })
    var hand = rig.join(1)
    rig.deliver(0, 1, &hand)
    rig.sync()
    for token in UInt64(2)...4 {
      let grant = try #require(rig.grants(hand).last)
      #expect(grant.token == token && grant.attempt == Int(token) - 1)
      rig.fail(1, token, &hand)
      rig.fail(1, token, &hand)
      #expect(rig.failures.map(\.isLast) == [token == 4], "sent twice, counted once")
      let isAnswered = rig.actions.contains { rig.isAnswer($0) }
      #expect(!isAnswered, "not before it is durable")
      rig.sync()
    }
    #expect(rig.verdicts(hand) == [.recorded])
    #expect(rig.machine.state(of: 1) == .failed)
    #expect(rig.machine.state(of: 3) == .blocked)
    #expect(rig.outcomes == [Outcome(failed: [1], blocked: [2, 3], conflicts: 0, isInterrupted: false)])
    #expect(rig.outcomes.first?.exitStatus == 1)
    #expect(rig.machine.why(1).contains("it went wrong"))
    #expect(rig.machine.why(2) == "it waits for stage 1 (failed)")
  }

  @Test("retry while the plan runs puts a stage and what waits for it back")
  func liveRetry() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1)
    var other = rig.join(2, slots: 2)
    rig.fail(0, 1, &hand)
    rig.fail(0, 3, &other)
    #expect(rig.machine.state(of: 0) == .failed)
    #expect(rig.outcomes.isEmpty, "stage 1 is still computed")
    let peer = Peer(bytes: [77])
    let request = Message.control(Array("{\"verb\":\"retry\"}".utf8))
    rig.does(.received(peer, Envelope(epoch: 0, session: 0, sequence: 0, message: request)))
    #expect(rig.machine.state(of: 0) == .leased)
    #expect(rig.machine.state(of: 3) == .waiting)
    #expect(rig.actions.contains(.recordRetry(stages: [0])))
    let reply = Message.controlReply(Array("{\"ok\":true,\"stages\":[0]}".utf8))
    #expect(rig.actions.contains(.send(peer, Envelope(epoch: 1, session: 0, sequence: 0, message: reply))))
  }

  @Test("a late success of a stage that was given up opens what waited for it")
  func lateSuccess() throws {
    let recovery = Recovery(epoch: 2, tokens: 100..<9_000)
    var rig = CoordinatorRig(try samplePlan(), recovery: recovery) {
      $0.failuresLimit = 1
      $0.grace_ms = 0
    }
    var hand = rig.join(1)
    rig.fail(0, 100, &hand)
    #expect(rig.machine.state(of: 2) == .blocked)
    var other = rig.join(2)
    rig.deliver(0, 90, &other)
    rig.sync()
    #expect(rig.machine.state(of: 0) == .committed)
    #expect(rig.actions.contains(.recordRetry(stages: [0])), "the ledger forgets that it was given up")
    #expect(rig.machine.state(of: 2) == .waiting)
  }

  @Test("a stage with a result that the ledger still calls given up is forgiven at the start")
  func forgivenAtStart() throws {
    let done = CommittedStage(stage: 0, token: 3, result: Digest(of: [1]), artifact: nil)
    let history = StageHistory(stage: 0, failures: 3, losses: 0, givenUp: "it went wrong")
    let recovery = Recovery(epoch: 2, tokens: 100..<9_000, committed: [done], histories: [history])
    let rig = CoordinatorRig(try samplePlan(), recovery: recovery)
    #expect(rig.actions.contains(.recordRetry(stages: [0])))
  }

  @Test("a failure under an old lease counts nothing")
  func oldFailure() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1)
    rig.fail(0, 99, &hand)
    #expect(rig.verdicts(hand) == [.superseded])
    #expect(rig.failures.isEmpty)
  }
}
