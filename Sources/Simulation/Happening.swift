// What can happen at a time, and what is known of a place where a worker runs.

import Canonical
import Coordination
import Messages

/// What happens at a time. A `life` names one start of a process; what was meant for an earlier one is dropped.
enum Happening {
  case toCoordinator(socket: Int, Parcel)
  case toWorker(socket: Int, Parcel)
  case coordinator(life: Int, CoordinatorEvent)
  case worker(Int, life: Int, WorkerEvent)
  case finishComputing(Int, life: Int, stage: Int, ticket: Int)
  case coordinatorTick(life: Int)
  case workerTick(Int, life: Int)
  case sync(life: Int)
  case startCoordinator
  case startWorker(Int)
  case nemesis
  case calm
  case ask(life: Int, String)
}

/// Frames on their way.
struct Parcel {
  let frames: [[UInt8]]
  /// What was sent, where that is not what arrives.
  var original: [[UInt8]]?
}

/// Messages of one process for one peer.
struct Outgoing {
  let socket: Int
  let isUp: Bool
  var bundle = Bundle()

  init(socket: Int, isUp: Bool) {
    self.socket = socket
    self.isUp = isUp
  }

  var frames: [[UInt8]] {
    var bundle = bundle
    return bundle.take()
  }
}

/// A clock that never goes back: from a beginning of its own, at a rate in sixteenths.
struct SimulatedClock {
  private var base_ms: Int
  private var since_ms: Int
  private(set) var sixteenths = 16

  /// A clock that shows `base_ms` at a time of the world.
  init(showing base_ms: Int, at now_ms: Int) {
    self.base_ms = base_ms
    since_ms = now_ms
  }

  func reading(at now_ms: Int) -> Int {
    sixteenths == 16 ? base_ms + now_ms - since_ms : base_ms + (now_ms - since_ms) * sixteenths / 16
  }

  /// Goes on at another rate, from half to twice that of the world.
  mutating func go(_ rate: Int, from now_ms: Int) {
    base_ms = reading(at: now_ms)
    since_ms = now_ms
    sixteenths = rate
  }

  /// Shows a later time from now on, as after a suspension that the other hosts did not see.
  mutating func leap(_ length_ms: Int) { base_ms += length_ms }
}

/// What is wrong with a worker that has to be refused.
enum Foreignness: Int, CaseIterable {
  case build, numericClass, probe, set, wire
}

/// A place where a worker runs, and runs again after it died.
struct SimulatedWorker {
  let host: Int
  let slots: Int
  let foreignness: Foreignness?
  var machine: WorkerMachine?
  var clock = SimulatedClock(showing: 0, at: 0)
  var life = 0
  var socket = 0
  var pausedUntil_ms = 0
  var cutUpUntil_ms = 0
  var cutDownUntil_ms = 0
  /// Until then something was wrong that explains its silence.
  var excusedUntil_ms = 0
  var cache: Set<Digest> = []
  var pieces: [ArtifactChunk] = []
  /// What is being computed; a cancelled computation has another ticket or none.
  var tickets: [Computation] = []
  /// The results that this start found.
  var results: [Int: [UInt8]] = [:]
  var ticketCount = 0
  var exit: Int32?

  init(host: Int, slots: Int, foreignness: Foreignness? = nil) {
    self.host = host
    self.slots = slots
    self.foreignness = foreignness
  }

  func isComputing(_ stage: Int, since_ms: Int = .max) -> Bool {
    tickets.contains { $0.stage == stage && $0.began_ms <= since_ms }
  }
}

/// A running computation.
struct Computation {
  let stage: Int
  let ticket: Int
  let began_ms: Int
  let inputs: [Digest]
}

/// What is known of a token.
struct TokenTruth {
  var stage: Int32 = -1
  var worker: Int32 = -1
  /// Whether its worker said that the stage failed.
  var isFailed = false
  /// The start of the coordinator that recorded the failure that its worker told.
  var failedIn: Int32 = 0
  /// The start of the coordinator that recorded that its worker was lost.
  var lostIn: Int32 = 0
}
