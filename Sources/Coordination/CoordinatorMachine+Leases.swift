// Leases: given with a token that never was, kept by beats, taken back by silence.

import Canonical
import Messages

extension CoordinatorMachine {
  // MARK: - The table

  mutating func addLease(_ token: UInt64, _ stage: Int, _ session: Session) {
    leases[token] = Lease(
      token: token, stage: stage, session: session.id, attempt: attempt(of: stage), since_ms: now_ms)
    current[stage] = token
    reservations[stage] = nil
    tokens.note(token, stage)
    sessions[session.id]?.tokens.append(token)
    reopen(stage)
  }

  mutating func moveLease(_ token: UInt64, from old: UInt64, to new: UInt64) {
    sessions[old]?.tokens.removeAll { $0 == token }
    markRoomy(old)
    sessions[new]?.tokens.append(token)
    leases[token]?.session = new
    leases[token]?.missed = 0
  }

  /// Forgets a lease; the state of its stage is for the caller to say.
  mutating func removeLease(_ token: UInt64) -> Lease? {
    guard let lease = leases.removeValue(forKey: token) else { return nil }
    // A clone goes on in its place.
    if clones[lease.stage] == token { clones[lease.stage] = nil }
    if current[lease.stage] == token { current[lease.stage] = clones.removeValue(forKey: lease.stage) }
    if let heir = current[lease.stage] { leases[heir]?.isExtra = false }
    if contests[lease.stage]?.token == token { contests[lease.stage]?.token = nil }
    verifiers.remove(token)
    // Answers come in about the order of the grants, so the place is near the beginning.
    if let place = sessions[lease.session]?.tokens.firstIndex(of: token) {
      sessions[lease.session]?.tokens.remove(at: place)
      markRoomy(lease.session)
    }
    return lease
  }

  /// Whether a token was given for a stage, as far as this start knows: one of an earlier start may be any stage's.
  func isToken(_ token: UInt64, of stage: Int) -> Bool {
    guard token < nextToken, tokens.stage(of: token) ?? stage == stage else { return false }
    return token >= fences[stage, default: 0] || plantedBug == .forgetInputFence
  }

  /// Reopens a stage that is not decided.
  mutating func reopenUndecided(_ stage: Int) {
    if ![.committed, .blocked, .failed, .dropped].contains(states[stage]) { reopen(stage) }
  }

  /// Which try the next one of a stage is.
  func attempt(of stage: Int) -> Int { 1 + Int(failures[stage]) + Int(losses[stage]) }

  // MARK: - Granting

  /// Grants what is ready to who has credit.
  mutating func grantReady() {
    guard phase == .running, !isPaused else { return }
    if !contests.isEmpty { grantContests() }
    var waiting: [Int] = []
    // While a result above it is replaced, a stage would be computed from the wrong input.
    for stage in isFrozen where states[stage] == .ready {
      ready.remove(stage)
      waiting.append(stage)
    }
    let frozen = waiting.count
    while ready.count > 0, settling.count < configuration.settlingLimit, nextToken < tokenEnd,
      waiting.count - frozen < Self.waitingLimit, let session = freeSession(), let stage = ready.popFirst()
    {
      if plantedBug != .skipLeakCheck, let leak = graph.leak(of: stage) {
        refuse(leak)
        block(below: stage)
      } else if isPlain(stage) {
        grant(stage, to: session)
      } else if let session = self.session(for: stage) {
        grant(stage, to: session)
      } else {
        waiting.append(stage)
      }
    }
    for stage in waiting { ready.insert(stage) }
    if ready.count > waiting.count, !verifiers.isEmpty { stopVerifiers() }
    if tokenEnd - min(nextToken, tokenEnd) < 1_024, !isReserving {
      isReserving = true
      actions.append(.reserveTokens(after: tokenEnd))
    }
  }

  /// Stages that wait for a certain worker and are passed over at one time.
  private static let waitingLimit = 64

  /// Whether any worker will do for a stage.
  private func isPlain(_ stage: Int) -> Bool {
    accusations[stage] == nil && !isSuspect(stage) && graph.parents[stage].isEmpty
  }

  /// Whether a worker has an idle slot and does not rest.
  func isFree(_ session: Session) -> Bool {
    session.tokens.count < session.slots && session.restsUntil_ms <= now_ms && !isAlone(session)
  }

  private func isAlone(_ session: Session) -> Bool {
    session.tokens.count == 1 && leases[session.tokens[0]]?.isAlone == true
  }

  /// The worker for a stage that not every one will do for: one that is least to blame for it; an empty one where the
  /// stage is suspected of killing its workers; one that holds its inputs, if several have room.
  private func session(for stage: Int) -> Session? {
    let isSuspect = isSuspect(stage)
    let inputs = graph.parents[stage].compactMap { committed.artifact(of: $0)?.digest }
    let spare = spare
    var best: Session?
    var highest = (held: -1, free: 0)
    for id in sessionIDs {
      guard let session = sessions[id], session.restsUntil_ms <= now_ms, !isAlone(session), mayWork(session),
        may(session, try: stage), !isSuspect || session.tokens.isEmpty
      else { continue }
      let free = session.room(spare)
      guard free > 0 else { continue }
      let room = (held: free > spare ? inputs.count { session.held.contains($0) } : 0, free: free)
      if room > highest {
        best = session
        highest = room
      }
    }
    return best
  }

