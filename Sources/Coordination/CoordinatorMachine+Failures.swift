// Failures: who is to blame, how often a stage is tried, and what waits for one that was given up.

import Canonical
import Messages

extension FailureClass {
  /// Whether the stage itself is at fault; else the failure is a loss.
  var isBlamedOnStage: Bool {
    switch self {
    case .task, .data, .numeric, .memory: true
    case .artifact, .cancelled, .host: false
    }
  }

  /// The word in logs and answers.
  public var word: String {
    switch self {
    case .task: "task"
    case .data: "data"
    case .numeric: "numeric"
    case .artifact: "artifact"
    case .cancelled: "cancelled"
    case .memory: "memory"
    case .host: "host"
    }
  }
}

extension CoordinatorMachine {
  mutating func receive(_ failure: Failure, _ session: Session) {
    guard recording[failure.token] == nil else { return }
    // Told again: its acknowledgement was lost.
    guard !answeredFailures.contains(failure.token) else {
      return acknowledge(failure.token, failure.stage, .recorded, to: session.id)
    }
    if plantedBug == .noFence, leases[failure.token] == nil, let stage = graph.number(of: failure.stage),
      let token = current[stage], let lease = removeLease(token)
    {
      return fail(lease, failure.kind, failure.text, session, isAnswered: true)
    }
    guard let lease = leases[failure.token], lease.session == session.id,
      graph.digests[lease.stage] == failure.stage, settling[lease.stage] == nil
    else { return acknowledge(failure.token, failure.stage, .superseded, to: session.id) }
    _ = removeLease(failure.token)
    if failure.kind == .cancelled {
      reopenUndecided(lease.stage)
      release(lease, "the worker stopped it", session)
      acknowledge(failure.token, failure.stage, .superseded, to: session.id)
    } else {
      fail(lease, failure.kind, failure.text, session, isAnswered: true)
    }
  }

  /// Losses in all, however few workers had them, as a multiple of those that count.
  private static let lossTriesFactor = 5

  /// Counts a failure of a stage that has no lease any more, and gives the stage up where that was the last try. Of a
  /// session's losses of one stage the first counts: a sick host says something of itself, not of the stage.
  mutating func fail(
    _ lease: Lease, _ kind: FailureClass, _ text: String, _ session: Session, isAnswered: Bool,
    isFirstLost: Bool = true
  ) {
    let stage = lease.stage
    guard states[stage] != .committed else { return failBeside(lease, kind, text, session, isAnswered: isAnswered) }
    let isBlamed = kind.isBlamedOnStage
    accuse(stage, session, isLoss: !isBlamed, countsForHost: isBlamed || isFirstLost)
    let isCounted = isBlamed || losers[stage, default: []].insert(session.origin).inserted
    if isBlamed { dropCheckpoint(of: stage) }
    if isBlamed { failures[stage] = UInt8(clamping: Int(failures[stage]) + 1) }
    if !isBlamed, isCounted { losses[stage] = UInt8(clamping: Int(losses[stage]) + 1) }
    if !isBlamed { lossTries[stage, default: 0] += 1 }
    let isAtLimit = isBlamed ? isProvenBad(stage) : isCounted && losses[stage] >= configuration.lossesLimit
    let isWornOut = lossTries[stage, default: 0] >= Self.lossTriesFactor * configuration.lossesLimit
    let isLast = (isAtLimit || isWornOut) && current[stage] == nil
    recording[lease.token] = isAnswered ? session.id : 0
    if isAnswered { answeredFailures.insert(lease.token) }
    actions.append(
      .recordFailure(
        FailureRecord(
          stage: stage, digest: graph.digests[stage], token: lease.token, attempt: lease.attempt, kind: kind,
          text: text, host: session.host, process: session.process, isBlamed: isBlamed,
          isCounted: isCounted, isLast: isLast)))
    actions.append(
      log("stage \(stage) failed on \(session.name), try \(lease.attempt), \(kind.word): \(printable(text))"))
    if [.host, .artifact].contains(kind) { rest(session.id, text) }
    if isLast {
      giveUp(stage, text)
    } else {
      reopenUndecided(stage)
    }
  }

  /// A second computation of a committed stage failed: that says something of its host alone.
  private mutating func failBeside(
    _ lease: Lease, _ kind: FailureClass, _ text: String, _ session: Session, isAnswered: Bool
  ) {
    recording[lease.token] = isAnswered ? session.id : 0
    if isAnswered { answeredFailures.insert(lease.token) }
    actions.append(
      .recordFailure(
        FailureRecord(
          stage: lease.stage, digest: graph.digests[lease.stage], token: lease.token, attempt: lease.attempt,
          kind: kind, text: text, host: session.host, process: session.process, isBlamed: false, isCounted: false,
          isLast: false)))
    if kind.isBlamedOnStage { addFault(of: session.host, lease.stage) }
    rest(session.id, text)
    failContest(lease.stage)
  }

  /// Grants a session nothing for a while: 5 s, then twice as long each time, 5 minutes at most.
  private mutating func rest(_ id: UInt64, _ why: String) {
    guard let session = sessions[id], session.restsUntil_ms <= now_ms else { return }
    let rest_ms = min(5_000 << min(session.rests, 6), 300_000)
    sessions[id]?.rests += 1
    sessions[id]?.restsUntil_ms = now_ms + rest_ms
    actions.append(log("\(session.name) rests for \(rest_ms / 1_000) s: \(printable(why))"))
  }

  /// Closes the attempt of a lease that was taken back without an answer. Nobody is to blame, and nothing is counted.
  mutating func release(_ lease: Lease, _ why: String, _ session: Session) {
    actions.append(
      .recordFailure(
        FailureRecord(
          stage: lease.stage, digest: graph.digests[lease.stage], token: lease.token, attempt: lease.attempt,
          kind: .cancelled, text: why, host: session.host, process: session.process, isBlamed: false,
          isCounted: false, isLast: false)))
  }

  /// Refuses a leaking stage for good.
  mutating func refuse(_ leak: Leak) {
    givenUp[leak.stage] = "refused: \(leak)"
    setState(leak.stage, .failed)
    actions.append(log("refused: \(leak)"))
  }

  mutating func giveUp(_ stage: Int, _ why: String) {
    givenUp[stage] = why
    forgetAccusations(of: stage)
    setState(stage, .failed)
    block(below: stage)
    actions.append(log("stage \(stage) is given up; \(count(of: .blocked)) stages wait for such ones"))
  }

  /// Marks what can no longer be computed.
  mutating func block(below stage: Int) {
    var open = Array(graph.children[stage])
    while let child = open.popLast() {
      guard states[child] == .waiting else { continue }
      setState(child, .blocked)
      open += graph.children[child]
    }
  }

  /// Opens again what waited for stages that are no longer given up.
  mutating func unblock() {
    guard count(of: .blocked) > 0 else { return }
    for stage in states.indices where states[stage] == .blocked {
      if !graph.parents[stage].contains(where: { [.failed, .blocked].contains(states[$0]) }) { reopen(stage) }
    }
  }

  /// Lets stages that were given up be tried again; leaks stay refused.
  mutating func retry(_ stages: [Int]) -> [Int] {
    let again = stages.filter { states[$0] == .failed && graph.leak(of: $0) == nil }
    for stage in again {
      failures[stage] = 0
      losses[stage] = 0
      losers[stage] = nil
      lossTries[stage] = nil
      givenUp[stage] = nil
      forgetAccusations(of: stage)
      reopen(stage)
    }
    if !again.isEmpty { actions.append(.recordRetry(stages: again)) }
    unblock()
    return again
  }
}
