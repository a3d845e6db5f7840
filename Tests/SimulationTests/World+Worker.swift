// A worker's process: its machine, its cache, its computations.

import Canonical
import Coordination
import Kernels
import Messages

/// A place where a worker runs, and runs again after it died.
struct SimulatedWorker {
  let slots: Int
  var machine: WorkerMachine?
  var life = 0
  var socket = 0
  var pausedUntil_ms = 0
  var cutUpUntil_ms = 0
  var cutDownUntil_ms = 0
  var cache: [Digest: [UInt8]] = [:]
  var pieces: [Digest: [Int: [UInt8]]] = [:]
  /// The ticket of each running computation; one that was cancelled has another or none.
  var tickets: [Digest: Int] = [:]
  var ticketCount = 0
  var exit: Int32?

  init(slots: Int) { self.slots = slots }
}

extension World {
  func startWorker(_ worker: Int) {
    guard workers[worker].machine == nil, workers[worker].exit == nil else { return }
    workers[worker].life += 1
    workers[worker].pausedUntil_ms = 0
    openSocket(worker)
    var configuration = WorkerConfiguration(
      buildVersion: "1", numericClass: "avx2.1", probe: Digest(of: [1]), sets: [], host: "host\(worker)",
      process: UInt32(worker), instance: UInt64(worker * 1_000 + workers[worker].life), slots: workers[worker].slots)
    configuration.beat_ms = 1_000
    workers[worker].machine = WorkerMachine(configuration: configuration)
    let life = workers[worker].life
    schedule(0, .workerTick(worker, life: life))
    work(worker, .start, .worker(worker, life: life, .start))
  }

  func crashWorker(_ worker: Int) {
    guard workers[worker].machine != nil else { return }
    workers[worker].machine = nil
    workers[worker].life += 1
    workers[worker].tickets = [:]
    workers[worker].pieces = [:]
    if random.below(2) == 0 { workers[worker].cache = [:] }
    schedule(100 + random.below(5_000), .startWorker(worker))
  }

  private func openSocket(_ worker: Int) {
    socketCount += 1
    workers[worker].socket = socketCount
    owners[peer(of: socketCount)] = (worker, socketCount)
  }

  private func peer(of socket: Int) -> Peer {
    Peer(bytes: [0, UInt8(socket >> 16 & 255), UInt8(socket >> 8 & 255), UInt8(socket & 255)])
  }

  func work(_ worker: Int, _ event: WorkerEvent, _ again: Happening) {
    let pause_ms = workers[worker].pausedUntil_ms - now_ms
    if pause_ms > 0 { return schedule(pause_ms, again) }
    guard let actions = workers[worker].machine?.handle(event, now_ms: now_ms) else { return }
    for action in actions { perform(action, worker) }
  }

  private func later(_ worker: Int, _ delay_ms: Int, _ event: WorkerEvent) {
    schedule(delay_ms, .worker(worker, life: workers[worker].life, event))
  }

  private func perform(_ action: WorkerAction, _ worker: Int) {
    switch action {
    case .send(let envelope):
      let sender = peer(of: workers[worker].socket)
      transmit(worker, isUp: true, .toCoordinator(sender, Codec.encode(envelope)))
    case .reconnect: openSocket(worker)
    case .findArtifact(let name):
      let isHeld = workers[worker].cache[name.digest] != nil
      later(worker, 1, isHeld ? .artifactHeld(name.digest) : .artifactAbsent(name.digest))
    case .storeChunk(let chunk): workers[worker].pieces[chunk.artifact.digest, default: [:]][chunk.offset] = chunk.bytes
    case .verifyArtifact(let name):
      let bytes = whole(workers[worker].pieces.removeValue(forKey: name.digest))
      let isRight = Digest(of: bytes) == name.digest
      if isRight { workers[worker].cache[name.digest] = bytes }
      later(worker, 1, isRight ? .artifactStored(name.digest) : .artifactRefused(name.digest, why: "another digest"))
    case .discardArtifact(let digest): workers[worker].pieces[digest] = nil
    case .readArtifact(let digest, let offset):
      let chunk = piece(of: workers[worker].cache[digest], digest, offset)
      later(worker, 1, chunk.map { .artifactRead($0) } ?? .artifactUnreadable(digest))
    case .compute(let stage, _, let description, let parents, let checkpoint):
      compute(worker, stage, description, parents, checkpoint)
    case .cancel(let stage): workers[worker].tickets[stage] = nil
    case .delivered, .log: break
    case .exit(let status, _):
      workers[worker].exit = status
      workers[worker].machine = nil
      if status != 0 { violate("worker \(worker) exited with \(status)") }
    }
  }

  private func compute(
    _ worker: Int, _ stage: Digest, _ description: [UInt8], _ parents: [ParentArtifact], _ checkpoint: ArtifactName?
  ) {
    if Digest(of: description) != stage { violate("a stage came with another stage's description") }
    if parents.contains(where: { workers[worker].cache[$0.artifact.digest] == nil }) {
      violate("a stage is computed without its inputs")
    }
    if workers[worker].tickets.count >= workers[worker].slots { violate("more computations than slots") }
    workers[worker].ticketCount += 1
    workers[worker].tickets[stage] = workers[worker].ticketCount
    var duration_ms = 200 + random.below(6_000)
    if let checkpoint {
      if workers[worker].cache[checkpoint.digest] != plan.checkpoint(of: stage) {
        violate("a stage goes on from what is not its checkpoint")
      }
      duration_ms /= 2
    }
    let state = plan.checkpoint(of: stage)
    let name = ArtifactName(digest: Digest(of: state), size: state.count)
    workers[worker].cache[name.digest] = state
    later(worker, duration_ms / 2, .progress(stage: stage, epoch: 5, epochs: 10, loss: 0.5))
    if checkpoint == nil { later(worker, duration_ms / 2, .kept(stage: stage, epoch: 5, artifact: name)) }
    schedule(
      duration_ms,
      .finishComputing(worker, life: workers[worker].life, stage: stage, ticket: workers[worker].ticketCount))
  }

  func finishComputing(_ worker: Int, _ digest: Digest, _ ticket: Int, _ again: Happening) {
    guard workers[worker].tickets[digest] == ticket, let stage = plan.graph.number(of: digest) else { return }
    if workers[worker].pausedUntil_ms > now_ms {
      return schedule(workers[worker].pausedUntil_ms - now_ms, again)
    }
    workers[worker].tickets[digest] = nil
    let life = workers[worker].life
    if plan.poisoned.contains(stage) {
      let event = WorkerEvent.failed(stage: digest, .task, text: "poisoned")
      return work(worker, event, .worker(worker, life: life, event))
    }
    let bytes = plan.artifact(of: stage)
    let name = bytes.isEmpty ? nil : ArtifactName(digest: Digest(of: bytes), size: bytes.count)
    if let name { workers[worker].cache[name.digest] = bytes }
    let event = WorkerEvent.computed(stage: digest, result: plan.result(of: stage), artifact: name, seconds: 1)
    work(worker, event, .worker(worker, life: life, event))
  }
}
