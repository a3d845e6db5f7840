// The coordinator's process: its machine, its ledger, its store, and its death between any two actions.

import Canonical
import Coordination
import Messages

extension World {
  func startCoordinator() {
    guard coordinator == nil, outcome == nil else { return }
    // It cannot write that it starts: it ends with 75 and is started again.
    if now_ms < diskFullUntil_ms { return schedule(1_000, .startCoordinator) }
    coordinatorLife += 1
    coordinatorPausedUntil_ms = 0
    coordinatorStarted_ms = now_ms
    coordinatorClock = SimulatedClock(showing: random.below(7_200_000), at: now_ms)
    garbageGiven = 0
    var configuration = CoordinatorConfiguration(
      buildVersion: "1", numericClass: "avx2.1", probe: Digest(bytes: Self.probe),
      sets: [SetName(name: "target", digest: Digest(bytes: Self.probe))])
    configuration.beat_ms = Self.beat_ms
    configuration.lease_ms = Self.lease_ms
    configuration.grace_ms = Self.lease_ms
    var recovery = ledger.recover()
    recovery.checkpoints.removeAll { !store.contains($0.artifact.digest) }
    var machine = CoordinatorMachine(graph: plan.graph, configuration: configuration, recovery: recovery)
    machine.plantedBug = options.bug
    coordinator = machine
    schedule(0, .coordinatorTick(life: coordinatorLife))
    isGateClosed = !plan.gated.isEmpty
    if isGateClosed { coordinate(.closed(stages: plan.gated)) }
    coordinate(.start)
  }

  /// Once stage 0 is decided, half of the stages that wait for that are needed, and half are not; all are where it was
  /// given up.
  private func openGate() {
    guard isGateClosed, let state = coordinator?.state(of: 0) else { return }
    guard state == .committed || state == .failed || state == .blocked else { return }
    isGateClosed = false
    let dropped = state == .committed ? plan.gated.filter { plan.isDropped($0) } : []
    if !dropped.isEmpty { coordinate(.dropped(stages: dropped)) }
    coordinate(.opened(stages: plan.gated.filter { !dropped.contains($0) }))
  }

  /// What a right worker's probe gives.
  static let probe = [UInt8](repeating: 7, count: 32)

  func crashCoordinator() {
    guard coordinator != nil else { return }
    endCoordinator()
    var kept = random.below(ledger.pendingCount + 1)
    if kept > 0, strikes(.tornTail) { kept -= 1 }
    ledger.crash(kept: kept)
    if strikes(.lostTail) { ledger.loseTail(1 + random.below(4)) }
    noteForgottenGrants()
    schedule(200 + random.below(6_000), .startCoordinator)
  }

  /// The disk is full: nothing of what waits is written, and the process ends with 75.
  private func stopForFullDisk() {
    endCoordinator()
    ledger.crash(kept: 0)
    noteForgottenGrants()
    schedule(500 + random.below(3_000), .startCoordinator)
  }

  private func endCoordinator() {
    coordinator = nil
    outbox.removeAll { !$0.isUp }
    coordinatorLife += 1
    coordinatorPausedUntil_ms = 0
    coordinatorEnded_ms = now_ms
    storePieces = []
  }

  private func noteForgottenGrants() {
    for stage in granted.indices where granted[stage] != ledger.granted[stage] { forgotten.insert(granted[stage]) }
  }

  /// What is computed from a result that is outvoted is worth nothing, and may be granted again.
  private func noteWithdrawnGrants(below stage: Int) {
    for other in descendants(of: stage) { forgotten.insert(granted[other]) }
  }

  /// The stages that a stage's result goes into, at once or through others.
  func descendants(of stage: Int) -> [Int] {
    var isBelow = Array(repeating: false, count: plan.graph.count)
    isBelow[stage] = true
    return (stage + 1..<plan.graph.count).filter { other in
      isBelow[other] = plan.graph.parents[other].contains { isBelow[Int($0)] }
      return isBelow[other]
    }
  }

  /// Gives the machine an event and does what it wants.
  func coordinate(_ event: CoordinatorEvent) {
    guard coordinator != nil else { return }
    cover(event)
    let actions = coordinator?.handle(event, now_ms: coordinatorClock.reading(at: now_ms)) ?? []
    checkTables(after: actions)
    stepLosses.removeAll(keepingCapacity: true)
    defer { checkBlame() }
    for action in actions {
      actionCount += 1
      if actionCount - 1 == options.crashAtAction || strikes(.coordinatorCrashAtAction) { return crashCoordinator() }
      perform(action)
      if violation != nil { return }
    }
    openGate()
  }

