// A worker: greets, takes stages, fetches what they read, has them computed, delivers until it is told that it arrived.
//
// A coordinator that is away changes nothing for what is being computed: the worker greets again and brings its
// stages back. A stage leaves only by its acknowledgement, by a cancellation, or with the process.
//
// Connection, grants, answers and artifacts are in the extensions beside this file.

import Canonical
import Messages

/// The worker's logic. One value a process; `handle` is called by the network thread.
public struct WorkerMachine: Sendable {
  let configuration: WorkerConfiguration

  // Connection
  var link = Link.new
  var epoch: UInt32 = 0
  var session: UInt64 = 0
  var sequence: UInt64 = 0
  var greetings = 0
  /// Answers to greetings before this one are old.
  var oldestGreeting: UInt64 = 1
  var heard_ms = 0
  var beat_ms: Int
  var nextBeat_ms = 0
  var garbageCount = 0
  /// Set when the worker has to go, with the time at which it goes in any case.
  var leaving: (mode: DrainMode, until_ms: Int, reason: String)?

  // Stages
  var assignments: [Assignment] = []
  var waitingCount = 0
  var computingCount = 0
  /// How long its stages take.
  var brevity: Brevity?
  var newestToken: UInt64 = 0
  var fetches: [Digest: Fetch] = [:]
  var fetchOrder: [Digest] = []
  var reads = 0

  var now_ms = 0
  var actions: [WorkerAction] = []

  /// A worker that holds nothing.
  public init(configuration: WorkerConfiguration) {
    self.configuration = configuration
    beat_ms = configuration.beat_ms
  }

  /// Whether the coordinator has accepted this worker.
  public var isAttached: Bool { link == .attached }

  /// The stages that are being computed.
  public var computing: [Digest] { assignments.filter { $0.step == .computing }.map(\.stage) }

  /// Takes an event at a time and says what is to be done, in order. After `exit` there is nothing more.
  public mutating func handle(_ event: WorkerEvent, now_ms time_ms: Int) -> [WorkerAction] {
    guard link != .ended else { return [] }
    // Time in which this process stood still is not the coordinator's silence: what it sent lies in the socket.
    if link != .new, time_ms - now_ms > 1_000 { heard_ms += time_ms - now_ms }
    now_ms = max(now_ms, time_ms)
    take(event)
    if link != .ended {
      startComputing()
      leaveIfDone()
    }
    defer { actions = [] }
    return actions
  }

  private mutating func take(_ event: WorkerEvent) {
    switch event {
    case .start: if link == .new { connect() }
    case .tick: tick()
    case .received(let envelope): receive(envelope)
    case .undecodable(let error): undecodable(error)
    case .artifactHeld(let digest), .artifactStored(let digest): artifactIsHere(digest)
    case .artifactAbsent(let digest): artifactAbsent(digest)
    case .artifactRefused(let digest, let why): artifactRefused(digest, why)
    case .artifactRead(let chunk): artifactRead(.artifactChunk(chunk))
    case .artifactUnreadable(let digest): artifactRead(.artifactMissing(digest))
    case .progress(let stage, let epoch, let epochs, let loss): progress(stage, epoch, epochs, loss)
    case .kept(let stage, let epoch, let artifact): kept(stage, epoch, artifact)
    case .computed(let stage, let result, let artifact, let seconds): computed(stage, result, artifact, seconds)
    case .failed(let stage, let kind, let text):
      finish(stage, .failure(kind, shortened(text, bytes: Limits.failureBytes)))
    case .reconnected: reconnected()
    case .doorClosed(let why): end(78, [why])
    case .terminate: leave(.stop, "the worker was told to stop")
    }
  }

  private mutating func tick() {
    tickConnection()
    guard link == .attached else { return }
    resendAnswers()
    askForPieces()
  }

  private mutating func receive(_ envelope: Envelope) {
    switch envelope.message {
    case .welcome(let welcome): welcomed(welcome, envelope)
    case .refuse(let refusal): refused(refusal, envelope)
    case .rehello: rehello(envelope)
    default:
      guard link == .attached, envelope.epoch == epoch, envelope.session == session else { return }
      heard_ms = now_ms
      dispatch(envelope.message)
    }
  }

  private mutating func dispatch(_ message: Message) {
    switch message {
    case .grant(let grant): granted(grant)
    case .acknowledge(let answer): acknowledged(answer)
    case .cancel(let token): cancelled(token)
    case .artifactRequest(let digest, let offset): readArtifact(digest, offset)
    case .artifactChunk(let chunk): receive(chunk)
    case .artifactMissing(let digest): loseArtifact(digest, "the coordinator does not hold the artifact")
    case .drain(let mode, let reason): leave(mode, printable(reason))
    case .beat: break
    default: undecodable(.misplaced)
    }
  }

  mutating func send(_ message: Message) {
    sequence += 1
    actions.append(.send(Envelope(epoch: epoch, session: session, sequence: sequence, message: message)))
  }
}
