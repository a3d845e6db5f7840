// The threads that compute. The network thread never waits for them: tasks go in, events come out of a locked box.

import Canonical
import Coordination
import Glibc
import Messages
import Synchronization

/// One task on its way through the pool.
private final class Job: Sendable {
  let task: StageTask
  let isCancelled = Atomic<Bool>(false)
  /// When its last epoch checkpoint was kept, or it was begun, and the two last ones: the older one may still be read.
  let kept = Mutex<(last_ms: Int, artifacts: [ArtifactName])>((0, []))
  init(task: StageTask) { self.task = task }
}

/// A fixed number of threads that compute stages.
final class ComputePool: Sendable {
  private struct State {
    var queue: [Job] = []
    var running: [Job] = []
    var events: [(stage: Digest, event: WorkerEvent)] = []
    var progress: [(stage: Digest, event: WorkerEvent)] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let signal = Semaphore()
  private let computing: any StageComputing
  private let cache: ArtifactStore
  private let wakeUp: WakeUp
  private let checkpoint_ms: Int

  /// Starts the threads.
  init(
    slots: Int, computing: any StageComputing, cache: ArtifactStore, wakeUp: WakeUp, checkpoint_ms: Int = 10_000
  ) {
    self.checkpoint_ms = checkpoint_ms
    self.computing = computing
    self.cache = cache
    self.wakeUp = wakeUp
    for slot in 0..<slots { Thread.start("compute-\(slot)") { [self] in work() } }
  }

  /// Lets a stage be computed as soon as a thread is free.
  func add(_ task: StageTask) {
    state.withLock { $0.queue.append(Job(task: task)) }
    signal.post()
  }

  /// Stops a stage; it says nothing more.
  func cancel(_ stage: Digest) {
    state.withLock { state in
      state.queue.removeAll { $0.task.stage == stage }
      for job in state.running where job.task.stage == stage { job.isCancelled.store(true, ordering: .releasing) }
      // What it has said and nobody has taken would be heard as an answer to the next lease of the stage.
      state.progress.removeAll { $0.stage == stage }
      state.events.removeAll { $0.stage == stage }
    }
  }

  /// Stops everything; the threads end.
  func close() {
    let count = state.withLock { state in
      state.isClosed = true
      state.queue = []
      for job in state.running { job.isCancelled.store(true, ordering: .releasing) }
      return 1 + Limits.slots
    }
    for _ in 0..<count { signal.post() }
  }

  /// What happened since the last question: the latest progress of each stage, then what ended.
  func takeEvents() -> [WorkerEvent] {
    state.withLock { state in
      defer { (state.events, state.progress) = ([], []) }
      return state.progress.map(\.event) + state.events.map(\.event)
    }
  }

  private func work() {
    while true {
      signal.wait()
      let job: Job? = state.withLock { state in
        guard !state.queue.isEmpty else { return nil }
        let job = state.queue.removeFirst()
        state.running.append(job)
        return job
      }
      if let job { finish(job, run(job)) } else if state.withLock({ $0.isClosed }) { return }
    }
  }

  /// Events of brief stages that are told together. While others wait for a thread, the network thread hears of what
  /// ended when it wakes by itself, which it does ten times a second, or when there are so many.
  private static let eventsTogether = 32

  private func finish(_ job: Job, _ event: WorkerEvent) {
    let isUrgent = state.withLock { state in
      state.running.removeAll { $0 === job }
      guard !job.isCancelled.load(ordering: .acquiring) else { return state.queue.isEmpty }
      if !state.progress.isEmpty { state.progress.removeAll { $0.stage == job.task.stage } }
      state.events.append((job.task.stage, event))
      return state.queue.isEmpty || state.events.count == Self.eventsTogether
    }
    if isUrgent { wakeUp.wake() }
  }

  private func run(_ job: Job) -> WorkerEvent {
    var task = job.task
    job.kept.withLock { $0.last_ms = Clock.now_ms }
    task.keep = { self.keep(job, $0, $1) }
    defer { for name in job.kept.withLock({ $0.artifacts }) { cache.remove(name.digest) } }
    do throws(StageFailure) {
      try FailingStage.check(task)
      let start_s = Clock.now_s
      let product = try computing.compute(
        task, progress: { self.note(job, $0, $1, $2) },
        isCancelled: { job.isCancelled.load(ordering: .acquiring) })
      let seconds = Clock.now_s - start_s
      KillPoint.pass(.computed)
      guard product.result.count <= Limits.resultBytes else {
        throw StageFailure(.task, "a result of \(product.result.count) bytes where \(Limits.resultBytes) are allowed")
      }
      let artifact = try keep(product.artifact)
      KillPoint.pass(.artifactKept)
      return .computed(stage: task.stage, result: product.result, artifact: artifact, seconds: seconds)
    } catch {
      return .failed(stage: task.stage, error.kind, text: String(error.text.prefix(Limits.failureBytes / 4)))
    }
  }

  private func note(_ job: Job, _ epoch: Int, _ epochs: Int, _ loss: Float) {
    let stage = job.task.stage
    let event = WorkerEvent.progress(stage: stage, epoch: epoch, epochs: epochs, loss: loss)
    state.withLock { state in
      guard !job.isCancelled.load(ordering: .acquiring) else { return }
      if let place = state.progress.firstIndex(where: { $0.stage == stage }) {
        state.progress[place].event = event
      } else {
        state.progress.append((stage, event))
      }
    }
  }

  /// Keeps an epoch checkpoint where one is due. A disk that cannot take it costs the checkpoint, not the stage.
  private func keep(_ job: Job, _ epoch: Int, _ bytes: () -> [UInt8]) {
    guard Clock.now_ms - job.kept.withLock({ $0.last_ms }) >= checkpoint_ms else { return }
    let bytes = bytes()
    guard let digest = try? cache.put(bytes) else { return }
    let name = ArtifactName(digest: digest, size: bytes.count)
    let old = job.kept.withLock { kept -> ArtifactName? in
      kept.last_ms = Clock.now_ms
      kept.artifacts.append(name)
      return kept.artifacts.count > 2 ? kept.artifacts.removeFirst() : nil
    }
    if let old { cache.remove(old.digest) }
    state.withLock { state in
      guard !job.isCancelled.load(ordering: .acquiring) else { return }
      let stage = job.task.stage
      state.events.append((stage, .kept(stage: stage, epoch: epoch, artifact: name)))
    }
    wakeUp.wake()
    KillPoint.pass(.checkpointKept)
  }

  private func keep(_ bytes: [UInt8]?) throws(StageFailure) -> ArtifactName? {
    guard let bytes else { return nil }
    do throws(ArtifactError) {
      return ArtifactName(digest: try cache.put(bytes), size: bytes.count)
    } catch {
      throw StageFailure(error.failureClass, error.description)
    }
  }
}

extension ArtifactError {
  /// Who is to blame where a worker meets this.
  var failureClass: FailureClass {
    switch self {
    case .file(let error): error.code == ENOMEM ? .memory : .host
    case .tooLarge: .task
    case .damaged, .missing: .artifact
    }
  }
}

/// Counts what may be taken; a thread that finds nothing sleeps.
private final class Semaphore: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(semaphore, 0, 0) }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func post() { sem_post(semaphore) }

  func wait() { while sem_wait(semaphore) != 0 && errno == EINTR {} }
}
