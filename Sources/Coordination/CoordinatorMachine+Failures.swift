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
    guard let lease = leases[failure.token], lease.session == session.id,
      graph.digests[lease.stage] == failure.stage, settling[lease.stage] == nil
    else { return acknowledge(failure.token, failure.stage, .superseded, to: session.id) }
    _ = removeLease(failure.token)
    if failure.kind == .cancelled {
      reopenUndecided(lease.stage)
      acknowledge(failure.token, failure.stage, .superseded, to: session.id)
    } else {
      fail(lease, failure.kind, failure.text, session, isAnswered: true)
    }
  }

  /// Counts a failure of a stage that has no lease any more, and gives the stage up where that was the last try.
  mutating func fail(
    _ lease: Lease, _ kind: FailureClass, _ text: String, _ session: Session, isAnswered: Bool
  ) {
    let stage = lease.stage
    let isBlamed = kind.isBlamedOnStage
    if isBlamed { failures[stage] = UInt8(clamping: Int(failures[stage]) + 1) }
    if !isBlamed { losses[stage] = UInt8(clamping: Int(losses[stage]) + 1) }
    let isLast =
      isBlamed ? failures[stage] >= configuration.failuresLimit : losses[stage] >= configuration.lossesLimit
    recording[lease.token] = isAnswered ? session.id : 0
    actions.append(
      .recordFailure(
        FailureRecord(
          stage: stage, digest: graph.digests[stage], token: lease.token, attempt: lease.attempt, kind: kind,
          text: text, host: session.host, process: session.process, isBlamed: isBlamed, isLast: isLast)))
    actions.append(
      log("stage \(stage) failed on \(session.name), try \(lease.attempt), \(kind.word): \(printable(text))"))
    if isLast {
      giveUp(stage, text)
    } else {
      reopenUndecided(stage)
    }
  }

  /// Refuses a leaking stage for good.
  mutating func refuse(_ leak: Leak) {
    givenUp[leak.stage] = "refused: \(leak)"
    setState(leak.stage, .failed)
    actions.append(log("refused: \(leak)"))
  }

  mutating func giveUp(_ stage: Int, _ why: String) {
    givenUp[stage] = why
    setState(stage, .failed)
    block(below: stage)
    actions.append(log("stage \(stage) is given up; \(count(of: .blocked)) stages wait for such ones"))
  }

  /// Marks what can no longer be computed.
  mutating func block(below stage: Int) {
    var open = graph.children[stage]
    while let child = open.popLast() {
      guard states[child] == .waiting else { continue }
      setState(child, .blocked)
      open += graph.children[child]
    }
  }

  /// Opens again what waited for stages that are no longer given up.
  mutating func unblock() {
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
      givenUp[stage] = nil
      reopen(stage)
    }
    if !again.isEmpty { actions.append(.recordRetry(stages: again)) }
    unblock()
    return again
  }
}
