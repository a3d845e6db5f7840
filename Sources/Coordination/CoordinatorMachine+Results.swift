// Results: taken from whoever brings them first, made durable, then answered. Twins are compared.

import Canonical
import Messages

extension CoordinatorMachine {
  mutating func receive(_ result: StageResult, _ session: Session) {
    guard let stage = graph.number(of: result.stage) else {
      countGarbage(session.peer, .malformed(ByteError(offset: 8, what: "a stage that is not in the plan")))
      return acknowledge(result.token, result.stage, .superseded, to: session.id)
    }
    guard isToken(result.token, of: stage) else {
      countGarbage(session.peer, .malformed(ByteError(offset: 0, what: "a token that is not this stage's")))
      return acknowledge(result.token, result.stage, .superseded, to: session.id)
    }
    let record = CommitRecord(
      stage: stage, digest: result.stage, token: result.token,
      attempt: leases[result.token]?.attempt ?? attempt(of: stage), result: result.result, artifact: result.artifact,
      host: session.host, process: session.process, seconds: result.seconds)
    switch states[stage] {
    case .committed: compareTwin(record, session)
    case .settling: break  // another one, or this one, is on its way; it is sent again later
    case .ready, .reserved, .leased: settle(record, session)
    case .failed where phase == .running && graph.leak(of: stage) == nil: settle(record, session)
    case .waiting, .blocked, .failed, .dropped:
      acknowledge(result.token, result.stage, .superseded, to: session.id)
    }
  }

  /// Tells a session what became of its answer.
  mutating func acknowledge(_ token: UInt64, _ stage: Digest, _ verdict: Verdict, to session: UInt64) {
    send(.acknowledge(Acknowledgement(token: token, stage: stage, verdict: verdict)), to: session)
  }

  /// Takes a result on, or leaves it to be sent again where a limit is reached.
  private mutating func settle(_ record: CommitRecord, _ session: Session) {
    guard settling.count < configuration.settlingLimit, !isFrozen.contains(record.stage) else { return }
    tokens.note(record.token, record.stage)
    noteBrevity(of: record.stage, seconds: record.seconds)
    // An artifact names its stage in its own bytes, so two stages never share one.
    if let artifact = record.artifact, stored.contains(artifact.digest),
      let owner = committed.owner(of: artifact.digest), owner != record.stage
    {
      let claimed = Settling(record: record, session: session.id, step: .fetching)
      settling[record.stage] = claimed
      setState(record.stage, .settling)
      return lose(claimed, .data, "the artifact \(artifact.digest.short) is that of stage \(owner)")
    }
    guard let artifact = record.artifact, !stored.contains(artifact.digest) else {
      settling[record.stage] = Settling(record: record, session: session.id, step: .writing)
      setState(record.stage, .settling)
      return commit(record, session.id)
    }
    guard pulls.count < configuration.pullsLimit, pulls[artifact.digest] == nil else { return }
    settling[record.stage] = Settling(record: record, session: session.id, step: .fetching)
    setState(record.stage, .settling)
    pulls[artifact.digest] = ResultPull(stage: record.stage, session: session.id, pull: ArtifactPull(artifact))
    pullOrder.append(artifact.digest)
    askForPieces(of: artifact.digest)
  }

  mutating func commit(_ record: CommitRecord, _ session: UInt64) {
    settling[record.stage]?.step = .writing
    actions.append(.commit(record))
    if plantedBug == .acknowledgeBeforeDurable {
      acknowledge(record.token, record.digest, .committed, to: session)
    }
  }

  // MARK: - Durable

