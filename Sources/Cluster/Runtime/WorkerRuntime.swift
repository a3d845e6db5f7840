// Drives a worker: a network thread that never computes, and compute threads that never touch the network.

import Canonical
import Coordination
import Glibc
import Messages

/// What a worker is and has.
public struct WorkerOptions: Sendable {
  /// Where the coordinator listens.
  public var endpoint: Endpoint
  /// What proves who this worker is; nil only for a local endpoint.
  public var keys: ClientKeys?
  /// Stages at once.
  public var slots = 1
  /// The prepared sets that are open and verified.
  public var sets: [SetName]
  /// The numeric class with its revision.
  public var numericClass: String
  /// The digest of the bits of the numeric probe.
  public var probe: Digest
  /// The folder of the artifact cache; nil: a private one that is gone at the end.
  public var cache: String?
  /// Bytes of the cache; what was not used for longest goes first.
  public var cacheLimit_bytes = 16 << 30
  /// Time between two epoch checkpoints of one stage; 0: after every epoch.
  public var checkpoint_ms = 10_000
  /// How long it goes without a coordinator before it gives up with 75; nil: for ever.
  public var patience_ms: Int?
  /// Time between beats until the coordinator says otherwise.
  public var beat_ms: Int?
  /// Takes a line for people.
  public var log: @Sendable (String) -> Void = Lines.toStandardError
  /// Whether SIGINT and SIGTERM end the worker in good order; false where several runtimes share a process.
  public var handlesSignals = true
  /// The version that is told to the coordinator.
  public var buildVersion = BuildVersion.current

  /// Options with the defaults above.
  public init(endpoint: Endpoint, sets: [SetName], numericClass: String, probe: Digest) {
    self.endpoint = endpoint
    self.sets = sets
    self.numericClass = numericClass
    self.probe = probe
  }
}

/// A worker.
public final class WorkerRuntime {
  private static let tick_ms = 100
  private static let turn = 256

  private let options: WorkerOptions
  private let dealer: DealerSocket
  private var bundle = Bundle()
  private let cache: ArtifactStore
  private let wakeUp: WakeUp
  private let pool: ComputePool
  private var machine: WorkerMachine
  private var events: [WorkerEvent] = [.start]
  private var ending: Int32?
  private let isInterrupted: Interruption

  /// Opens the cache and the socket.
  /// - Throws: `EndpointError`, `FileError`.
  public init(options: WorkerOptions, computing: any StageComputing) throws {
    precondition((1...Limits.slots).contains(options.slots), "a worker has 1 to \(Limits.slots) slots")
    self.options = options
    cache =
      if let root = options.cache {
        try ArtifactStore(root: root, isDurable: false)
      } else {
        try ArtifactStore(temporaryWithLimit: nil)
      }
    dealer = try DealerSocket(connect: options.endpoint, keys: options.keys)
    wakeUp = WakeUp()
    isInterrupted = Interruption(wakeUp: wakeUp)
    pool = ComputePool(
      slots: options.slots, computing: computing, cache: cache, wakeUp: wakeUp, checkpoint_ms: options.checkpoint_ms)
    var configuration = WorkerConfiguration(
      buildVersion: options.buildVersion, numericClass: options.numericClass, probe: options.probe,
      sets: options.sets, host: Self.host, process: UInt32(getpid()), instance: Self.instance, slots: options.slots)
    configuration.patience_ms = options.patience_ms
    if let beat_ms = options.beat_ms { configuration.beat_ms = beat_ms }
    machine = WorkerMachine(configuration: configuration)
  }

  /// Asks for an end in good order, from any thread.
  public var interruption: Interruption { isInterrupted }

  /// Works until the coordinator says that all is done, refuses, or somebody asks for the end.
  /// - Returns: the exit status.
  /// - Throws: `EndpointError` where a new socket cannot be opened.
  public func run() throws -> Int32 {
    if options.handlesSignals { Interrupts.handle(by: wakeUp, ignoresKeyboard: EmbeddedChild.isEmbedded) }
    defer {
      Interrupts.release(wakeUp)
      pool.close()
    }
    var tick_ms = Clock.now_ms
    while true {
      let received = try turn()
      dealer.flush()
      if let ending {
        // A farewell may still be on its way: LINGER is 0.
        usleep(200_000)
        return ending
      }
      if Clock.now_ms - tick_ms >= Self.tick_ms {
        tick_ms = Clock.now_ms
        events.append(.tick)
      }
      if received == 0 && events.isEmpty {
        Poller.wait(dealer.pollable, [wakeUp.descriptor], timeout_ms: dealer.hasParked ? 5 : Self.tick_ms)
        wakeUp.clear()
      }
    }
  }

