// The end: all decided, the report written, workers told, then out. Or a person said so earlier.

import Messages

extension CoordinatorMachine {
  /// How the run stands, or ended.
  public var outcome: Outcome {
    Outcome(
      failed: states.indices.filter { states[$0] == .failed },
      blocked: states.indices.filter { states[$0] == .blocked }, conflicts: conflicts, isInterrupted: isInterrupted)
  }

  /// Whether nothing is left to compute, and nothing on its way into the ledger.
  private var isDecided: Bool {
    let decided = count(of: .committed) + count(of: .failed) + count(of: .blocked) + count(of: .dropped)
    return decided == graph.count && recording.isEmpty && conflicting.isEmpty && contests.isEmpty
  }

  mutating func advanceEnd() {
    switch phase {
    case .running where isDecided:
      phase = .reporting
      actions.append(.finished(outcome))
    case .draining(let until_ms):
      let isWriting = settling.values.contains { $0.step == .writing }
      let isAlone = sessions.isEmpty || leavesWorkersAlone
      guard now_ms >= until_ms || (isAlone && !isWriting) else { return }
      phase = .stopped
      actions.append(.stop(outcome))
    case .new, .running, .reporting, .stopped: break
    }
  }

  mutating func reportWritten() {
    if phase == .reporting { drain() }
  }

  /// Whether workers are to go on without this start of the coordinator.
  var leavesWorkersAlone: Bool { isInterrupted && !configuration.drainsOnInterrupt }

  /// The first time: stop cleanly. The second time: at once.
  mutating func interrupt() {
    if case .draining = phase { return phase = .draining(until_ms: now_ms) }
    isInterrupted = true
    drain()
  }

  private mutating func drain() {
    phase = .draining(until_ms: now_ms + configuration.farewell_ms)
    guard !leavesWorkersAlone else { return }
    for id in sessionIDs { sendDrain(to: id) }
  }

  mutating func sendDrain(to id: UInt64) {
    send(.drain(.stop, reason: isInterrupted ? "the coordinator was told to stop" : "the plan is finished"), to: id)
  }
}
