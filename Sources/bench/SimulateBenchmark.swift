// Histories of a simulated cluster: how many a minute, what happened in them, and whether a rule was broken.

import Canonical
import Coordination
import Glibc
import Simulation

/// Runs histories and prints what they came to; the exit status is 1 where a rule was broken, or where a planted error
/// was not found.
func simulate(_ options: SimulateOptions) throws -> Int32 {
  if let seed = options.trace { return try traceHistory(seed, options) }
  if !options.planted.isEmpty { return try findPlanted(options) }
  let (start_s, startCPU_s) = (now_s(), processor_s())
  let run = try SimulationRun.of(seeds: options.seeds, options.world, threads: options.threads)
  let answer = answer(run, options, seconds: now_s() - start_s, processor_s: processor_s() - startCPU_s)
  print(options.json ? answer.json.text : answer.text)
  return run.violations.isEmpty ? 0 : 1
}

/// Time that the processor has spent on this process.
private func processor_s() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

extension SimulateOptions {
  fileprivate var world: WorldOptions {
    var world = WorldOptions()
    world.stages = stages
    world.workers = workers
    return world
  }
}

/// Violations that are printed.
private let violationsShown = 20

private func answer(
  _ run: SimulationRun, _ options: SimulateOptions, seconds: Double, processor_s: Double
) -> Answer {
  let perCoreMinute = Double(run.seeds) / max(processor_s, 1e-6) * 60
  let faults = FaultKind.allCases.map { ($0.name, run.strikes[$0.rawValue]) }
  let refusals = run.coverage.refusals.sorted { $0.key < $1.key }
  let stageCells = run.coverage.stageCells
  let workerCells = run.coverage.workerCells
  let (reachedStages, reachedWorkers) = (stageCells.filter { $0.count > 0 }, workerCells.filter { $0.count > 0 })
  func object(_ counts: [(String, Int)]) -> JSON {
    .object(Dictionary(counts.map { ($0.0, .integer($0.1)) }, uniquingKeysWith: { first, _ in first }))
  }
  let json: JSON = [
    "seeds": .integer(run.seeds), "violations": .integer(run.violations.count),
    "seeds_per_minute": rounded(Double(run.seeds) / seconds * 60), "seeds_per_s": rounded(Double(run.seeds) / seconds),
    "seeds_per_core_minute": rounded(perCoreMinute),
    "stages": .integer(options.stages), "workers": .integer(options.workers), "threads": .integer(options.threads),
    "simulated_hours": rounded(Double(run.simulated_ms) / 3_600_000), "events": .integer(run.steps),
    "longest_recovery_s": rounded(Double(run.longestRecovery_ms) / 1_000),
    "computations": .integer(run.computations), "computed_again": .integer(run.repetitions),
    "faults": object(faults), "refusals": object(refusals.map { ($0.key, $0.value) }),
    "stage_cells": object(stageCells.map { ("\($0.state) × \($0.event)", $0.count) }),
    "worker_cells": object(workerCells.map { ("\($0.link) × \($0.event)", $0.count) }),
    "broken": .array(run.violations.prefix(violationsShown).map { .string("\($0)") }),
  ]
  var lines = [
    Options.Verb.simulate.question,
    "\(run.seeds) seeds from \(options.seeds.lowerBound) on: plans of \(options.stages) stages, \(options.workers)"
      + " workers, \(options.threads) thread(s)",
    "\(digits(Double(run.seeds) / seconds)) seeds a second, \(digits(Double(run.seeds) / seconds * 60, 0)) a minute,"
      + " \(digits(perCoreMinute, 0)) in a minute of one core;"
      + " \(digits(Double(run.simulated_ms) / 3_600_000)) simulated hours, \(run.steps) events",
    "\(run.computations) computations, \(run.repetitions) of them of what had been computed;"
      + " longest recovery \(digits(Double(run.longestRecovery_ms) / 1_000)) s",
    "faults: " + faults.map { "\($0.0) \($0.1)" }.joined(separator: ", "),
    "refused: " + refusals.map { "\($0.key) \($0.value)" }.joined(separator: ", "),
    "stage state × event, \(reachedStages.count) of \(stageCells.count) cells reached:",
  ]
  lines += table(reachedStages.map { ($0.state, "\($0.event) \($0.count)") })
  lines.append("worker link × event, \(reachedWorkers.count) of \(workerCells.count) cells reached:")
  lines += table(reachedWorkers.map { ($0.link, "\($0.event) \($0.count)") })
  lines.append("violations: \(run.violations.count)")
  lines += run.violations.prefix(violationsShown).map { "  \($0)" }
  return Answer(json: json, text: lines.joined(separator: "\n"))
}

/// One line a row of the table, its cells behind it.
private func table(_ cells: [(row: String, cell: String)]) -> [String] {
  var lines: [String] = []
  for (place, cell) in cells.enumerated() {
    if place == 0 || cells[place - 1].row != cell.row {
      lines.append("  \(cell.row.padded(to: 11))\(cell.cell)")
    } else {
      lines[lines.count - 1] += ", \(cell.cell)"
    }
  }
  return lines
}

// MARK: - One history, and planted errors

private func traceHistory(_ seed: UInt64, _ options: SimulateOptions) throws -> Int32 {
  var world = options.world
  world.bug = options.planted.first
  let history = try World(seed: seed, options: world)
  history.trace = { print($0) }
  history.run()
  print(history.violation.map { "VIOLATION: \($0)" } ?? "seed \(seed): no rule was broken, \(history.now_ms) ms")
  return history.violation == nil ? 0 : 1
}

private func findPlanted(_ options: SimulateOptions) throws -> Int32 {
  var found: [String: JSON] = [:]
  var isAnyMissed = false
  for bug in options.planted {
    let catching = try SimulationRun.search(
      for: bug, from: options.seeds.lowerBound, limit: options.seeds.count, options.world)
    isAnyMissed = isAnyMissed || catching == nil
    found[bug.rawValue] = catching.map { .integer($0.seeds) } ?? .null
    guard !options.json else { continue }
    print("\(bug.rawValue): " + (catching.map { "\($0.seeds) seeds; \($0.violation)" } ?? "not found"))
  }
  if options.json { print(JSON.object(["planted": .object(found)]).text) }
  return isAnyMissed ? 1 : 0
}
