// Many histories of a small cluster, each from one number, each with faults of its own.

// SIMULATION_SEEDS=N runs N histories in place of 200 (a minute is some thousands).

import Coordination
import Glibc
import Testing

@Suite("simulated clusters")
struct SimulationTests {
  /// Goal: no history breaks a rule, and every one finishes. Method: 200 seeds, eleven kinds of faults.
  @Test("histories with faults end with the bytes of one without")
  func histories() throws {
    var steps = 0
    var time_ms = 0
    var strikes: [String: Int] = [:]
    let seeds = getenv("SIMULATION_SEEDS").flatMap { UInt64(String(cString: $0)) } ?? 200
    for seed in 0..<seeds {
      let world = try World(seed: seed)
      world.run()
      #expect(world.violation == nil)
      steps += world.steps
      time_ms += world.now_ms
      strikes.merge(world.strikes, uniquingKeysWith: +)
    }
    print("simulation: seeds 0..<\(seeds), \(steps) steps, \(time_ms / 60_000) simulated minutes")
    print("  " + strikes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
    #expect(strikes.count >= 11, "a kind of fault never struck")
  }

  /// Goal: without faults everything is granted once, and workers leave with 0 when the plan is finished.
  @Test("a history without faults grants every stage once and sends the workers home")
  func quiet() throws {
    for seed in UInt64(1_000)..<1_010 {
      let world = try World(seed: seed, isFaultFree: true)
      world.run()
      #expect(world.violation == nil)
      let expected = world.plan.expected
      let failing = expected.failed.filter { $0 != world.plan.leaking }.count
      let tries = world.plan.graph.count - expected.failed.count - expected.blocked.count + 2 * failing
      #expect(world.newestToken == UInt64(tries))
      #expect(world.workers.allSatisfy { $0.exit == 0 })
    }
  }

  /// Goal: the rules have teeth. Method: an error is planted, and seeds are tried until a rule breaks.
  @Test("planted errors are found", arguments: PlantedBug.allCases)
  func plantedErrors(bug: PlantedBug) throws {
    for seed in UInt64(0)..<100 {
      let world = try World(seed: seed, bug: bug)
      world.run()
      guard let violation = world.violation else { continue }
      print("simulation: planted \(bug) found after \(seed + 1) seeds: \(violation)")
      return
    }
    Issue.record("no seed found the planted \(bug)")
  }
}
