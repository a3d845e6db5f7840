// Leases: given with a token that never was, kept by beats, taken back by silence.

import Canonical
import Messages

extension CoordinatorMachine {
  // MARK: - The table

  mutating func addLease(_ token: UInt64, _ stage: Int, _ session: Session) {
    leases[token] = Lease(
      token: token, stage: stage, session: session.id, attempt: attempt(of: stage), since_ms: now_ms)
    current[stage] = token
    stageOfToken[token] = stage
    sessions[session.id]?.tokens.append(token)
    reopen(stage)
  }

  mutating func moveLease(_ token: UInt64, from old: UInt64, to new: UInt64) {
    sessions[old]?.tokens.removeAll { $0 == token }
    sessions[new]?.tokens.append(token)
    leases[token]?.session = new
    leases[token]?.missed = 0
  }

  /// Forgets a lease; the state of its stage is for the caller to say.
  mutating func removeLease(_ token: UInt64) -> Lease? {
    guard let lease = leases.removeValue(forKey: token) else { return nil }
    if current[lease.stage] == token { current[lease.stage] = nil }
    sessions[lease.session]?.tokens.removeAll { $0 == token }
    return lease
  }

  /// Whether a token was given for a stage, as far as this start knows: one of an earlier start may be any stage's.
  func isToken(_ token: UInt64, of stage: Int) -> Bool {
    token < nextToken && stageOfToken[token, default: stage] == stage
  }

  /// Reopens a stage that is neither committed nor blocked.
  mutating func reopenUndecided(_ stage: Int) {
    if ![.committed, .blocked, .failed].contains(states[stage]) { reopen(stage) }
  }

  /// Which try the next one of a stage is.
  func attempt(of stage: Int) -> Int { 1 + Int(failures[stage]) + Int(losses[stage]) }

  // MARK: - Granting

  /// Grants what is ready to who has credit.
  mutating func grantReady() {
    guard phase == .running, !isPaused else { return }
    while ready.count > 0, settling.count < configuration.settlingLimit, nextToken < tokenEnd,
      let session = freeSession(), let stage = ready.popFirst()
    {
      if plantedBug != .skipLeakCheck, let leak = graph.leak(of: stage) {
        refuse(leak)
        block(below: stage)
      } else {
        grant(stage, to: session)
      }
    }
    if tokenEnd - min(nextToken, tokenEnd) < 1_024, !isReserving {
      isReserving = true
      actions.append(.reserveTokens(after: tokenEnd))
    }
  }

  /// The worker with the most idle slots of those that do not rest. One stage more than its slots is given only while
  /// there is plenty, so that at the end of a plan no stage waits behind another while a worker idles.
  private func freeSession() -> Session? {
    let spare = ready.count > slotCount ? 1 : 0
    var best: Session?
    var bestFree = 0
    for id in sessionIDs {
      guard let session = sessions[id], session.restsUntil_ms <= now_ms else { continue }
      let free = session.slots + spare - session.tokens.count
      if free > bestFree {
        best = session
        bestFree = free
      }
    }
    return best
  }

  private mutating func grant(_ stage: Int, to session: Session) {
    let token = takeToken(for: stage)
    let parents = graph.parents[stage].compactMap { parent in
      committed[parent]?.artifact.map { ParentArtifact(stage: graph.digests[parent], artifact: $0) }
    }
    // The queue has forgotten the stage; its state says ready until the lease stands.
    addLease(token, stage, session)
    let attempt = attempt(of: stage)
    actions.append(
      .recordGrant(stage: stage, token: token, attempt: attempt, host: session.host, process: session.process))
    let grant = Grant(
      stage: graph.digests[stage], index: stage, token: token, attempt: attempt,
      description: graph.description(of: stage), parents: parents)
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
      } else if !progress.isFinished, !settling.values.contains(where: { $0.record.token == progress.token }) {
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

  private mutating func note(_ progress: LeaseProgress) {
    leases[progress.token]?.missed = 0
    leases[progress.token]?.epoch = progress.epoch
    leases[progress.token]?.epochs = progress.epochs
    leases[progress.token]?.loss = progress.loss
  }
}

// MARK: - For the simulator

extension CoordinatorMachine {
  /// Every lease: its token, its stage, its session, and how many that session may hold.
  package var leaseTable: [(token: UInt64, stage: Int, session: UInt64, credit: Int)] {
    sessionIDs.compactMap { sessions[$0] }.flatMap { session in
      session.tokens.map { ($0, leases[$0]?.stage ?? -1, session.id, session.credit) }
    }
  }
}
