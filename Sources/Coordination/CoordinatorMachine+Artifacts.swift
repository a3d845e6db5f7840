// Artifacts of results are fetched from the worker that made them; inputs of stages are read from the store.

import Access
import Canonical
import Messages

extension CoordinatorMachine {
  // MARK: - From workers

  mutating func askForPieces() {
    for digest in pullOrder { askForPieces(of: digest) }
  }

  mutating func askForPieces(of digest: Digest) {
    guard let session = pulls[digest]?.session, let offsets = pulls[digest]?.pull.requests(now_ms: now_ms) else {
      return
    }
    for offset in offsets { send(.artifactRequest(digest: digest, offset: offset), to: session) }
  }

  mutating func receive(_ chunk: ArtifactChunk, _ session: Session) {
    let digest = chunk.artifact.digest
    guard pulls[digest]?.session == session.id, pulls[digest]?.pull.accept(chunk) == true else { return }
    actions.append(.storeChunk(chunk))
    guard let done = pulls[digest], done.pull.isComplete else { return askForPieces(of: digest) }
    if done.checkpoint == nil { settling[done.stage]?.step = .verifying }
    actions.append(.verifyArtifact(chunk.artifact))
  }

  mutating func artifactStored(_ digest: Digest, _ header: ArtifactHeader?) {
    guard let done = endPull(digest) else { return }
    if let offer = done.checkpoint { return checkpointStored(offer, done.stage, header) }
    guard let result = settling[done.stage] else { return }
    if let wrong = fault(of: header, for: done.stage), plantedBug != .skipLeakCheck {
      actions.append(.discardArtifact(digest))
      return lose(result, .data, wrong)
    }
    stored.insert(digest)
    if result.isOverturn { writeOverturn(result.record) } else { commit(result.record, result.session) }
  }

  /// Why an artifact may not stand for a stage; nil where it may. Before it is committed, the last look at a leak.
  func fault(of header: ArtifactHeader?, for stage: Int) -> String? {
    if let leak = graph.leak(of: stage) { return leak.description }
    guard let header else { return "the artifact says neither its stage nor its subjects" }
    guard header.stage == graph.digests[stage] else {
      return "the artifact is of stage \(header.stage.short), not of \(graph.digests[stage].short)"
    }
    let planned = graph.provenance(of: stage)
    let strangers = header.subjects.filter { !planned.contains($0) }
    guard !strangers.isEmpty else { return nil }
    return "the artifact names subjects that the plan does not: \(printable(strangers.joined(separator: ", ")))"
  }

  mutating func artifactRefused(_ digest: Digest, _ why: String) {
    guard let done = endPull(digest) else { return }
    if let offer = done.checkpoint { return fetchNextCheckpoint(offer.token) }
    guard let result = settling[done.stage] else { return }
    lose(result, .artifact, "the artifact \(digest.short) is refused: \(why)")
  }

  mutating func artifactMissing(_ digest: Digest, _ session: Session) {
    if let offer = pulls[digest]?.checkpoint, pulls[digest]?.session == session.id {
      _ = endPull(digest)
      actions.append(.discardArtifact(digest))
      return fetchNextCheckpoint(offer.token)
    }
    guard let pull = pulls[digest], pull.session == session.id, settling[pull.stage]?.step == .fetching,
      let done = endPull(digest), let result = settling[done.stage]
    else { return }
    actions.append(.discardArtifact(digest))
    lose(result, .artifact, "the worker does not hold its artifact \(digest.short) any more")
  }

  /// Goes on with the fetches from a worker that came back: its cache is the same.
  mutating func movePulls(from old: UInt64, to new: UInt64) {
    for digest in pullOrder {
      guard let stage = pulls[digest]?.stage, pulls[digest]?.session == old else { continue }
      pulls[digest]?.session = new
      pulls[digest]?.pull.forgetRequests()
      if pulls[digest]?.checkpoint == nil { settling[stage]?.session = new }
    }
    askForPieces()
  }

  /// Forgets fetches from a session that is gone; what has come whole is still verified.
  mutating func abandonPulls(of session: UInt64) {
    for digest in pullOrder {
      guard let pull = pulls[digest], pull.session == session else { continue }
      if pull.checkpoint != nil {
        if pull.pull.isComplete { continue }
        _ = endPull(digest)
        actions.append(.discardArtifact(digest))
      } else if settling[pull.stage]?.step == .fetching {
        dropSettling(pull.stage)
      }
    }
  }

  /// Forgets a result that is being fetched, and its pieces.
  mutating func dropSettling(_ stage: Int) {
    guard let dropped = settling.removeValue(forKey: stage) else { return }
    if !dropped.isOverturn { reopen(stage) }
    guard let digest = dropped.record.artifact?.digest, endPull(digest) != nil else { return }
    actions.append(.discardArtifact(digest))
  }

  private mutating func endPull(_ digest: Digest) -> ResultPull? {
    pullOrder.removeAll { $0 == digest }
    return pulls.removeValue(forKey: digest)
  }

  /// A result that cannot be kept: its worker is told to forget it, and the stage is tried again.
  mutating func lose(_ result: Settling, _ kind: FailureClass, _ text: String) {
    let record = result.record
    settling[record.stage] = nil
    if result.isOverturn { return acknowledge(record.token, record.digest, .superseded, to: result.session) }
    let lease = removeLease(record.token)
    acknowledge(record.token, record.digest, .superseded, to: result.session)
    let blamed =
      lease
      ?? Lease(
        token: record.token, stage: record.stage, session: result.session, attempt: record.attempt, since_ms: now_ms)
    let worker =
      sessions[result.session]
      ?? Session(
        id: result.session, peer: Peer(bytes: []), caller: .local, host: record.host, process: record.process,
        instance: 0, slots: 1,
        since_ms: now_ms, heard_ms: now_ms, sequence: 0, origin: result.session)
    setState(record.stage, .waiting)
    fail(blamed, kind, text, worker, isAnswered: false)
  }

  // MARK: - To workers

  mutating func readArtifact(_ digest: Digest, _ offset: Int, _ session: Session) {
    guard stored.contains(digest) else { return send(.artifactMissing(digest), to: session.id) }
    guard session.reads < 2 * ArtifactPull.window else { return }
    sessions[session.id]?.reads += 1
    actions.append(.readArtifact(session: session.id, digest, offset: offset))
  }

  mutating func artifactRead(_ session: UInt64, _ message: Message) {
    guard sessions[session] != nil else { return }
    sessions[session]?.reads -= 1
    send(message, to: session)
  }
}