  private func turn() throws -> Int {
    takeSignals()
    events += pool.takeEvents()
    var received = 0
    while received < Self.turn, let frames = dealer.receive() {
      received += 1
      do throws(MessageError) {
        for envelope in try Codec.decodeAll(frames) { events.append(.received(envelope)) }
      } catch {
        events.append(.undecodable(error))
      }
    }
    if let why = dealer.refusal() { events.append(.doorClosed(why: why)) }
    if dealer.takeReconnected() { events.append(.reconnected) }
    while !events.isEmpty && ending == nil {
      let batch = events
      events = []
      for event in batch where ending == nil {
        for action in machine.handle(event, now_ms: Clock.now_ms) { try perform(action) }
      }
    }
    if !bundle.isEmpty { dealer.send(bundle.take(), isBulk: false) }
    return received
  }

  private func takeSignals() {
    guard isInterrupted.take() || options.handlesSignals && Interrupts.seen > 0 && !isInterrupted.wasTaken else {
      // Who asks twice wants the end now; what is computed is lost and computed again.
      if options.handlesSignals && Interrupts.seen > 1 { ending = ExitStatus.interrupted }
      return
    }
    isInterrupted.markTaken()
    events.append(.terminate)
  }

  private static var host: String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, 255)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A number that no other start of a worker has.
  private static var instance: UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }
}

// MARK: - What the machine wants done

extension WorkerRuntime {
  private func perform(_ action: WorkerAction) throws {
    switch action {
    case .send(let envelope): send(envelope)
    case .reconnect:
      bundle = Bundle()
      try dealer.reopen()
    case .findArtifact(let name): find(name)
    case .storeChunk(let chunk): store(chunk)
    case .verifyArtifact(let name): verify(name)
    case .discardArtifact(let digest): cache.discard(digest)
    case .readArtifact(let digest, let offset): read(digest, at: offset)
    case .compute(let stage, let index, let description, let parents, let checkpoint):
      compute(stage, index, description, parents, checkpoint)
    case .cancel(let stage): pool.cancel(stage)
    case .delivered: cache.trim(to: options.cacheLimit_bytes)
    case .log(let line): options.log(line)
    case .exit(let status, let lines):
      for line in lines { options.log(line) }
      ending = status
    }
  }

  private func send(_ envelope: Envelope) {
    if case .artifactChunk = envelope.message { return dealer.send(Codec.encode(envelope), isBulk: true) }
    if case .result = envelope.message { KillPoint.pass(.beforeResult) }
    if bundle.isFull { dealer.send(bundle.take(), isBulk: false) }
    bundle.add(envelope)
  }

  private func find(_ name: ArtifactName) {
    cache.touch(name.digest)
    let isHeld = cache.holds(name.digest, bytes: name.size)
    events.append(isHeld ? .artifactHeld(name.digest) : .artifactAbsent(name.digest))
  }

  private func store(_ chunk: ArtifactChunk) {
    do throws(ArtifactError) {
      try cache.store(chunk.bytes, of: chunk.artifact.digest, at: chunk.offset)
    } catch {
      events.append(.artifactRefused(chunk.artifact.digest, why: error.description))
    }
  }

  private func verify(_ name: ArtifactName) {
    do throws(ArtifactError) {
      try cache.finish(name.digest, bytes: name.size)
      events.append(.artifactStored(name.digest))
    } catch {
      events.append(.artifactRefused(name.digest, why: error.description))
    }
  }

  private func read(_ digest: Digest, at offset: Int) {
    guard let size = cache.size(of: digest), offset < size || size == 0,
      let bytes = try? cache.read(digest, at: offset, count: Limits.chunkBytes)
    else { return events.append(.artifactUnreadable(digest)) }
    let name = ArtifactName(digest: digest, size: size)
    events.append(.artifactRead(ArtifactChunk(artifact: name, offset: offset, bytes: bytes)))
  }

  private func compute(
    _ stage: Digest, _ index: Int, _ description: [UInt8], _ parents: [ParentArtifact], _ checkpoint: ArtifactName?
  ) {
    KillPoint.pass(.granted)
    guard Digest(of: description) == stage, let json = try? JSON(parsing: description) else {
      return events.append(.failed(stage: stage, .task, text: "a description that is not the stage's"))
    }
    let paths = Dictionary(parents.map { ($0.stage, cache.path(of: $0.artifact.digest)) }) { first, _ in first }
    var task = StageTask(stage: stage, index: index, description: json, artifacts: paths)
    task.epochCheckpoint = checkpoint.map { cache.path(of: $0.digest) }
    if checkpoint != nil { options.log("stage \(index) goes on from an epoch checkpoint") }
    pool.add(task)
  }
}
