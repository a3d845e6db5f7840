// The simulated cluster: one clock, one queue of what happens next, one source of chance. A seed is a history.
//
// The machines and the codec are the real ones; network, disk, processes and time are this file and its extensions.
// For 30 simulated seconds the seed's faults strike; then they stop, and everything has to finish.

import Canonical
import Coordination
import Kernels
import Messages

/// What happens at a time. A `life` names one start of a process; what was meant for an earlier one is dropped.
enum Happening {
  case toCoordinator(Peer, [[UInt8]])
  case toWorker(Int, socket: Int, [[UInt8]])
  case coordinator(life: Int, CoordinatorEvent)
  case worker(Int, life: Int, WorkerEvent)
  case finishComputing(Int, life: Int, stage: Digest, ticket: Int)
  case coordinatorTick(life: Int)
  case workerTick(Int, life: Int)
  case sync(life: Int)
  case startCoordinator
  case startWorker(Int)
  case nemesis
}

/// A cluster of one coordinator and a few workers.
final class World {
  let seed: UInt64
  let plan: SimulatedPlan
  let faults: Faults
  let bug: PlantedBug?
  var random: CounterRandom
  var now_ms = 0
  var steps = 0
  var strikes: [String: Int] = [:]
  /// The first rule that was broken.
  var violation: String?

  private var queue: [(time_ms: Int, order: Int, Happening)] = []
  private var order = 0

  // The coordinator
  var coordinator: CoordinatorMachine?
  var coordinatorLife = 0
  var coordinatorPausedUntil_ms = 0
  var ledger = DurableLedger()
  var store: [Digest: [UInt8]] = [:]
  var storePieces: [Digest: [Int: [UInt8]]] = [:]
  var newestToken: UInt64 = 0
  var outcome: Outcome?

  // Workers and wires
  var workers: [SimulatedWorker] = []
  var owners: [Peer: (worker: Int, socket: Int)] = [:]
  var socketCount = 0
  var wires: [Int: Int] = [:]

  static let faults_ms = 30_000
  static let limit_ms = 400_000

  init(seed: UInt64, bug: PlantedBug? = nil, isFaultFree: Bool = false) throws {
    self.seed = seed
    self.bug = bug
    var random = CounterRandom(key: seed, stream: 1)
    plan = try SimulatedPlan(&random)
    let faults = Faults(&random)
    self.faults = isFaultFree ? .none : faults
    workers = (0..<(2 + random.below(3))).map { _ in SimulatedWorker(slots: 1 + random.below(2)) }
    self.random = random
  }

  var isCalm: Bool { now_ms >= Self.faults_ms }

  /// Whether a fault of this rate strikes now.
  func strikes(_ rate: Double, _ name: String) -> Bool {
    guard rate > 0, !isCalm, Double(random.unit()) < rate else { return false }
    strikes[name, default: 0] += 1
    return true
  }

  func violate(_ what: String) {
    if violation == nil { violation = "seed \(seed), step \(steps), \(now_ms) ms: \(what)" }
  }

  // MARK: - The queue: a binary heap by time, then by order

  func schedule(_ delay_ms: Int, _ happening: Happening) {
    order += 1
    queue.append((now_ms + delay_ms, order, happening))
    var place = queue.count - 1
    while place > 0, isBefore(place, (place - 1) / 2) {
      queue.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private func isBefore(_ left: Int, _ right: Int) -> Bool {
    (queue[left].time_ms, queue[left].order) < (queue[right].time_ms, queue[right].order)
  }

  private func next() -> Happening? {
    guard let first = queue.first else { return nil }
    let last = queue.removeLast()
    if !queue.isEmpty {
      queue[0] = last
      var place = 0
      while true {
        var least = place
        for child in [2 * place + 1, 2 * place + 2] where child < queue.count && isBefore(child, least) {
          least = child
        }
        if least == place { break }
        queue.swapAt(place, least)
        place = least
      }
    }
    now_ms = first.time_ms
    return first.2
  }

  // MARK: - Running

  /// Runs the seed to its end: the coordinator stopped, a rule was broken, or the time ran out.
  func run() {
    schedule(0, .startCoordinator)
    for worker in workers.indices { schedule(random.below(3_000), .startWorker(worker)) }
    schedule(500, .nemesis)
    while violation == nil, outcome == nil {
      guard now_ms < Self.limit_ms, let happening = next() else {
        return violate("the plan was not finished: \(coordinator.map { $0.status.text } ?? "coordinator down")")
      }
      steps += 1
      take(happening)
    }
    if violation == nil { checkEnd() }
  }

  private func take(_ happening: Happening) {
    switch happening {
    case .toCoordinator(let peer, let frames): arrive(frames, from: peer)
    case .toWorker(let worker, let socket, let frames): arrive(frames, at: worker, socket)
    case .coordinator(let life, let event): if life == coordinatorLife { coordinate(event, happening) }
    case .worker(let worker, let life, let event):
      if life == workers[worker].life { work(worker, event, happening) }
    case .finishComputing(let worker, let life, let stage, let ticket):
      if life == workers[worker].life { finishComputing(worker, stage, ticket, happening) }
    case .coordinatorTick(let life):
      guard life == coordinatorLife else { return }
      coordinate(.tick, happening)
      if now_ms >= coordinatorPausedUntil_ms { schedule(500, .coordinatorTick(life: life)) }
    case .workerTick(let worker, let life):
      guard life == workers[worker].life else { return }
      work(worker, .tick, happening)
      if now_ms >= workers[worker].pausedUntil_ms { schedule(500, .workerTick(worker, life: life)) }
    case .sync(let life):
      guard life == coordinatorLife else { return }
      for event in ledger.sync() { schedule(0, .coordinator(life: life, event)) }
      if let broken = ledger.violation { violate(broken) }
    case .startCoordinator: startCoordinator()
    case .startWorker(let worker): startWorker(worker)
    case .nemesis: strike()
    }
  }

  /// Twice a second something may break that is not a message.
  private func strike() {
    if isCalm { return }
    schedule(500, .nemesis)
    if strikes(faults.crashCoordinator, "coordinator crash") { crashCoordinator() }
    if strikes(faults.pauseCoordinator, "coordinator pause") {
      coordinatorPausedUntil_ms = now_ms + 500 + random.below(10_000)
    }
    for worker in workers.indices {
      if strikes(faults.crashWorker, "worker crash") { crashWorker(worker) }
      if strikes(faults.pauseWorker, "worker pause") {
        workers[worker].pausedUntil_ms = now_ms + 500 + random.below(12_000)
      }
      if strikes(faults.partition, "partition") { cut(worker) }
    }
  }
}
