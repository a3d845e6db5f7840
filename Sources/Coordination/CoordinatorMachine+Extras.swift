// Leases beside the one that a stage has: of a contested stage, and of a clone that an idle host runs at the end of a
// plan because it is expected to finish sooner. The first result is committed; a later one verifies it.

import Messages

extension CoordinatorMachine {
  /// Grants a stage that has a lease or a result already.
  mutating func grantExtra(_ stage: Int, to session: Session) {
    let token = nextToken
    nextToken += 1
    leases[token] = Lease(
      token: token, stage: stage, session: session.id, attempt: attempt(of: stage), since_ms: now_ms, isExtra: true)
    tokens.note(token, stage)
    sessions[session.id]?.tokens.append(token)
    sendGrant(stage, token, to: session)
  }

  /// Takes a lease back and tells its worker.
  mutating func cancelLease(_ token: UInt64, _ why: String) {
    guard let lease = removeLease(token) else { return }
    send(.cancel(token: token), to: lease.session)
    if let session = sessions[lease.session] { release(lease, why, session) }
  }

  /// After a commit: another worker that still computes the stage verifies it where its slot is not needed.
  mutating func keepAsVerifier(_ token: UInt64) {
    guard ready.count == 0, phase == .running else { return cancelLease(token, "another worker was faster") }
    leases[token]?.isExtra = true
    if current[leases[token]?.stage ?? -1] == token { current[leases[token]?.stage ?? -1] = nil }
    verifiers.insert(token)
  }

  /// Slots that verify are given up for stages that nobody has computed.
  mutating func stopVerifiers() {
    for token in verifiers.sorted() { cancelLease(token, "its slot is needed") }
  }

  // MARK: - Clones

  /// At the end of a plan, when workers idle, lets one of them compute what another is expected to finish later.
  mutating func cloneStragglers() {
    guard phase == .running, !isPaused, ready.count == 0, nextToken + 64 < tokenEnd else { return }
    let open = current.values.compactMap { leases[$0] }.filter { lease in
      states[lease.stage] == .leased && clones[lease.stage] == nil && !isSuspect(lease.stage) && lease.epochs > 0
        && accusations[lease.stage] == nil && !isFrozen.contains(lease.stage)
    }
    // Idle workers may be thousands, and this is asked several times a second.
    guard !open.isEmpty,
      sessionIDs.contains(where: { sessions[$0].map { isFree($0) && mayWork($0) } ?? false })
    else { return }
    let late = open.map { ($0, remaining_ms($0)) }.sorted { ($1.1, $0.0.stage) < ($0.1, $1.0.stage) }
    for (lease, rest_ms) in late {
      guard let holder = sessions[lease.session] else { continue }
      let better = sessionIDs.compactMap { sessions[$0] }.first { other in
        other.host != holder.host && isFree(other) && mayWork(other) && may(other, try: lease.stage)
          && clone_ms(of: lease, on: other, insteadOf: holder) * 6 / 5 < rest_ms
      }
      guard let better else { continue }
      clones[lease.stage] = nextToken
      grantExtra(lease.stage, to: better)
      actions.append(
        log("stage \(lease.stage) is computed on \(better.name) too: \(holder.name) is expected to be slower"))
    }
  }

  /// How long a stage will take where it is; for ever where it has not advanced for much longer than an epoch takes, or
  /// has no epoch after three times what a stage takes there.
  private func remaining_ms(_ lease: Lease) -> Int {
    guard lease.epoch > 0 else {
      let usual_ms = sessions[lease.session].flatMap { paces[$0.host] }.map { Int(min($0.seconds, 1e9) * 1_000) } ?? 0
      return now_ms - lease.began_ms > max(30_000, 3 * usual_ms) ? .max / 8 : 0
    }
    let elapsed_ms = lease.advanced_ms - lease.began_ms
    let epoch_ms = elapsed_ms / lease.epoch
    if now_ms - lease.advanced_ms > max(10_000, 5 * epoch_ms) { return .max / 8 }
    return max(0, epoch_ms * (lease.epochs - lease.epoch) - (now_ms - lease.advanced_ms))
  }

  /// How long the whole stage would take on another host, by how long stages took on both; without an epoch to go by,
  /// as long as stages take there.
  private func clone_ms(of lease: Lease, on other: Session, insteadOf holder: Session) -> Int {
    guard lease.epoch > 0 else { return Int(min(paces[other.host]?.seconds ?? 0, 1e9) * 1_000) }
    let whole_ms = (lease.advanced_ms - lease.began_ms) / lease.epoch * lease.epochs
    guard let fast = paces[other.host], let slow = paces[holder.host], fast.count >= 3, slow.count >= 3 else {
      return whole_ms
    }
    return Int(min(Double(whole_ms) * fast.seconds / max(slow.seconds, 1e-9), 1e15))
  }

  /// Notes how long a stage took on a host.
  mutating func notePace(_ host: String, seconds: Double) {
    guard paces[host] != nil || paces.count < configuration.sessionsLimit else { return }
    var pace = paces[host] ?? Pace()
    pace.count += 1
    pace.seconds += (seconds - pace.seconds) / Double(min(pace.count, 32))
    paces[host] = pace
  }
}

/// How long stages take on a host: a mean that forgets.
struct Pace: Sendable {
  var count = 0
  var seconds = 0.0
}
