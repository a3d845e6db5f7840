// The coordinator's process: its machine, its ledger, its store, and its death between any two actions.

import Canonical
import Coordination
import Kernels
import Messages

extension World {
  func startCoordinator() {
    guard coordinator == nil, outcome == nil else { return }
    coordinatorLife += 1
    coordinatorPausedUntil_ms = 0
    var configuration = CoordinatorConfiguration(
      buildVersion: "1", numericClass: "avx2.1", probe: Digest(of: [1]), sets: [])
    configuration.beat_ms = 1_000
    configuration.lease_ms = 4_000
    configuration.grace_ms = 4_000
    configuration.lossesLimit = 200
    var machine = CoordinatorMachine(graph: plan.graph, configuration: configuration, recovery: ledger.recover())
    machine.plantedBug = bug
    coordinator = machine
    let life = coordinatorLife
    schedule(0, .coordinatorTick(life: life))
    coordinate(.start, .coordinator(life: life, .start))
  }

  func crashCoordinator() {
    guard coordinator != nil else { return }
    coordinator = nil
    coordinatorLife += 1
    ledger.crash(kept: random.below(ledger.pendingCount + 1))
    storePieces = [:]
    schedule(200 + random.below(6_000), .startCoordinator)
  }

  /// Gives the machine an event, or keeps it until a pause is over, and does what it wants.
  func coordinate(_ event: CoordinatorEvent, _ again: Happening) {
    guard coordinator != nil else { return }
    if now_ms < coordinatorPausedUntil_ms { return schedule(coordinatorPausedUntil_ms - now_ms, again) }
    let actions = coordinator?.handle(event, now_ms: now_ms) ?? []
    checkTables()
    for action in actions {
      if strikes(faults.crashAtAction, "crash at an action") { return crashCoordinator() }
      perform(action)
    }
  }

  private func later(_ event: CoordinatorEvent) { schedule(1, .coordinator(life: coordinatorLife, event)) }

  /// What the header of a stage's artifact says: the bytes of a world are its stage's alone.
  private func header(of artifact: Digest) -> ArtifactHeader? {
    plan.graph.digests.indices.first {
      [plan.artifact(of: $0), plan.checkpoint(of: plan.graph.digests[$0])].contains { Digest(of: $0) == artifact }
    }.map {
      ArtifactHeader(stage: plan.graph.digests[$0], subjects: plan.graph.provenance(of: $0))
    }
  }

  private func perform(_ action: CoordinatorAction) {
    switch action {
    case .send(let peer, let envelope): send(envelope, to: peer)
    case .commit, .recordFailure, .recordConflict, .overturn, .recordDecision, .recordGrant, .recordRetry,
      .recordCheckpoint, .reserveTokens:
      if ledger.isIdle { schedule(5 + random.below(20), .sync(life: coordinatorLife)) }
      ledger.write(action)
    case .storeChunk(let chunk): storePieces[chunk.artifact.digest, default: [:]][chunk.offset] = chunk.bytes
    case .verifyArtifact(let name):
      let bytes = whole(storePieces.removeValue(forKey: name.digest))
      if Digest(of: bytes) == name.digest {
        store[name.digest] = bytes
        later(.artifactStored(name.digest, header(of: name.digest)))
      } else {
        later(.artifactRefused(name.digest, why: "another digest"))
      }
    case .discardArtifact(let digest): storePieces[digest] = nil
    case .readArtifact(let session, let digest, let offset):
      guard let chunk = piece(of: store[digest], digest, offset) else {
        return later(.artifactUnreadable(session: session, digest))
      }
      later(.artifactRead(session: session, chunk))
    case .removeArtifact(let digest): store[digest] = nil
    case .log: break
    case .finished(let outcome):
      if outcome.isInterrupted { violate("interrupted by nobody") }
      schedule(30, .coordinator(life: coordinatorLife, .reportWritten))
    case .stop(let outcome):
      self.outcome = outcome
      coordinator = nil
    }
  }

  private func send(_ envelope: Envelope, to peer: Peer) {
    guard let owner = owners[peer] else { return violate("a message to nobody") }
    checkSent(envelope)
    transmit(
      owner.worker, isUp: false, .toWorker(owner.worker, socket: owner.socket, Codec.encode(envelope)))
  }

  /// The pieces of an artifact in order.
  func whole(_ pieces: [Int: [UInt8]]?) -> [UInt8] {
    (pieces ?? [:]).sorted { $0.key < $1.key }.flatMap(\.value)
  }

  /// A piece of an artifact; sometimes a bit of it is wrong.
  func piece(of bytes: [UInt8]?, _ digest: Digest, _ offset: Int) -> ArtifactChunk? {
    guard let bytes, offset < bytes.count else { return nil }
    var part = Array(bytes[offset..<min(offset + Limits.chunkBytes, bytes.count)])
    if strikes(faults.flipArtifact, "flipped artifact") { part[random.below(part.count)] ^= 1 }
    return ArtifactChunk(artifact: ArtifactName(digest: digest, size: bytes.count), offset: offset, bytes: part)
  }
}
