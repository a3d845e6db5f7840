// Many seeds, one after the other or on several threads: the answer is the same, since a history knows nothing but its
// seed.

import Coordination
import Dispatch
import Synchronization

/// What many histories came to.
package struct SimulationRun: Sendable {
  package private(set) var seeds = 0
  package private(set) var steps = 0
  package private(set) var simulated_ms = 0
  /// The longest time from the end of the faults to the end of a history.
  package private(set) var longestRecovery_ms = 0
  package private(set) var strikes = [Int](repeating: 0, count: FaultKind.allCases.count)
  package private(set) var computations = 0
  /// Computations of stages that had been computed before.
  package private(set) var repetitions = 0
  package private(set) var coverage = Coverage()
  /// By seed.
  package private(set) var violations: [Violation] = []

  private init() {}

  /// Runs the histories of all seeds.
  package static func of(seeds: Range<UInt64>, _ options: WorldOptions, threads: Int = 1) throws -> SimulationRun {
    let next = Atomic<UInt64>(seeds.lowerBound)
    let total = Mutex<Result<SimulationRun, any Error>>(.success(SimulationRun()))
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      var part = SimulationRun()
      do {
        while true {
          let seed = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard seed < seeds.upperBound else { break }
          let world = try World(seed: seed, options: options)
          world.run()
          part.add(world)
        }
        total.withLock { if var sum = try? $0.get() { sum.add(part); $0 = .success(sum) } }
      } catch {
        total.withLock { $0 = .failure(error) }
      }
    }
    var run = try total.withLock { try $0.get() }
    run.violations.sort { $0.seed < $1.seed }
    return run
  }

  private mutating func add(_ world: World) {
    seeds += 1
    steps += world.steps
    simulated_ms += world.now_ms
    longestRecovery_ms = max(longestRecovery_ms, world.now_ms - World.faults_ms)
    for kind in strikes.indices { strikes[kind] += world.strikes[kind] }
    computations += world.computations
    repetitions += world.repetitions
    coverage.add(world.coverage)
    if let violation = world.violation { violations.append(violation) }
  }

  private mutating func add(_ other: SimulationRun) {
    seeds += other.seeds
    steps += other.steps
    simulated_ms += other.simulated_ms
    longestRecovery_ms = max(longestRecovery_ms, other.longestRecovery_ms)
    for kind in strikes.indices { strikes[kind] += other.strikes[kind] }
    computations += other.computations
    repetitions += other.repetitions
    coverage.add(other.coverage)
    violations += other.violations
  }

  /// How many seeds from `first` it takes until a rule finds a planted error, and the rule; nil where `limit` seeds
  /// find nothing.
  package static func search(
    for bug: PlantedBug, from first: UInt64 = 0, limit: Int, _ options: WorldOptions
  ) throws -> (seeds: Int, violation: Violation)? {
    var options = options
    options.bug = bug
    for count in 0..<limit {
      let world = try World(seed: first + UInt64(count), options: options)
      world.run()
      if let violation = world.violation { return (count + 1, violation) }
    }
    return nil
  }
}
