// The rules that no history may break, looked at after every step.

import Canonical
import Coordination
import Messages

extension World {
  /// What the coordinator says has to be true when it says it.
  func checkSent(_ envelope: Envelope) {
    switch envelope.message {
    case .acknowledge(let answer):
      guard let stage = plan.graph.number(of: answer.stage) else { return violate("an unknown stage is acknowledged") }
      let isDurable = ledger.rows[stage] != nil
      if [.committed, .duplicate].contains(answer.verdict), !isDurable {
        violate("stage \(stage) is acknowledged before it is durable")
      }
      if answer.verdict == .conflict { violate("twins of stage \(stage) differ") }
    case .grant(let grant):
      if grant.token <= newestToken { violate("token \(grant.token) is given after \(newestToken)") }
      if grant.token >= ledger.tokenEnd { violate("token \(grant.token) was not reserved") }
      newestToken = max(newestToken, grant.token)
      if grant.index == plan.leaking { violate("stage \(grant.index) was granted, and it leaks") }
      if ledger.rows[grant.index] != nil { violate("stage \(grant.index) was granted, and it is committed") }
      if grant.parents.contains(where: { store[$0.artifact.digest] == nil }) {
        violate("stage \(grant.index) was granted before its inputs are stored")
      }
    default: break
    }
  }

  /// States add up, a stage has one lease, a worker has at most its credit, and tries are counted.
  func checkTables() {
    guard let coordinator else { return }
    let total = StageState.allCases.reduce(0) { $0 + coordinator.count(of: $1) }
    if total != plan.graph.count { violate("the states of stages add up to \(total)") }
    let table = coordinator.leaseTable
    if Set(table.map(\.stage)).count != table.count { violate("a stage has two current leases") }
    for (session, entries) in Dictionary(grouping: table, by: \.session) {
      if entries.count > (entries.first?.credit ?? 0) { violate("session \(session) holds more than its credit") }
    }
    for (stage, count) in ledger.failures where count > 9 { violate("stage \(stage) failed \(count) times") }
  }

  /// A finished history has the bytes of one without faults, and nobody given up who was innocent.
  func checkEnd() {
    let expected = plan.expected
    guard let outcome else { return violate("no outcome") }
    if Set(outcome.failed) != expected.failed {
      violate("given up: \(outcome.failed), expected \(expected.failed.sorted())")
    }
    if Set(outcome.blocked) != expected.blocked { violate("blocked: \(outcome.blocked)") }
    if outcome.conflicts > 0 { violate("\(outcome.conflicts) conflicts") }
    for stage in 0..<plan.graph.count {
      let isExpected = !expected.failed.contains(stage) && !expected.blocked.contains(stage)
      if isExpected != (ledger.rows[stage] != nil) { violate("stage \(stage) is lost, or too much") }
      guard let row = ledger.rows[stage] else { continue }
      if row.result != plan.result(of: stage) { violate("stage \(stage) has other bytes") }
      if let name = row.artifact, store[name.digest] != plan.artifact(of: stage) {
        violate("stage \(stage) has another artifact")
      }
    }
  }
}
