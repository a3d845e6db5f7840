// For the simulator: whether the tables of the coordinator say the same of the same things.

extension CoordinatorMachine {
  /// What is wrong with the tables, in one line; nil where they agree. Costs time in proportion to stages and leases.
  package var inconsistency: String? {
    phase == .new ? nil : countsInconsistency ?? leasesInconsistency ?? statesInconsistency
  }

  /// How many frames and messages were refused.
  package var garbageSeen: Int { garbageCount }

  /// Whether a lease stands beside the stage's own or beside its result.
  package func isExtra(_ token: UInt64) -> Bool { leases[token]?.isExtra == true }

  /// Hosts that are quarantined for stages that failed there, or came out wrong.
  package var failingHosts: [String] {
    hosts.filter { $0.value.quarantined != nil && $0.value.faults.count >= Self.faultsLimit }.keys.sorted()
  }

  private var countsInconsistency: String? {
    var found = [Int](repeating: 0, count: counts.count)
    for state in states { found[state.rawValue] += 1 }
    if found != counts { return "counts of states are \(counts), and there are \(found)" }
    if nextToken > tokenEnd { return "token \(nextToken) is the next one, and \(tokenEnd) was not reserved" }
    return nil
  }

  private var leasesInconsistency: String? {
    var held = 0
    for id in sessionIDs {
      guard let session = sessions[id] else { return "session \(id) is listed and not known" }
      held += session.tokens.count
      if session.tokens.count > session.credit { return "\(session.name) holds more than its credit" }
      for token in session.tokens where leases[token]?.session != id { return "\(session.name) has not lease \(token)" }
    }
    if departed.keys.contains(where: { sessions[$0] == nil }) { return "a session that has ended is waited for" }
    if held != leases.count { return "\(leases.count) leases, of which sessions hold \(held)" }
    let extras = leases.values.count { $0.isExtra }
    if leases.count - extras != current.count {
      return "\(leases.count) leases, \(extras) of them extra, of \(current.count) stages"
    }
    for (stage, token) in current where leases[token]?.stage != stage || leases[token]?.isExtra == true {
      return "stage \(stage) has not lease \(token)"
    }
    let known = Set(clones.values).union(verifiers).union(contests.values.compactMap(\.token))
    for lease in leases.values where lease.isExtra && !known.contains(lease.token) {
      return "lease \(lease.token) of stage \(lease.stage) stands beside nothing"
    }
    return nil
  }

  private var statesInconsistency: String? {
    for (stage, state) in states.enumerated() {
      let isRight =
        switch state {
        case .settling: settling[stage] != nil
        case .leased: settling[stage] == nil && current[stage] != nil
        case .committed: committed[stage] != nil && settling[stage].map(\.isOverturn) != false && current[stage] == nil
        case .ready, .reserved: settling[stage] == nil && current[stage] == nil && missing[stage] == 0
        case .waiting:
          settling[stage] == nil && current[stage] == nil && (missing[stage] > 0 || closed.contains(stage))
        case .dropped: settling[stage] == nil && current[stage] == nil
        case .failed: givenUp[stage] != nil
        case .blocked: missing[stage] > 0
        }
      if !isRight { return "stage \(stage) is \(state), which its tables do not say" }
    }
    return nil
  }
}

extension WorkerMachine {
  /// The names of a worker's links, by `linkNumber`.
  package static let linkNames = ["new", "connecting", "attached", "leaving", "ended"]

  /// Where this worker stands with its coordinator.
  package var linkNumber: Int {
    switch link {
    case .new: 0
    case .connecting: leaving == nil ? 1 : 3
    case .attached: leaving == nil ? 2 : 3
    case .ended: 4
    }
  }
}
