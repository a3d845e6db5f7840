// A finished history has the bytes of one without faults, and nobody was given up who was innocent.

import Canonical
import Coordination
import Messages

extension World {
  /// Stages with a result.
  package var committedCount: Int { ledger.rows.count { $0 != nil } }

  /// How each worker ended; nil where it has not.
  package var workerExits: [Int32?] { workers.map(\.exit) }

  func checkEnd() {
    guard let outcome else { return violate("no outcome") }
    checkGivenUp(Set(outcome.failed))
    let blocked = plan.blocked(by: Set(outcome.failed)).filter { !plan.isDropped($0) || outcome.blocked.contains($0) }
    if Set(outcome.blocked) != blocked { violate("blocked: \(outcome.blocked), expected \(blocked.sorted())") }
    if outcome.conflicts > 0, !faults.has(.flippingHost) { violate("\(outcome.conflicts) conflicts") }
    for stage in 0..<plan.graph.count {
      if plan.isDropped(stage), ledger.rows[stage] == nil { continue }
      let isExpected = !blocked.contains(stage) && !outcome.failed.contains(stage)
      // A stage may have been computed before one of its inputs was given up.
      if isExpected != (ledger.rows[stage] != nil) { violate("stage \(stage) is lost, or too much") }
      if let row = ledger.rows[stage] { check(row, of: stage) }
    }
    for (worker, place) in workers.enumerated() where place.foreignness != nil {
      if place.exit != nil, place.exit != 78 { violate("foreign worker \(worker) ended with \(place.exit ?? 0)") }
    }
  }

  /// Exactly the stages that cannot be computed are given up; others only after as many true losses as are allowed.
  private func checkGivenUp(_ failed: Set<Int>) {
    let blocked = plan.blocked(by: failed)
    for stage in 0..<plan.graph.count where !blocked.contains(stage) && !plan.isDropped(stage) {
      let isHopeless = plan.isPoison[stage] || plan.isKiller[stage] || plan.leaks(stage)
      if isHopeless, !failed.contains(stage) { violate("stage \(stage) cannot be computed, and is not given up") }
      guard !isHopeless, failed.contains(stage) else { continue }
      if faults.has(.badHost), ledger.failures[stage] >= 3 { continue }
      if ledger.losses[stage] < Self.lossesLimit { violate("stage \(stage) was given up, and it is innocent") }
    }
  }

  /// The bytes of a stage are those that it gives anywhere, unless a sick host had a hand in them.
  private func check(_ row: SimulatedLedger.Row, of stage: Int) {
    let hasWrongInput = plan.graph.parents[stage].contains { parent in
      ledger.rows[Int(parent)]?.artifact.map { strange[$0.digest] != nil } ?? false
    }
    let isSuspect = sickHost >= 0 && row.host == "host\(sickHost)" || hasWrongInput
    let isRight = row.result == plan.catalog.results[stage] && row.artifact == plan.artifact(of: stage)
    if !isRight, !isSuspect { violate("stage \(stage) has other bytes") }
    let decision = ledger.decisions[stage]?.decision
    if !isRight, !hasWrongInput, hostCount > 1, decision == .upheld || decision == .overturned {
      violate("stage \(stage) is \(decision.map(\.rawValue) ?? ""), and its bytes are wrong")
    }
    if let name = row.artifact, !store.contains(name.digest) { violate("the artifact of stage \(stage) is not there") }
  }
}
