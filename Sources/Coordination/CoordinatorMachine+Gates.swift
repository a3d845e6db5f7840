// Gates: stages that wait for a verdict on results, beside their inputs, and stages that a verdict made needless.
//
// The machine knows no numbers: who reads the results (a referee beside the driver) says what is closed at the start,
// what is open by now, and what nothing will need. The same results give the same words, in a restart too.

extension CoordinatorMachine {
  /// Holds stages back until they are opened.
  mutating func close(_ stages: [Int]) {
    precondition(phase == .new, "stages are closed before the start")
    closed.formUnion(stages)
  }

  /// Lets stages be granted as soon as their inputs are there.
  mutating func open(_ stages: [Int]) {
    for stage in stages where closed.remove(stage) != nil && states[stage] == .waiting { reopen(stage) }
  }

  /// Takes stages out of the plan that are not decided; a result that is on its way into the ledger stays.
  mutating func drop(_ stages: [Int]) {
    var count = 0
    for stage in stages where ![.committed, .settling, .failed].contains(states[stage]) {
      for token in [current[stage], clones[stage]].compactMap({ $0 }) { cancelLease(token, "it is not needed") }
      setState(stage, .dropped)
      dropCheckpoint(of: stage)
      count += 1
    }
    if count > 0, phase != .new { actions.append(log("\(count) stages are not needed any more")) }
  }
}