  mutating func becomeCommitted(_ stage: Int, _ token: UInt64) {
    guard let done = settling[stage], done.record.token == token, done.step == .writing, !done.isOverturn else {
      return
    }
    settling[stage] = nil
    let (host, artifact) = (done.record.host, done.record.artifact)
    committed.insert(
      CommittedStage(
        stage: stage, token: token, result: Digest(of: done.record.result), artifact: artifact, host: host))
    computers[stage] = host
    dropCheckpoint(of: stage)
    reservations[stage] = nil
    notePace(host, seconds: done.record.seconds)
    if let artifact { sessions[done.session]?.held.insert(artifact.digest) }
    let wasGivenUp = givenUp.removeValue(forKey: stage) != nil
    setState(stage, .committed)
    acknowledge(token, done.record.digest, .committed, to: done.session)
    sessions[done.session]?.rests = 0
    losers[stage] = nil
    lossTries[stage] = nil
    acquit(stage, passedOn: host)
    _ = removeLease(token)
    for child in graph.children[stage] {
      missing[child] -= 1
      if states[child] == .waiting { reopen(child) }
    }
    for other in [current[stage], clones[stage]].compactMap({ $0 }) { keepAsVerifier(other) }
    if wasGivenUp {
      actions.append(.recordRetry(stages: [stage]))
      unblock()
    }
  }

  mutating func abandonCommit(_ stage: Int, _ token: UInt64, _ why: String) {
    guard let lost = settling[stage], lost.record.token == token, lost.step == .writing else { return }
    settling[stage] = nil
    if lost.isOverturn { thaw() } else { reopen(stage) }
    actions.append(log("the ledger could not take the result of stage \(stage): \(printable(why))"))
  }

  mutating func failureRecorded(_ stage: Int, _ token: UInt64) {
    guard let session = recording.removeValue(forKey: token) else { return }
    acknowledge(token, graph.digests[stage], .recorded, to: session)
  }

  mutating func conflictRecorded(_ stage: Int, _ token: UInt64) {
    guard let session = conflicting.removeValue(forKey: token) else { return }
    knownConflicts.insert(token)
    acknowledge(token, graph.digests[stage], .conflict, to: session)
  }

  // MARK: - Twins

  /// Compares a second result with the one in the ledger, by the digests of their bytes.
  private mutating func compareTwin(_ twin: CommitRecord, _ session: Session) {
    guard let first = committed[twin.stage] else { return }
    let lease = removeLease(twin.token)
    let isSame = first.result == Digest(of: twin.result) && first.artifact == twin.artifact
    if isSame || plantedBug == .skipTwinComparison {
      let verdict: Verdict = first.token == twin.token ? .committed : .duplicate
      if verdict == .duplicate {
        verifications += 1
        if lease != nil { actions.append(.recordVerification(stage: twin.stage, token: twin.token)) }
        vote(twin)
      }
      return acknowledge(twin.token, twin.digest, verdict, to: session.id)
    }
    if knownConflicts.contains(twin.token) {
      // Its artifact could not be fetched when it outvoted the ledger's: here it is again.
      vote(twin)
      return acknowledge(twin.token, twin.digest, .conflict, to: session.id)
    }
    guard conflicting[twin.token] == nil else { return }
    conflicts += 1
    let count = twins[twin.stage, default: 0] + 1
    twins[twin.stage] = count
    guard count <= Self.twinsLimit else { return countTwin(twin, count, session) }
    conflicting[twin.token] = session.id
    actions.append(.recordConflict(twin))
    actions.append(
      log("ALARM: stage \(twin.stage) from \(session.name) is not the bytes in the ledger; both are kept"))
    contest(first, twin)
  }

  /// Twins that are kept of one stage.
  private static let twinsLimit = 8

  /// One more twin of a stage that has enough of them: it proves nothing new.
  private mutating func countTwin(_ twin: CommitRecord, _ count: Int, _ session: Session) {
    knownConflicts.insert(twin.token)
    if count == Self.twinsLimit + 1 {
      actions.append(log("ALARM: stage \(twin.stage) has \(count) twins that differ; more are counted, not kept"))
    }
    acknowledge(twin.token, twin.digest, .conflict, to: session.id)
  }
}
