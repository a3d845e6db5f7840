// The ledger as the simulator models it: what was written is lost in a crash unless the sync came first.

import Canonical
import Coordination
import Messages

/// What survives a crash of the coordinator, and what is on its way there.
struct SimulatedLedger {
  struct Row: Equatable {
    let token: UInt64
    let result: [UInt8]
    let artifact: ArtifactName?
    let host: String
  }

  /// How many tokens one reservation gives.
  let block: UInt64
  private(set) var rows: [Row?]
  /// Stages in the order of their commits, so that a tail can be lost.
  private var order: [Int] = []
  /// What was once committed and was lost with a tail: the same bytes have to come again.
  private(set) var lost: [Row?]
  /// Stages whose result the last group withdrew with one that it was computed from.
  private(set) var withdrawn: Set<Int> = []
  private(set) var failures: [Int]
  private(set) var losses: [Int]
  private(set) var givenUp: [String?]
  /// The last lease of each stage whose grant is durable.
  private(set) var granted: [UInt64]
  private(set) var tokenEnd: UInt64 = 1
  private(set) var epoch: UInt32 = 0
  private(set) var conflicts = 0
  private var hosts: [Set<String>]
  private(set) var twins: [RecoveredTwin] = []
  private(set) var decisions: [Int: (decision: Decision, fence: UInt64)] = [:]
  private(set) var checkpoints: [Int: (epoch: Int, artifact: ArtifactName)] = [:]
  private var pending: [CoordinatorAction] = []
  /// A rule that was broken.
  private(set) var violation: String?

  init(stages: Int, block: Int) {
    self.block = UInt64(block)
    rows = Array(repeating: nil, count: stages)
    lost = rows
    failures = Array(repeating: 0, count: stages)
    losses = failures
    givenUp = Array(repeating: nil, count: stages)
    granted = Array(repeating: 0, count: stages)
    hosts = Array(repeating: [], count: stages)
  }

  var isIdle: Bool { pending.isEmpty }
  var pendingCount: Int { pending.count }

  mutating func write(_ action: CoordinatorAction) { pending.append(action) }

  /// Makes everything durable and says what the coordinator hears of it.
  /// - Parameter refusesResults: results cannot be written this time; everything else can.
  mutating func sync(refusesResults: Bool = false) -> [CoordinatorEvent] {
    withdrawn.removeAll(keepingCapacity: true)
    let actions = pending
    pending.removeAll(keepingCapacity: true)
    return actions.compactMap { action in
      if refusesResults, case .commit(let record) = action {
        return .commitFailed(stage: record.stage, token: record.token, why: "no space left on device")
      }
      return apply(action)
    }
  }

  /// A crash: the first `kept` writes had reached the disk, though nobody heard of it.
  mutating func crash(kept: Int) {
    for action in pending.prefix(kept) { _ = apply(action) }
    pending.removeAll(keepingCapacity: true)
  }

  /// The last results are gone, though they were acknowledged: a disk lied, or their rows are damaged.
  mutating func loseTail(_ count: Int) {
    for _ in 0..<count {
      guard let stage = order.popLast() else { return }
      guard let row = rows[stage] else { continue }
      lost[stage] = row
      rows[stage] = nil
    }
  }

  private mutating func apply(_ action: CoordinatorAction) -> CoordinatorEvent? {
    switch action {
    case .commit(let record):
      if rows[record.stage] != nil { violation = "stage \(record.stage) was committed twice" }
      put(record)
      return .committed(stage: record.stage, token: record.token)
    case .recordFailure(let record):
      if record.isCounted { count(record) }
      return .failureRecorded(stage: record.stage, token: record.token)
    case .recordRetry(let stages):
      for stage in stages {
        failures[stage] = 0
        hosts[stage] = []
        losses[stage] = 0
        givenUp[stage] = nil
      }
      return nil
    case .recordConflict(let record):
      conflicts += 1
      twins.append(
        RecoveredTwin(
          stage: record.stage, token: record.token, result: Digest(of: record.result),
          artifact: record.artifact?.digest, host: record.host))
      return .conflictRecorded(stage: record.stage, token: record.token)
    case .overturn(let record, let withdrawn):
      if rows[record.stage] == nil { violation = "stage \(record.stage) has no result that could be overturned" }
      for stage in withdrawn { rows[stage] = nil }
      self.withdrawn.formUnion(withdrawn)
      put(record)
      return .overturned(stage: record.stage, token: record.token)
    case .recordDecision(let stage, let decision, let fence):
      decisions[stage] = (decision, fence)
      return nil
    case .recordCheckpoint(let stage, let epoch, let artifact):
      checkpoints[stage] = artifact.map { (epoch, $0) }
      return nil
    case .recordGrant(let stage, let token, _, _, _, _):
      granted[stage] = token
      return nil
    case .reserveTokens(let after):
      tokenEnd = max(tokenEnd, after + block)
      return .tokensReserved(upTo: tokenEnd)
    default: return nil
    }
  }

  private mutating func put(_ record: CommitRecord) {
    rows[record.stage] = Row(
      token: record.token, result: record.result, artifact: record.artifact, host: record.host)
    order.append(record.stage)
  }

  private mutating func count(_ record: FailureRecord) {
    if record.isBlamed { failures[record.stage] += 1 } else { losses[record.stage] += 1 }
    if record.isBlamed { hosts[record.stage].insert(record.host) }
    if record.isLast { givenUp[record.stage] = record.text }
  }

  /// What the next start of the coordinator takes over.
  mutating func recover() -> Recovery {
    epoch += 1
    let first = tokenEnd
    tokenEnd += block
    var recovery = Recovery(epoch: epoch, tokens: first..<tokenEnd, conflicts: conflicts)
    for stage in rows.indices {
      if let row = rows[stage] {
        recovery.committed.append(
          CommittedStage(
            stage: stage, token: row.token, result: Digest(of: row.result), artifact: row.artifact, host: row.host))
      } else if granted[stage] > 0 {
        recovery.granted.append((stage, granted[stage]))
      }
      guard failures[stage] > 0 || losses[stage] > 0 || givenUp[stage] != nil else { continue }
      recovery.histories.append(
        StageHistory(
          stage: stage, failures: failures[stage], losses: losses[stage], givenUp: givenUp[stage],
          hosts: hosts[stage].sorted()))
    }
    recovery.checkpoints = checkpoints.sorted { $0.key < $1.key }.map { ($0.key, $0.value.epoch, $0.value.artifact) }
    recovery.twins = twins
    recovery.decisions = decisions.sorted { $0.key < $1.key }.map { ($0.key, $0.value.decision, $0.value.fence) }
    return recovery
  }
}
