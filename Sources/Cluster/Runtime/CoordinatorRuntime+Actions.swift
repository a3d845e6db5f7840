// What the machine wants done, done: messages, rows, artifacts.

import Canonical
import Coordination
import Glibc
import Ledger
import Messages

extension CoordinatorRuntime {
  func perform(_ action: CoordinatorAction) throws {
    switch action {
    case .send(let peer, let envelope): send(withClock(envelope), to: peer)
    case .commit(let record): commit(record)
    case .recordFailure(let record): recordFailure(record)
    case .recordConflict(let record): recordConflict(record)
    case .overturn(let row, let withdrawn): overturn(row, withdrawn: withdrawn)
    case .recordDecision(let stage, let decision, let fence):
      record(.meta(key: RunMeta.decision(of: stage), value: "\(decision.rawValue) \(fence)"))
    case .recordGrant(let stage, let token, let attempt, let host, let process, let isBrief):
      let row = AttemptRow(
        token: token, stage: stage, number: attempt, host: host, process: Int(process), state: .granted,
        granted_s: Clock.wall_s)
      attempts[token] = row
      if firstGrant_s == nil { firstGrant_s = Clock.now_s }
      if isBrief { return deferred.add(token, now_s: Clock.now_s) }
      record(.attempt(row))
      hasLongGrant = true
    case .recordVerification(_, let token): endWithDuplicate(token)
    case .recordRetry(let stages):
      for stage in stages { record(.retry(stage: stage)) }
    case .reserveTokens:
      try commit()
      events.append(.tokensReserved(upTo: try directory.ledger.reserveTokens().upperBound))
    case .storeChunk(let chunk): try store(chunk)
    case .verifyArtifact(let name): try verify(name)
    case .discardArtifact(let digest): directory.artifacts.discard(digest)
    case .removeArtifact(let digest): unneeded.append(digest)
    case .recordCheckpoint(let stage, let epoch, let artifact):
      let value = artifact.map { "\(epoch) \($0.digest.hex) \($0.size)" } ?? ""
      record(.meta(key: RunMeta.checkpoint(of: stage), value: value))
    case .readArtifact(let session, let digest, let offset): read(digest, at: offset, for: session)
    case .log(let line): log(line)
    case .finished(let outcome):
      finished_s = Clock.now_s
      try writeReport(withDiffering(outcome))
    case .stop(let outcome): ending = withDiffering(outcome)
    }
  }

  /// The machine does not know what the ledger held before an artifact was lost; here that is added.
  private func withDiffering(_ outcome: Outcome) -> Outcome {
    Outcome(
      failed: outcome.failed, blocked: outcome.blocked, conflicts: outcome.conflicts + differing,
      isInterrupted: outcome.isInterrupted)
  }

  /// A status with this machine's time, which the machine does not know: `doctor` compares clocks by it.
  private func withClock(_ envelope: Envelope) -> Envelope {
    guard case .controlReply(let bytes) = envelope.message, var members = try? JSON(parsing: bytes).object,
      members["phase"] != nil
    else { return envelope }
    members["clock_s"] = .number(Clock.wall_s)
    return Envelope(
      epoch: envelope.epoch, session: envelope.session, sequence: envelope.sequence,
      message: .controlReply(JSON.object(members).bytes))
  }

  private func send(_ envelope: Envelope, to peer: Peer) {
    if case .acknowledge = envelope.message { KillPoint.pass(.beforeAnswer) }
    defer { if case .acknowledge = envelope.message { KillPoint.pass(.afterAnswer) } }
    if case .artifactChunk = envelope.message {
      router.send(Codec.encode(envelope), to: peer, isBulk: true)
    } else {
      outgoing.add(envelope, to: peer)
    }
  }

  /// The ledger is written on this thread alone; the report's thread reads it by a connection of its own.
  private func writeReport(_ outcome: Outcome) throws {
    try commit()
    KillPoint.pass(.beforeReport)
    let hook = onFinished
    let reporting = reporting
    let wakeUp = wakeUp
    Thread.start("report") {
      do {
        try hook(outcome)
        KillPoint.pass(.afterReport)
        reporting.end(with: nil)
      } catch {
        reporting.end(with: error)
      }
      wakeUp.wake()
    }
  }
}

// MARK: - Rows

extension CoordinatorRuntime {
  /// Lets a row wait for the next commit.
  func record(_ entry: LedgerEntry) { group.add(entry, now_s: Clock.now_s) }

  /// Commits when the group is due, or when somebody waits and nothing else is to be done.
  func commitIfDue(isIdle: Bool) throws {
    recordDeferred(isLast: false)
    if group.isDue(now_s: Clock.now_s) || isIdle && !waiting.isEmpty { try commit() }
  }

  /// Makes all waiting rows durable, then tells the machine.
  func commit() throws {
    hasLongGrant = false
    let entries = group.take()
    if !waiting.isEmpty { KillPoint.pass(.beforeCommit) }
    try directory.ledger.append(entries)
    if !waiting.isEmpty { KillPoint.pass(.afterCommit) }
    // Only now is it durable that another artifact took their place.
    for digest in unneeded { directory.artifacts.remove(digest) }
    unneeded = []
    events += waiting
    waiting = []
    try judge()
  }

