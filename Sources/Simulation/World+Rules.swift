// The rules that no history may break, looked at after every step. What a machine says is compared with what the world
// knows to be true.

import Canonical
import Coordination
import Messages

extension World {
  /// Steps of the coordinator between two looks at all its tables.
  private static let thoroughness = 64
  /// Actions that one event may cause.
  private static let actionsLimit = 4_096

  // MARK: - What the coordinator says

  /// What the coordinator says has to be true when it says it.
  func checkSent(_ envelope: Envelope, to worker: Int) {
    switch envelope.message {
    case .acknowledge(let answer): checkAcknowledged(answer, worker)
    case .grant(let grant): checkGranted(grant, worker)
    case .refuse(let refusal):
      if workers[worker].foreignness == nil, refusal.code == .incompatible { violate("a right worker is refused") }
      for line in refusal.lines { coverage.refuse("a worker: " + line.prefix { $0 != ":" }) }
    default: break
    }
  }

  private func checkAcknowledged(_ answer: Acknowledgement, _ worker: Int) {
    guard let stage = plan.graph.number(of: answer.stage) else { return violate("an unknown stage is acknowledged") }
    switch answer.verdict {
    case .committed, .duplicate:
      // It may have been written and withdrawn in one group.
      guard let row = ledger.rows[stage] else {
        if ledger.withdrawn.contains(stage) { return }
        return violate("stage \(stage) is acknowledged before it is durable")
      }
      if let result = workers[worker].results[stage], result != row.result {
        violate("stage \(stage) is called \(answer.verdict), and worker \(worker) found other bytes")
      }
    case .conflict:
      if ledger.conflicts == 0 { violate("a conflict of stage \(stage) is acknowledged before it is durable") }
      if !faults.has(.flippingHost) { violate("twins of stage \(stage) differ") }
    case .superseded: coverage.refuse("an answer that nobody needs")
    case .recorded: break
    }
  }

  private func checkGranted(_ grant: Grant, _ worker: Int) {
    let stage = grant.index
    if workers[worker].foreignness != nil { violate("a foreign worker is granted stage \(stage)") }
    if grant.token <= newestToken { violate("token \(grant.token) is given after \(newestToken)") }
    if grant.token >= ledger.tokenEnd { violate("token \(grant.token) was not reserved") }
    newestToken = max(newestToken, grant.token)
    if isGateClosed, plan.gated.contains(stage) { violate("stage \(stage) was granted before it was opened") }
    if plan.leaks(stage) { violate("stage \(stage) was granted, and it leaks") }
    let isExtra = coordinator?.isExtra(grant.token) == true
    if ledger.rows[stage] != nil, !isExtra || !isContested[stage] {
      violate("stage \(stage) was granted, and it is committed")
    }
    for parent in plan.graph.parents[stage].map({ Int($0) })
    where ledger.rows[parent] == nil && !ledger.withdrawn.contains(parent) {
      violate("stage \(stage) was granted before its input, stage \(parent), is in the ledger")
    }
    if grant.parents.contains(where: { !store.contains($0.artifact.digest) }) {
      violate("stage \(stage) was granted before its inputs are stored")
    }
    if let state = grant.checkpoint, !store.contains(state.digest) {
      violate("stage \(stage) was granted with a checkpoint that is not stored")
    }
    if grant.description != plan.catalog.descriptions[stage] { violate("stage \(stage) has another's description") }
    if !isExtra { checkNeed(stage, worker) }
    granted[stage] = grant.token
    while tokens.count <= Int(grant.token) { tokens.append(TokenTruth()) }
    tokens[Int(grant.token)] = TokenTruth(stage: Int32(stage), worker: Int32(worker))
  }

  /// Nothing is granted that somebody is computing, unless there is a reason to think that he does not.
  private func checkNeed(_ stage: Int, _ worker: Int) {
    // A greeting that crossed a grant takes it back, and the worker hears of that at its next beat.
    let known_ms = now_ms - 2 * Self.beat_ms
    for other in workers.indices
    where other != worker && workers[other].isComputing(stage, since_ms: known_ms) && !isExcused(other)
      && !isForgotten(stage, other)
    {
      violate("stage \(stage) is granted to worker \(worker), and worker \(other) computes it and was heard")
    }
  }

  /// Whether a lease under which a worker may compute a stage was forgotten.
  private func isForgotten(_ stage: Int, _ worker: Int) -> Bool {
    forgotten.contains { token in
      let known = tokens.indices.contains(Int(token)) ? tokens[Int(token)] : TokenTruth()
      return known.stage == Int32(stage) && known.worker == Int32(worker)
    }
  }

