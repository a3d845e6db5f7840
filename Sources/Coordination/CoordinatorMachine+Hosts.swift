// Blame between stages and hosts. A stage that fails on two hosts is at fault; a host on which several stages fail
// that pass elsewhere is. Until it is known which, a stage that failed somewhere is tried somewhere else.

import Messages

/// What is known of a host that something failed on, or that a person has closed.
struct HostRecord: Sendable {
  /// Stages that failed here, or were lost with a worker, and have no result yet; true for a loss.
  var accused: [Int: Bool] = [:]
  /// Stages that failed here, or came out with other bytes, and passed elsewhere.
  var faults: Set<Int> = []
  /// Stages that were lost here since its last result, one for each worker lost, and passed elsewhere.
  var losses: Set<Int> = []
  /// Why it is granted nothing while another host works; nil where it is trusted.
  var quarantined: String?
  /// Whether a person wants it empty.
  var isDrained = false
}

/// Where a stage went wrong.
struct Accusations: Sendable {
  /// Hosts on which it failed or was lost.
  var hosts: Set<String> = []
  /// Worker processes in which it failed or was lost, each by its first session.
  var processes: Set<UInt64> = []
  /// The hosts on which it failed by its own fault.
  var provingHosts: Set<String> = []
}

extension CoordinatorMachine {
  /// Stages that fail on a host and pass elsewhere before the host is quarantined.
  static let faultsLimit = 3
  /// Losses of a stage after which it is computed alone in its worker, so that its neighbours are not blamed with it.
  private static let suspectLosses = 2

  // MARK: - Accusing

  /// Notes that a stage went wrong in a worker.
  /// - Parameter countsForHost: false for all but one of the stages that were lost with one worker.
  mutating func accuse(_ stage: Int, _ session: Session, isLoss: Bool, countsForHost: Bool = true) {
    accusations[stage, default: Accusations()].hosts.insert(session.host)
    accusations[stage]?.processes.insert(session.origin)
    if !isLoss { accusations[stage]?.provingHosts.insert(session.host) }
    guard countsForHost, hosts[session.host] != nil || hosts.count < configuration.sessionsLimit else { return }
    hosts[session.host, default: HostRecord()].accused[stage] = isLoss
  }

  /// Whether the failures of a stage say that it is at fault: on two hosts; or, where no other host works,
  /// `failuresLimit` times, in two processes if there are two.
  func isProvenBad(_ stage: Int) -> Bool {
    let limit = configuration.failuresLimit
    guard let known = accusations[stage] else { return Int(failures[stage]) >= 3 * limit }
    if known.provingHosts.count >= 2 || Int(failures[stage]) >= 3 * limit { return true }
    // Soon after a start the others may only not have come yet, and who comes first may be sick.
    guard Int(failures[stage]) >= limit, now_ms - start_ms >= configuration.grace_ms else { return false }
    func works(_ condition: (Session) -> Bool) -> Bool {
      sessionIDs.contains { id in sessions[id].map { mayWork($0) && condition($0) } ?? false }
    }
    if works({ !known.provingHosts.contains($0.host) }) { return false }
    return known.processes.count >= 2 || !works { !known.processes.contains($0.origin) }
  }

  /// Whether a stage was lost with so many workers that it is computed alone.
  func isSuspect(_ stage: Int) -> Bool { losses[stage] >= Self.suspectLosses }

  /// A stage passed: hosts on which it went wrong before are at fault, unless it passed there too.
  mutating func acquit(_ stage: Int, passedOn host: String) {
    hosts[host]?.losses = []
    guard let known = accusations.removeValue(forKey: stage) else { return }
    for accused in known.hosts.sorted() {
      guard let isLoss = hosts[accused]?.accused.removeValue(forKey: stage), accused != host else { continue }
      addFault(of: accused, stage, isLoss: isLoss)
    }
  }

  /// Forgets who failed at a stage: it was given up, or may be tried again.
  mutating func forgetAccusations(of stage: Int) {
    for host in accusations.removeValue(forKey: stage)?.hosts ?? [] { hosts[host]?.accused[stage] = nil }
  }

  /// Counts a stage that went wrong on a host and right elsewhere.
  mutating func addFault(of host: String, _ stage: Int, isLoss: Bool = false) {
    guard hosts[host] != nil || hosts.count < configuration.sessionsLimit else { return }
    if isLoss {
      hosts[host, default: HostRecord()].losses.insert(stage)
    } else {
      hosts[host, default: HostRecord()].faults.insert(stage)
    }
    guard let record = hosts[host], record.quarantined == nil,
      max(record.faults.count, record.losses.count) >= Self.faultsLimit
    else { return }
    let why = "\(max(record.faults.count, record.losses.count)) stages went wrong there and right elsewhere"
    hosts[host]?.quarantined = why
    actions.append(
      log(
        "host \(printable(host)) is quarantined: \(why); while another host works it gets nothing more "
          + "(retry --quarantined trusts it again)"))
  }

  // MARK: - Who may have what

  /// Whether a worker may be granted anything: its host is trusted, and nobody wants it empty.
  func mayWork(_ session: Session) -> Bool {
    guard let record = hosts[session.host] else { return true }
    return !record.isDrained && (record.quarantined == nil || !isTrustedHostThere)
  }

  /// Whether a host that is neither quarantined nor drained has a worker: only then quarantine holds the others back.
  private var isTrustedHostThere: Bool {
    sessionIDs.contains { id in
      guard let session = sessions[id] else { return false }
      guard let record = hosts[session.host] else { return true }
      return record.quarantined == nil && !record.isDrained
    }
  }

  /// Whether a stage that went wrong before may go to this worker; it waits for one that is less to blame.
  func may(_ session: Session, try stage: Int) -> Bool {
    guard let known = accusations[stage] else { return true }
    func guilt(_ other: Session) -> Int {
      (known.hosts.contains(other.host) ? 2 : 0) + (known.processes.contains(other.origin) ? 1 : 0)
    }
    let own = guilt(session)
    return own == 0
      || !sessionIDs.contains { id in sessions[id].map { mayWork($0) && guilt($0) < own } ?? false }
  }

  // MARK: - Orders of people

  /// Lets a host finish what it has and sends its workers home; others from there are refused until it is opened.
  mutating func drain(host: String) -> Int {
    hosts[host, default: HostRecord()].isDrained = true
    let ids = sessionIDs.filter { sessions[$0]?.host == host }
    for id in ids { send(.drain(.finish, reason: "the host is drained"), to: id) }
    actions.append(log("host \(printable(host)) is drained: \(ids.count) workers finish what they have and go"))
    return ids.count
  }

  /// Trusts a host again and lets its workers come; nil opens all that are closed.
  mutating func open(host: String?) -> [String] {
    let closed = hosts.keys.filter { name in
      (host == nil || host == name) && (hosts[name]?.isDrained == true || hosts[name]?.quarantined != nil)
    }.sorted()
    for name in closed {
      hosts[name] = nil
      actions.append(log("host \(printable(name)) may work again"))
    }
    return closed
  }
}
