// The simulated cluster: one clock, one queue of what happens next, one source of chance. A seed is a history.
//
// The machines and the codec are the real ones; network, disk, processes and time are this file and its extensions.
// For 30 simulated seconds the seed's faults strike; then they stop, and everything has to finish.

import Canonical
import Coordination
import Messages

/// Which histories are wanted.
package struct WorldOptions: Sendable {
  /// Stages of each plan; nil: a few, by the seed.
  package var stages: Int?
  /// Workers; nil: two to four, by the seed.
  package var workers: Int?
  /// Whether nothing goes wrong.
  package var isFaultFree = false
  /// An error in the machines.
  package var bug: PlantedBug?
  /// The action of the coordinator at which it dies, counted from 0 over all its starts; nil: by chance alone.
  package var crashAtAction: Int?

  /// Small histories with faults.
  package init() {}
}

/// A rule that was broken, and where.
package struct Violation: Sendable, CustomStringConvertible {
  package let seed: UInt64
  package let step: Int
  package let time_ms: Int
  package let what: String

  package var description: String { "seed \(seed), step \(step), \(time_ms) ms: \(what)" }
}

/// A cluster of one coordinator and some workers.
package final class World {
  package let seed: UInt64
  let options: WorldOptions
  let plan: SimulatedPlan
  let faults: Faults
  var random: Chance
  package private(set) var now_ms = 0
  package private(set) var steps = 0
  /// Strikes by kind of fault.
  package internal(set) var strikes = [Int](repeating: 0, count: FaultKind.allCases.count)
  package internal(set) var coverage = Coverage()
  /// The first rule that was broken.
  package private(set) var violation: Violation?
  /// Takes a line for each thing that happens.
  package var trace: ((String) -> Void)?

  private var queue = EventQueue()
  /// What waits for the end of what a process does now.
  var outbox: [Outgoing] = []

  // The coordinator
  var coordinator: CoordinatorMachine?
  var coordinatorClock = SimulatedClock(showing: 0, at: 0)
  var coordinatorLife = 0
  var coordinatorPausedSince_ms = 0
  var coordinatorPausedUntil_ms = 0
  var coordinatorStarted_ms = 0
  var coordinatorEnded_ms = 0
  /// Losses that the coordinator counts in this step.
  var stepLosses: [(process: Int, stage: Int)] = []
  var diskFullUntil_ms = 0
  var actionCount = 0
  var garbageGiven = 0
  var ledger: SimulatedLedger
  var store: Set<Digest> = []
  var storePieces: [ArtifactChunk] = []
  /// Artifacts with wrong bytes that sick hosts made.
  var strange: [Digest: (stage: Int, bytes: [UInt8])] = [:]
  /// Whether stages wait for what becomes of stage 0.
  var isGateClosed = false
  package internal(set) var newestToken: UInt64 = 0
  var tokens: [TokenTruth] = []
  /// The last lease of each stage.
  var granted: [UInt64]
  /// Leases that a crash made the coordinator forget, or whose stage lost its input: who holds one may be unheard of.
  var forgotten: Set<UInt64> = []
  /// Stages of which twins differed.
  var isContested: [Bool]
  var outcome: Outcome?

  // Workers and wires
  var workers: [SimulatedWorker] = []
  /// Sockets by number: who opened them. -1 is a person.
  var owners: [Int] = []
  /// What each process has begun to compute: its number and the stage in one.
  var begun: Set<Int> = []
  /// When the last message of a wire arrives, by worker and way.
  var wires: [Int] = []
  let hostCount: Int
  /// Hosts that a person has drained at some time.
  var isDrained: Set<Int> = []
  var sickHost = -1
  var slowHost = -1
  var badHost = -1
  /// Whether a bad host knows that it is itself at fault, and not the stage.
  let isBadHostHonest: Bool
  /// Stages that were computed to their end, and those of them that had been before.
  package internal(set) var computations = 0
  var isComputed: [Bool]
  package internal(set) var repetitions = 0

  static let faults_ms = 30_000
  static let limit_ms = 900_000
  static let beat_ms = 1_000
  static let lease_ms = 4_000

  /// A history that has not begun.
  package init(seed: UInt64, options: WorldOptions = WorldOptions()) throws {
    self.seed = seed
    self.options = options
    var random = Chance(seed: seed, purpose: 1)
    let stages = options.stages ?? 6 + random.below(12)
    let workerCount = options.workers ?? 2 + random.below(3)
    let faults = options.isFaultFree ? Faults.none : Faults(&random, stages: stages)
    self.faults = faults
    plan = try SimulatedPlan(&random, stages: stages, faults: faults)
    ledger = SimulatedLedger(stages: stages, block: stages > 50 ? 1_500 : 40)
    granted = Array(repeating: 0, count: stages)
    isComputed = Array(repeating: false, count: stages)
    isContested = isComputed
    let workersPerHost = 1 + random.below(4)
    for worker in 0..<workerCount {
      workers.append(SimulatedWorker(host: worker / workersPerHost, slots: 1 + random.below(2)))
    }
    let hosts = (workerCount + workersPerHost - 1) / workersPerHost
    hostCount = hosts
    isBadHostHonest = random.below(3) == 0
    if faults.has(.badHost) { badHost = random.below(hosts) }
    if faults.has(.slowHost) { slowHost = random.below(hosts) }
    if faults.has(.flippingHost) { sickHost = random.below(hosts) }
    if faults.has(.stranger) {
      let foreignness = Foreignness.allCases[random.below(Foreignness.allCases.count)]
      workers.append(SimulatedWorker(host: hosts, slots: 1, foreignness: foreignness))
    }
    wires = Array(repeating: 0, count: 2 * workers.count)
    self.random = random
  }

  var isCalm: Bool { now_ms >= Self.faults_ms }

  /// Whether a fault of this kind strikes now.
  func strikes(_ kind: FaultKind) -> Bool {
    guard !isCalm, random.happens(faults[kind]) else { return false }
    count(kind)
    return true
  }

  func count(_ kind: FaultKind) {
    strikes[kind.rawValue] += 1
    trace?("    fault: \(kind.name)")
  }

  func violate(_ what: String) {
    if violation == nil { violation = Violation(seed: seed, step: steps, time_ms: now_ms, what: what) }
  }

  func schedule(_ delay_ms: Int, _ happening: Happening) {
    queue.insert(happening, at: now_ms + max(delay_ms, 0))
  }

  // MARK: - Running

  /// Runs the seed to its end: the coordinator stopped, a rule was broken, or the time ran out.
  package func run() {
    schedule(0, .startCoordinator)
    for worker in workers.indices { schedule(random.below(plan.isBrief ? 50 : 3_000), .startWorker(worker)) }
    schedule(500, .nemesis)
    schedule(Self.faults_ms, .calm)
    while violation == nil, outcome == nil {
      guard now_ms < Self.limit_ms, let (time_ms, happening) = queue.popFirst() else {
        let status = coordinator.map { $0.status.text } ?? "coordinator down"
        return violate("the plan was not finished: \(status)")
      }
      now_ms = time_ms
      steps += 1
      take(happening)
      flush()
    }
    if violation == nil { checkEnd() }
  }

  private func take(_ happening: Happening) {
    if let pause_ms = pause_ms(happening), pause_ms > 0 { return schedule(pause_ms, happening) }
    if trace != nil { tell(happening) }
    switch happening {
    case .toCoordinator(let socket, let parcel): arrive(parcel, from: socket)
    case .toWorker(let socket, let parcel): arrive(parcel, at: socket)
    case .coordinator(let life, let event): if life == coordinatorLife { coordinate(event) }
    case .worker(let worker, let life, let event): if life == workers[worker].life { work(worker, event) }
    case .finishComputing(let worker, let life, let stage, let ticket):
      if life == workers[worker].life { finishComputing(worker, stage, ticket) }
    case .coordinatorTick(let life):
      guard life == coordinatorLife else { return }
      schedule(250, happening)
      coordinate(.tick)
    case .workerTick(let worker, let life):
      guard life == workers[worker].life else { return }
      schedule(500, happening)
      work(worker, .tick)
    case .sync(let life): if life == coordinatorLife { sync() }
    case .startCoordinator: startCoordinator()
    case .startWorker(let worker): startWorker(worker)
    case .nemesis: strike()
    case .calm: becomeCalm()
    case .ask(let life, let request): if life == coordinatorLife { ask(request) }
    }
  }

  /// How much longer the process that this is for stands still.
  private func pause_ms(_ happening: Happening) -> Int? {
    switch happening {
    case .toCoordinator, .coordinator, .coordinatorTick, .sync, .ask: coordinatorPausedUntil_ms - now_ms
    case .toWorker(let socket, _): workers[owners[socket]].pausedUntil_ms - now_ms
    case .worker(let worker, _, _), .finishComputing(let worker, _, _, _), .workerTick(let worker, _):
      workers[worker].pausedUntil_ms - now_ms
    case .startCoordinator, .startWorker, .nemesis, .calm: nil
    }
  }
}