  /// The worker with the most room of those that do not rest. More than its slots is given only while there is
  /// plenty, so that at the end of a plan no stage waits behind another while a worker idles.
  private mutating func freeSession() -> Session? {
    let spare = spare
    if spare > roomySpare { for id in sessionIDs { markRoomy(id) } }
    roomySpare = spare
    var best: Session?
    var bestRoom = 0
    var kept = 0
    for id in roomy {
      guard let session = sessions[id] else { continue }
      let room = session.room(spare)
      guard room > 0 else {
        sessions[id]?.isRoomy = false
        continue
      }
      roomy[kept] = id
      kept += 1
      if room > bestRoom, session.restsUntil_ms <= now_ms, !isAlone(session), hosts.isEmpty || mayWork(session) {
        best = session
        bestRoom = room
      }
    }
    roomy.removeLast(roomy.count - kept)
    return best
  }

  /// Notes that a session may have room for another stage.
  mutating func markRoomy(_ id: UInt64) {
    guard sessions[id]?.isRoomy == false else { return }
    sessions[id]?.isRoomy = true
    roomy.append(id)
  }

  private mutating func grant(_ stage: Int, to session: Session) {
    let token = takeToken(for: stage)
    // The queue has forgotten the stage; its state says ready until the lease stands.
    addLease(token, stage, session)
    if isSuspect(stage) { leases[token]?.isAlone = true }
    sendGrant(stage, token, to: session)
  }

  mutating func sendGrant(_ stage: Int, _ token: UInt64, to session: Session) {
    let parents = graph.parents[stage].compactMap { parent in
      committed.artifact(of: parent).map { ParentArtifact(stage: graph.digests[parent], artifact: $0) }
    }
    for parent in parents { sessions[session.id]?.held.insert(parent.artifact.digest) }
    let attempt = attempt(of: stage)
    actions.append(
      .recordGrant(
        stage: stage, token: token, attempt: attempt, host: session.host, process: session.process,
        isBrief: isBrief(stage)))
    // What stands beside another computation begins at the beginning: from a state of that one it would verify nothing.
    let checkpoint = leases[token]?.isExtra == true ? nil : checkpoints[stage]
    if let checkpoint {
      actions.append(log("stage \(stage) goes on from epoch \(checkpoint.epoch) on \(session.name)"))
    }
    let grant = Grant(
      stage: graph.digests[stage], index: stage, token: token, attempt: attempt,
      description: graph.description(of: stage), parents: parents, checkpoint: checkpoint?.artifact)
    send(.grant(grant), to: session.id)
  }

  private mutating func takeToken(for stage: Int) -> UInt64 {
    if plantedBug == .reuseToken, attempt(of: stage) > 1 { return nextToken - 1 }
    defer { nextToken += 1 }
    return nextToken
  }

  // MARK: - Beats

  /// Renews, notes progress, and finds leases that the worker does not know of: their grant was lost.
  mutating func receive(_ beat: Beat, _ sequence: UInt64, _ session: Session) {
    send(.beat(Beat(leases: [], freeSlots: 0)), to: session.id)
    guard sequence > session.sequence else { return }
    sessions[session.id]?.sequence = sequence
    var named: Set<UInt64> = []
    for progress in beat.leases {
      named.insert(progress.token)
      if leases[progress.token]?.session == session.id {
        note(progress)
      } else if !progress.isFinished, !isSettling(progress.token) {
        send(.cancel(token: progress.token), to: session.id)
      }
    }
    for token in session.tokens where !named.contains(token) {
      leases[token]?.missed += 1
      guard let lease = leases[token], lease.missed >= 2, now_ms - lease.since_ms >= configuration.beat_ms else {
        continue
      }
      _ = removeLease(token)
      reopenUndecided(lease.stage)
      release(lease, "the worker never had it", session)
      actions.append(log("\(session.name) does not know of stage \(lease.stage): it goes back"))
    }
  }

  /// Whether the answer under a token is on its way into the ledger.
  private func isSettling(_ token: UInt64) -> Bool {
    guard let stage = tokens.stage(of: token) else { return false }
    return settling[stage]?.record.token == token
  }

  private mutating func note(_ progress: LeaseProgress) {
    leases[progress.token]?.missed = 0
    if leases[progress.token]?.epochs == 0, progress.epochs > 0 { leases[progress.token]?.began_ms = now_ms }
    if leases[progress.token]?.epoch != progress.epoch { leases[progress.token]?.advanced_ms = now_ms }
    leases[progress.token]?.epoch = progress.epoch
    leases[progress.token]?.epochs = progress.epochs
    leases[progress.token]?.loss = progress.loss
  }
}

// MARK: - For the simulator

extension CoordinatorMachine {
  /// The lease of every stage that has one, without those beside it: its token, its stage, its session, and how many
  /// that session may hold.
  package var leaseTable: [(token: UInt64, stage: Int, session: UInt64, credit: Int)] {
    sessionIDs.compactMap { sessions[$0] }.flatMap { session in
      session.tokens.filter { leases[$0]?.isExtra != true }
        .map { ($0, leases[$0]?.stage ?? -1, session.id, session.credit) }
    }
  }
}