  /// Whether something explains that a worker was not heard. A coordinator that stood still, or was away, explains
  /// nothing: for that time leases are extended.
  private func isExcused(_ worker: Int) -> Bool {
    if faults.has(.clockRate) { return true }
    let patience_ms = 3 * Self.lease_ms
    var since_ms = now_ms
    if coordinatorPausedUntil_ms > now_ms - patience_ms { since_ms = min(since_ms, coordinatorPausedSince_ms) }
    if coordinatorStarted_ms > now_ms - patience_ms { since_ms = min(since_ms, coordinatorEnded_ms) }
    return workers[worker].excusedUntil_ms >= since_ms - patience_ms
  }

  // MARK: - What the coordinator writes

  func checkRecorded(_ action: CoordinatorAction) {
    if case .recordConflict(let record) = action { isContested[record.stage] = true }
    switch action {
    case .commit(let record), .overturn(let record, _): checkFences(record)
    default: break
    }
    guard case .recordFailure(let record) = action, record.isCounted else { return }
    let token = Int(record.token)
    guard tokens.indices.contains(token), tokens[token].stage == record.stage else {
      return violate("a failure of stage \(record.stage) under token \(token), which is not its own")
    }
    // Who was lost with a stage may come back and say that it failed.
    if (record.isBlamed ? tokens[token].failedIn : tokens[token].lostIn) == coordinatorLife {
      violate("token \(token) of stage \(record.stage) fails twice")
    }
    if record.isBlamed {
      tokens[token].failedIn = Int32(coordinatorLife)
    } else {
      tokens[token].lostIn = Int32(coordinatorLife)
    }
    if record.isBlamed, !tokens[token].isFailed {
      violate("stage \(record.stage) is blamed for token \(token), under which nobody said that it failed")
    }
    if record.isLast, record.isBlamed { checkCondemned(record.stage) }
    let worker = Int(record.process) % Self.processStride
    guard record.kind == .host, !tokens[token].isFailed else { return }
    let isGhost = Int(record.process) != process(of: worker)
    if !isGhost, !isExcused(worker) {
      violate("stage \(record.stage) counts a loss, and nothing was wrong with worker \(worker)")
    }
    stepLosses.append((Int(record.process), record.stage))
  }

  /// What was computed from a result that was outvoted is not taken, however late it comes.
  private func checkFences(_ record: CommitRecord) {
    let newer = ledger.decisions.filter { $0.value.decision == .overturned && record.token < $0.value.fence }.keys
    for input in newer.sorted() where descendants(of: input).contains(record.stage) {
      violate("stage \(record.stage) is written, and its lease is older than the right result of stage \(input)")
    }
  }

  /// Who died may have died of what it had begun, or of as many stages as it has slots; of the rest it did not.
  func checkBlame() {
    guard let process = stepLosses.first?.process else { return }
    let lost = stepLosses.filter { $0.process == process }
    stepLosses.removeAll { $0.process == process }
    let slots = workers[process % Self.processStride].slots
    let innocent = lost.filter { !begun.contains($0.process << 32 | $0.stage) }
    if innocent.count > max(0, slots - (lost.count - innocent.count)) {
      violate("the loss of process \(process) counts for stages that it had not begun: \(innocent.map(\.stage))")
    }
    checkBlame()
  }

  /// A stage that only a bad host fails at is given up only where no other host works.
  private func checkCondemned(_ stage: Int) {
    // After a start it takes some time until the others are there again.
    guard !plan.isPoison[stage], now_ms - coordinatorStarted_ms > 2 * Self.lease_ms else { return }
    let others = workers.indices.filter { worker in
      let place = workers[worker]
      return place.host != badHost && place.foreignness == nil && place.machine != nil && !isExcused(worker)
        && !isDrained.contains(place.host)
    }
    if let other = others.first {
      violate("stage \(stage) is given up for a bad host's sake, and worker \(other) works")
    }
  }

  /// A worker said that a stage failed.
  func noteFailure(_ token: UInt64) {
    if tokens.indices.contains(Int(token)) { tokens[Int(token)].isFailed = true }
  }

  // MARK: - Tables

  /// Now and then every table is compared with every other.
  func checkTables(after actions: [CoordinatorAction]) {
    if actions.count > Self.actionsLimit { violate("one event caused \(actions.count) actions") }
    if steps % Self.thoroughness == 0 { checkThoroughly() }
  }

  func checkThoroughly() {
    guard let coordinator else { return }
    if let found = coordinator.inconsistency { violate(found) }
    for host in coordinator.failingHosts where host != "host\(badHost)" && host != "host\(sickHost)" {
      violate("\(host) is called a bad host")
    }
    if coordinator.garbageSeen < garbageGiven { violate("garbage was not counted") }
    for (stage, count) in ledger.failures.enumerated() where count > Self.failuresLimit {
      violate("stage \(stage) failed \(count) times")
    }
  }

  /// What the machine's limits say by default: three failures on one host, three times as many anywhere.
  static let failuresLimit = 9
  static let lossesLimit = 8
}