  private func commit(_ row: CommitRecord) {
    let time_s = Clock.wall_s
    record(.result(resultRow(row, time_s)))
    if referee != nil { unjudged.append((row.stage, row.result)) }
    let first = earlier.removeValue(forKey: row.stage)
    let isTwin = first.map { $0.bytes != row.result || $0.artifact != row.artifact?.digest } ?? false
    if isTwin {
      differing += 1
      log("ALARM: stage \(row.stage), computed again, is not the bytes in the ledger; both are kept")
    }
    if deferred.remove(row.token), !isTwin {
      attempts[row.token] = nil
    } else {
      end(attempt(of: row, isTwin ? .twin : .committed, time_s))
    }
    waiting.append(.committed(stage: row.stage, token: row.token))
  }

  private func recordConflict(_ row: CommitRecord) {
    let time_s = Clock.wall_s
    record(
      .twin(
        TwinRow(
          token: row.token, stage: row.stage, bytes: row.result, artifact: row.artifact?.digest, host: row.host,
          process: Int(row.process), time_s: time_s)))
    end(attempt(of: row, .twin, time_s))
    waiting.append(.conflictRecorded(stage: row.stage, token: row.token))
  }

  /// A lease whose answer was there already, to the byte.
  private func endWithDuplicate(_ token: UInt64) {
    guard var attempt = attempts[token] else { return }
    attempt.state = .duplicate
    attempt.ended_s = Clock.wall_s
    end(attempt)
  }

  private func overturn(_ row: CommitRecord, withdrawn: [Int]) {
    let time_s = Clock.wall_s
    record(.overturn(resultRow(row, time_s), withdrawn: withdrawn))
    end(attempt(of: row, .committed, time_s))
    waiting.append(.overturned(stage: row.stage, token: row.token))
  }

  private func resultRow(_ row: CommitRecord, _ time_s: Double) -> ResultRow {
    ResultRow(
      stage: row.stage, bytes: row.result, artifact: row.artifact?.digest, artifact_bytes: row.artifact?.size ?? 0,
      host: row.host, process: Int(row.process), token: row.token, attempt: row.attempt, seconds: row.seconds,
      time_s: time_s)
  }

  private func recordFailure(_ row: FailureRecord) {
    let time_s = Clock.wall_s
    var attempt =
      attempts[row.token]
      ?? AttemptRow(
        token: row.token, stage: row.stage, number: row.attempt, host: row.host, process: Int(row.process),
        state: .granted, granted_s: time_s)
    let loss: AttemptState = row.kind == .cancelled ? .cancelled : row.isCounted ? .lost : .forgiven
    attempt.state = row.isBlamed ? .failed : loss
    attempt.failure = row.kind.word
    attempt.text = row.text
    attempt.ended_s = time_s
    end(attempt)
    if row.isBlamed {
      log("  see it again: microfold stage \(directory.paths.root) \(row.stage)")
    }
    if row.isLast {
      if referee != nil { unjudgedFailures.append(row.stage) }
      record(
        .failure(
          FailureRow(
            stage: row.stage, failure: row.kind.word, text: row.text, attempts: row.attempt, time_s: time_s)))
    }
    waiting.append(.failureRecorded(stage: row.stage, token: row.token))
  }

  private func attempt(of row: CommitRecord, _ state: AttemptState, _ time_s: Double) -> AttemptRow {
    var attempt =
      attempts[row.token]
      ?? AttemptRow(
        token: row.token, stage: row.stage, number: row.attempt, host: row.host, process: Int(row.process),
        state: state, granted_s: time_s - row.seconds)
    attempt.state = state
    attempt.ended_s = time_s
    return attempt
  }

  /// Lets the rows of grants wait for the next commit that were not answered in the time of a brief stage.
  func recordDeferred(isLast: Bool) {
    for token in deferred.takeDue(now_s: isLast ? .infinity : Clock.now_s) {
      if let row = attempts[token] { record(.attempt(row)) }
    }
  }

  /// Writes what became of a lease; those that may still be answered are remembered.
  private func end(_ attempt: AttemptRow) {
    let isOpen = [.granted, .lost, .expired].contains(attempt.state)
    attempts[attempt.token] = isOpen ? attempt : nil
    _ = deferred.remove(attempt.token)
    record(.attempt(attempt))
  }
}

// MARK: - Artifacts

extension CoordinatorRuntime {
  private func store(_ chunk: ArtifactChunk) throws {
    do throws(ArtifactError) {
      try directory.artifacts.store(chunk.bytes, of: chunk.artifact.digest, at: chunk.offset)
    } catch { try rethrow(error) }
  }

  private func verify(_ name: ArtifactName) throws {
    do throws(ArtifactError) {
      try directory.artifacts.finish(name.digest, bytes: name.size)
      KillPoint.pass(.artifactStored)
      events.append(.artifactStored(name.digest, directory.artifacts.header(of: name.digest)))
    } catch {
      try rethrow(error)
      events.append(.artifactRefused(name.digest, why: error.description))
    }
  }

  private func read(_ digest: Digest, at offset: Int, for session: UInt64) {
    guard let size = directory.artifacts.size(of: digest), offset < size || size == 0,
      let bytes = try? directory.artifacts.read(digest, at: offset, count: Limits.chunkBytes)
    else { return events.append(.artifactUnreadable(session: session, digest)) }
    let name = ArtifactName(digest: digest, size: size)
    events.append(.artifactRead(session: session, ArtifactChunk(artifact: name, offset: offset, bytes: bytes)))
  }

  /// A disk that cannot be written ends the run; other errors are the artifact's.
  private func rethrow(_ error: ArtifactError) throws(FileError) {
    if case .file(let cause) = error { throw cause }
    log(error.description)
  }
}
