// A worker's process: its machine, its cache, its computations.

import Canonical
import Coordination
import Messages

extension World {
  /// Processes of one worker have numbers that differ by this.
  static let processStride = 1_000

  func startWorker(_ worker: Int) {
    guard workers[worker].machine == nil, workers[worker].exit != 78, outcome == nil else { return }
    workers[worker].life += 1
    workers[worker].results = [:]
    workers[worker].clock = SimulatedClock(showing: random.below(7_200_000), at: now_ms)
    openSocket(worker)
    workers[worker].machine = WorkerMachine(configuration: configuration(of: worker))
    let life = workers[worker].life
    schedule(0, .workerTick(worker, life: life))
    work(worker, .start)
  }

  /// The number of the process that runs there now.
  func process(of worker: Int) -> Int { workers[worker].life * Self.processStride + worker }

  private func configuration(of worker: Int) -> WorkerConfiguration {
    let place = workers[worker]
    let number = process(of: worker)
    let probe = Digest(bytes: Self.probe)
    let other = Digest(bytes: Self.probe.reversed().map { $0 + 1 })
    let set = SetName(name: "target", digest: place.foreignness == .set ? other : probe)
    var configuration = WorkerConfiguration(
      buildVersion: place.foreignness == .build ? "2" : "1",
      numericClass: place.foreignness == .numericClass ? "avx512.1" : "avx2.1",
      probe: place.foreignness == .probe ? other : probe, sets: [set], host: "host\(place.host)",
      process: UInt32(number), instance: UInt64(number), slots: place.slots)
    configuration.beat_ms = Self.beat_ms
    configuration.greeting_ms = 1_300
    configuration.resend_ms = 8_000
    return configuration
  }

  func crashWorker(_ worker: Int) {
    guard workers[worker].machine != nil else { return }
    outbox.removeAll { $0.isUp }
    closeConnection(of: worker)
    endWorker(worker)
    if random.below(2) == 0 { workers[worker].cache = [] }
    schedule(100 + random.below(5_000), .startWorker(worker))
  }

  private func endWorker(_ worker: Int) {
    workers[worker].machine = nil
    workers[worker].life += 1
    workers[worker].pausedUntil_ms = 0
    workers[worker].tickets = []
    workers[worker].pieces = []
    excuse(worker, until_ms: now_ms)
  }

  func openSocket(_ worker: Int) {
    owners.append(worker)
    workers[worker].socket = owners.count - 1
  }

  func work(_ worker: Int, _ event: WorkerEvent) {
    guard workers[worker].machine != nil else { return }
    if case .kept(let digest, _, let artifact) = event {
      guard let stage = plan.graph.number(of: digest), workers[worker].isComputing(stage) else { return }
      workers[worker].cache.insert(artifact.digest)
    }
    cover(event, worker)
    let life = workers[worker].life
    let reading_ms = workers[worker].clock.reading(at: now_ms)
    let actions = workers[worker].machine?.handle(event, now_ms: reading_ms) ?? []
    for action in actions where workers[worker].life == life {
      if strikes(.workerCrashAtAction) { return crashWorker(worker) }
      perform(action, worker)
    }
  }

  private func later(_ worker: Int, _ delay_ms: Int, _ event: WorkerEvent) {
    schedule(delay_ms, .worker(worker, life: workers[worker].life, event))
  }

  private func perform(_ action: WorkerAction, _ worker: Int) {
    switch action {
    case .send(let envelope):
      if case .failure(let failure) = envelope.message { noteFailure(failure.token) }
      post(workers[worker].socket, isUp: true, envelope)
    case .reconnect:
      outbox = []
      closeConnection(of: worker)
      openSocket(worker)
    case .findArtifact(let name):
      let isHeld = workers[worker].cache.contains(name.digest)
      later(worker, 1, isHeld ? .artifactHeld(name.digest) : .artifactAbsent(name.digest))
    case .storeChunk(let chunk): workers[worker].pieces.append(chunk)
    case .verifyArtifact(let name):
      let isRight = complete(&workers[worker].pieces, name)
      if isRight { workers[worker].cache.insert(name.digest) }
      if !isRight { coverage.refuse("an input with wrong bytes") }
      later(worker, 1, isRight ? .artifactStored(name.digest) : .artifactRefused(name.digest, why: "another digest"))
    case .discardArtifact(let digest): workers[worker].pieces.removeAll { $0.artifact.digest == digest }
    case .readArtifact(let digest, let offset):
      let chunk = workers[worker].cache.contains(digest) ? piece(digest, offset) : nil
      later(worker, 1, chunk.map { .artifactRead($0) } ?? .artifactUnreadable(digest))
    case .compute(_, let index, let description, let parents, let checkpoint):
      compute(worker, index, description, parents.map(\.artifact.digest), checkpoint)
    case .cancel(let digest):
      if let stage = plan.graph.number(of: digest) { workers[worker].tickets.removeAll { $0.stage == stage } }
    case .delivered: break
    case .log(let line): trace?("    worker \(worker): \(line)")
    case .exit(let status, let lines): exit(worker, status, lines)
    }
  }

  private func exit(_ worker: Int, _ status: Int32, _ lines: [String]) {
    trace?("    worker \(worker) exits with \(status) \(lines)")
    let isForeign = workers[worker].foreignness != nil
    if isForeign, status == 78 { count(.stranger) }
    let isExpected = isForeign ? status == 78 : status == 0 || status == 75 && isDrained.contains(workers[worker].host)
    if !isExpected { violate("worker \(worker) exited with \(status): \(lines)") }
    endWorker(worker)
    workers[worker].exit = status
    if status != 78 { schedule(100 + random.below(5_000), .startWorker(worker)) }
  }
}