  func sync() {
    if now_ms < diskFullUntil_ms { return stopForFullDisk() }
    let life = coordinatorLife
    let refuses = ledger.pendingCount > 0 && strikes(.commitRefused)
    let events = ledger.sync(refusesResults: refuses)
    if let broken = ledger.violation { violate(broken) }
    for event in events where life == coordinatorLife { coordinate(event) }
  }

  private func later(_ event: CoordinatorEvent) { schedule(1, .coordinator(life: coordinatorLife, event)) }

  private func perform(_ action: CoordinatorAction) {
    switch action {
    case .send(let peer, let envelope): send(envelope, to: peer)
    // The note of a brief grant may wait; here it waits for ever as often as not.
    case .recordGrant(_, _, _, _, _, isBrief: true) where random.below(2) == 0: break
    case .commit, .recordFailure, .recordConflict, .overturn, .recordDecision, .recordGrant, .recordRetry,
      .recordCheckpoint, .reserveTokens:
      checkRecorded(action)
      if case .overturn(let record, _) = action { noteWithdrawnGrants(below: record.stage) }
      if ledger.isIdle { schedule(5 + random.below(20), .sync(life: coordinatorLife)) }
      ledger.write(action)
    case .storeChunk(let chunk): storePieces.append(chunk)
    case .verifyArtifact(let name):
      let isRight = complete(&storePieces, name)
      if isRight { store.insert(name.digest) }
      if !isRight { coverage.refuse("an artifact with wrong bytes") }
      later(
        isRight
          ? .artifactStored(name.digest, header(of: name.digest))
          : .artifactRefused(name.digest, why: "another digest"))
    case .recordVerification: break
    case .removeArtifact(let digest): store.remove(digest)
    case .discardArtifact(let digest): storePieces.removeAll { $0.artifact.digest == digest }
    case .readArtifact(let session, let digest, let offset):
      let chunk = store.contains(digest) ? piece(digest, offset) : nil
      later(chunk.map { .artifactRead(session: session, $0) } ?? .artifactUnreadable(session: session, digest))
    case .log(let line): trace?("    coordinator: \(line)")
    case .finished(let outcome):
      if outcome.isInterrupted { violate("interrupted by nobody") }
      schedule(30, .coordinator(life: coordinatorLife, .reportWritten))
    case .stop(let outcome):
      self.outcome = outcome
      coordinator = nil
    }
  }

  private func send(_ envelope: Envelope, to peer: Peer) {
    let socket = socket(of: peer)
    guard owners.indices.contains(socket) else { return violate("a message to nobody") }
    guard owners[socket] >= 0 else { return }
    checkSent(envelope, to: owners[socket])
    post(socket, isUp: false, envelope)
  }

  // MARK: - Artifacts

  /// What an artifact's file says of itself.
  private func header(of digest: Digest) -> ArtifactHeader? {
    (plan.catalog.artifact(digest)?.stage ?? strange[digest]?.stage).map {
      ArtifactHeader(stage: plan.graph.digests[$0], subjects: plan.graph.provenance(of: $0))
    }
  }

  func bytes(of digest: Digest) -> [UInt8]? { plan.catalog.artifact(digest)?.bytes ?? strange[digest]?.bytes }

  /// Takes the pieces of an artifact out; whether they are the bytes that its digest names.
  func complete(_ pieces: inout [ArtifactChunk], _ name: ArtifactName) -> Bool {
    let found = pieces.filter { $0.artifact.digest == name.digest }
    pieces.removeAll { $0.artifact.digest == name.digest }
    let whole = found.count == 1 ? found[0].bytes : found.sorted { $0.offset < $1.offset }.flatMap(\.bytes)
    return whole == bytes(of: name.digest)
  }

  /// A piece of an artifact; sometimes a bit of it is wrong.
  func piece(_ digest: Digest, _ offset: Int) -> ArtifactChunk? {
    guard let bytes = bytes(of: digest), offset < bytes.count else { return nil }
    var part =
      bytes.count <= Limits.chunkBytes ? bytes : Array(bytes[offset..<min(offset + Limits.chunkBytes, bytes.count)])
    if strikes(.damagedArtifact) { part[random.below(part.count)] ^= 1 }
    return ArtifactChunk(artifact: ArtifactName(digest: digest, size: bytes.count), offset: offset, bytes: part)
  }
}
