// The ledger as the simulator models it: what was written is lost in a crash unless the sync came first.

import Canonical
import Coordination
import Messages

/// What survives a crash of the coordinator, and what is on its way there.
struct DurableLedger {
  struct Row: Equatable {
    let token: UInt64
    let result: [UInt8]
    let artifact: ArtifactName?
    let host: String
  }

  private(set) var rows: [Int: Row] = [:]
  private(set) var failures: [Int: Int] = [:]
  private(set) var losses: [Int: Int] = [:]
  private(set) var givenUp: [Int: String] = [:]
  private(set) var granted: [Int: UInt64] = [:]
  private(set) var tokenEnd: UInt64 = 1
  private(set) var epoch: UInt32 = 0
  private(set) var conflicts = 0
  private var hosts: [Int: Set<String>] = [:]
  private var twins: [RecoveredTwin] = []
  private(set) var checkpoints: [Int: (epoch: Int, artifact: ArtifactName)] = [:]
  private var decisions: [Int: (Decision, UInt64)] = [:]
  private var pending: [CoordinatorAction] = []
  /// A rule that was broken.
  private(set) var violation: String?

  var isIdle: Bool { pending.isEmpty }

  mutating func write(_ action: CoordinatorAction) { pending.append(action) }

  /// Makes everything durable and says what the coordinator hears of it.
  mutating func sync() -> [CoordinatorEvent] {
    defer { pending = [] }
    var events: [CoordinatorEvent] = []
    for action in pending { if let event = apply(action) { events.append(event) } }
    return events
  }

  /// A crash: the first `kept` writes had reached the disk, though nobody heard of it.
  mutating func crash(kept: Int) {
    for action in pending.prefix(kept) { _ = apply(action) }
    pending = []
  }

  var pendingCount: Int { pending.count }

  private mutating func apply(_ action: CoordinatorAction) -> CoordinatorEvent? {
    switch action {
    case .commit(let record):
      if rows[record.stage] != nil { violation = "stage \(record.stage) was committed twice" }
      rows[record.stage] = Row(
        token: record.token, result: record.result, artifact: record.artifact, host: record.host)
      return .committed(stage: record.stage, token: record.token)
    case .recordFailure(let record):
      guard record.isCounted else { return .failureRecorded(stage: record.stage, token: record.token) }
      if record.isBlamed { failures[record.stage, default: 0] += 1 } else { losses[record.stage, default: 0] += 1 }
      if record.isBlamed { hosts[record.stage, default: []].insert(record.host) }
      if record.isLast { givenUp[record.stage] = record.text }
      return .failureRecorded(stage: record.stage, token: record.token)
    case .recordRetry(let stages):
      for stage in stages {
        failures[stage] = nil
        hosts[stage] = nil
        losses[stage] = nil
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
      for stage in withdrawn { rows[stage] = nil }
      rows[record.stage] = Row(
        token: record.token, result: record.result, artifact: record.artifact, host: record.host)
      return .overturned(stage: record.stage, token: record.token)
    case .recordCheckpoint(let stage, let epoch, let artifact):
      checkpoints[stage] = artifact.map { (epoch, $0) }
      return nil
    case .recordDecision(let stage, let decision, let fence):
      decisions[stage] = (decision, fence)
      return nil
    case .recordGrant(let stage, let token, _, _, _, _):
      granted[stage] = token
      return nil
    case .reserveTokens(let after):
      tokenEnd = max(tokenEnd, after + 40)
      return .tokensReserved(upTo: tokenEnd)
    default: return nil
    }
  }

  /// What the next start of the coordinator takes over.
  mutating func recover() -> Recovery {
    epoch += 1
    let first = tokenEnd
    tokenEnd += 40
    let stages = Set(failures.keys).union(losses.keys).sorted()
    var recovery = Recovery(
      epoch: epoch, tokens: first..<tokenEnd,
      committed: rows.sorted { $0.key < $1.key }.map { stage, row in
        CommittedStage(
          stage: stage, token: row.token, result: Digest(of: row.result), artifact: row.artifact, host: row.host)
      },
      histories: stages.map {
        StageHistory(
          stage: $0, failures: failures[$0] ?? 0, losses: losses[$0] ?? 0, givenUp: givenUp[$0],
          hosts: (hosts[$0] ?? []).sorted())
      },
      granted: granted.sorted { $0.key < $1.key }.filter { rows[$0.key] == nil }.map { ($0.key, $0.value) },
      conflicts: conflicts)
    recovery.twins = twins.filter { decisions[$0.stage] == nil }
    recovery.decisions = decisions.sorted { $0.key < $1.key }.map { ($0.key, $0.value.0, $0.value.1) }
    recovery.checkpoints = checkpoints.sorted { $0.key < $1.key }.map { ($0.key, $0.value.epoch, $0.value.artifact) }
    return recovery
  }
}
