// Many histories of a small cluster, each from one number, each with faults of its own.
//
// `bench simulate` runs more of them, and larger ones.

import Coordination
import Simulation
import Testing

@Suite("simulated clusters")
struct SimulationTests {
  /// Goal: no history breaks a rule, and every one finishes. Method: 1,000 seeds, every kind of fault.
  @Test("histories with faults end with the bytes of one without")
  func histories() throws {
    let run = try SimulationRun.of(seeds: 0..<1_000, WorldOptions(), threads: 2)
    #expect(run.seeds == 1_000)
    #expect(run.violations.map(\.description) == [])
    for kind in FaultKind.allCases { #expect(run.strikes[kind.rawValue] > 0, "\(kind.name) never struck") }
  }

  /// Goal: without faults everything is granted once, and workers leave with 0 when the plan is finished.
  @Test("a history without faults computes every stage once and sends the workers home")
  func quiet() throws {
    var options = WorldOptions()
    options.isFaultFree = true
    for seed in UInt64(1_000)..<1_010 {
      let world = try World(seed: seed, options: options)
      world.run()
      #expect(world.violation == nil)
      #expect(world.repetitions == 0 && world.computations == world.committedCount)
      #expect(world.newestToken == UInt64(world.computations))
      #expect(world.workerExits.allSatisfy { $0 == 0 })
    }
  }

  /// Goal: a seed is a history. Method: the same seeds on one and on three threads, and one of them alone.
  @Test("a seed gives the same history again, on any number of threads")
  func reproduction() throws {
    let (one, three) = (
      try SimulationRun.of(seeds: 50..<90, WorldOptions()),
      try SimulationRun.of(seeds: 50..<90, WorldOptions(), threads: 3)
    )
    #expect(one.steps == three.steps && one.simulated_ms == three.simulated_ms && one.strikes == three.strikes)
    func lines(_ seed: UInt64) throws -> [String] {
      let world = try World(seed: seed)
      var lines: [String] = []
      world.trace = { lines.append($0) }
      world.run()
      return lines
    }
    let history = try lines(57)
    #expect(try history.count > 100 && history == lines(57) && history != lines(58))
  }

  /// Goal: a coordinator may die anywhere. Method: one history, killed in turn at each of its first 300 actions.
  @Test("a coordinator that dies at an action, at whichever, loses nothing")
  func everyAction() throws {
    var options = WorldOptions()
    options.isFaultFree = true
    for action in 0..<300 {
      options.crashAtAction = action
      let world = try World(seed: 2_000, options: options)
      world.run()
      #expect(world.violation == nil, "killed at action \(action)")
    }
  }

  /// Goal: the rules have teeth. Method: an error is planted, and seeds are tried until a rule breaks.
  @Test("planted errors are found", arguments: PlantedBug.allCases)
  func plantedErrors(bug: PlantedBug) throws {
    var options = WorldOptions()
    // An overturned input whose late result matters needs many stages and many hosts.
    if bug == .forgetInputFence { (options.stages, options.workers) = (200, 20) }
    let found = try SimulationRun.search(for: bug, limit: 1_000, options)
    #expect(found != nil, "no seed found the planted \(bug)")
  }
}
