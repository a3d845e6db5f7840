// Drives a coordinator: one thread that waits, brings events to the machine, and does what it says.
//
// Record, then answer: entries gather in a group that one transaction makes durable, and only then the machine hears
// `committed`. A ledger or a disk that cannot be written ends the run with 75: nothing that was answered is lost, and
// workers go on computing until the same command is given again.

import Canonical
import Coordination
import Glibc
import Ledger
import Messages
import Synchronization

/// How a coordinator is to run.
public struct CoordinatorOptions: Sendable {
  /// Where it listens.
  public var endpoint: Endpoint
  /// Its own key, and who may come in; nil only for a local endpoint, which then anyone on this machine may use.
  public var keys: ServerKeys?
  /// What workers must be, times and limits.
  public var configuration: CoordinatorConfiguration
  /// Takes a line for people.
  public var log: @Sendable (String) -> Void = Lines.toStandardError
  /// Is told when figures changed, at most four times a second.
  public var progress: (@Sendable (RunProgress) -> Void)?
  /// Whether SIGINT and SIGTERM end the run in good order; false where several runtimes share a process.
  public var handlesSignals = true

  /// Options with the defaults above.
  public init(endpoint: Endpoint, configuration: CoordinatorConfiguration) {
    self.endpoint = endpoint
    self.configuration = configuration
  }
}

/// A coordinator over a run directory.
public final class CoordinatorRuntime {
  /// How long a wait lasts at most, in milliseconds: the machine wants a tick every 250.
  private static let tick_ms = 100
  /// Different lines about strangers that are remembered.
  private static let strangersLimit = 1_024
  /// Messages that are taken before anything else gets its turn.
  private static let turn = 256
  /// Events that are taken before anything else gets its turn.
  private static let turnEvents = 4_096

  let directory: RunDirectory
  let options: CoordinatorOptions
  let router: RouterSocket
  let wakeUp: WakeUp
  var machine: CoordinatorMachine
  var attempts: [UInt64: AttemptRow]
  var deferred = DeferredGrants()
  var outgoing = Outgoing()
  /// Whether the row of a grant waits whose message must wait for it.
  var hasLongGrant = false
  /// Results that are computed again because their artifacts were lost, by stage.
  var earlier: [Int: ResultRow]
  /// How many of those came out with other bytes.
  var differing = 0
  /// Who says by results which stages are needed; nil: all are.
  var referee: (any Referee)?
  /// What becomes durable with the next commit, for the referee.
  var unjudged: [(stage: Int, result: [UInt8])] = []
  var unjudgedFailures: [Int] = []
  /// Stages that the referee has dropped.
  var droppedCount = 0
  var events: [CoordinatorEvent] = [.start]
  var group = CommitGroup()
  var waiting: [CoordinatorEvent] = []
  /// Artifacts that are removed once the next rows are durable.
  var unneeded: [Digest] = []
  var ending: Outcome?
  let reporting = Reporting()
  var onFinished: @Sendable (Outcome) throws -> Void = { _ in }
  private let isInterrupted: Interruption
  /// When the first stage was granted, in seconds of the monotonic clock.
  public internal(set) var firstGrant_s: Double?
  /// When all stages were decided, in seconds of the monotonic clock.
  public internal(set) var finished_s: Double?
  private var tick_ms = Clock.now_ms
  private var told: RunProgress?
  private var told_ms = Int.min / 2
  private var handshakes = 0
  private var ledgerLog = RateLimit(perSecond: 20)
  private var screenLog = RateLimit(perSecond: 50)
  private var garbageLog = RateLimit(perSecond: 1)
  private var isGarbage = false
  private var strangers: Set<String> = []
  var keysChecked_ms = Int.min / 2
  var keysGeneration = 0

  /// Binds the port, then takes over what the ledger knows.
  /// - Throws: `EndpointError`, `KeyError`, `SelfTestError`, `LedgerError`.
  public init(
    directory: RunDirectory, graph: StageGraph, options: CoordinatorOptions, referee: (any Referee)? = nil
  ) throws {
    self.referee = referee
    self.directory = directory
    self.options = options
    router = try RouterSocket(
      bind: options.endpoint, keys: options.keys, local: directory.paths.control)
    wakeUp = WakeUp()
    isInterrupted = Interruption(wakeUp: wakeUp)
    var configuration = options.configuration
    // The workers of an embedded run ended with the one before: nobody comes back, and who dies is noticed soon.
    if EmbeddedChild.isEmbedded {
      configuration.grace_ms = 0
      configuration.beat_ms = min(configuration.beat_ms, 1_000)
      configuration.lease_ms = min(configuration.lease_ms, 8_000)
    }
    let resumption = try Resumption(
      ledger: directory.ledger, artifacts: directory.artifacts, graph: graph,
      workersMayReturn: configuration.grace_ms > 0)
    KillPoint.pass(.resumed)
    try directory.ledger.append([.meta(key: RunMeta.endpoint, value: options.endpoint.text)])
    attempts = resumption.attempts
    earlier = resumption.earlier
    machine = CoordinatorMachine(graph: graph, configuration: configuration, recovery: resumption.recovery)
    for line in resumption.lines { log(line) }
    if referee != nil { try replay(try directory.ledger.reader.contents(events: 0)) }
  }

  /// Asks for an end in good order, from any thread.
  public var interruption: Interruption { isInterrupted }

  /// Runs until every stage is decided and workers were told, or until it is interrupted.
  /// - Parameter onFinished: writes the report; called once, on a thread of its own, before workers are told to go.
  ///   Its error ends the run after that.
  /// - Throws: `LedgerError`, `FileError`, or what `onFinished` threw.
  public func run(onFinished: @escaping @Sendable (Outcome) throws -> Void) throws -> Outcome {
    self.onFinished = onFinished
    if options.handlesSignals { Interrupts.handle(by: wakeUp, ignoresKeyboard: EmbeddedChild.isEmbedded) }
    defer { Interrupts.release(wakeUp) }
    tellProgress()
    while ending == nil {
      let received = try turn()
      // A long stage that a crash forgets would be computed twice: its grant leaves only when it is written.
      if hasLongGrant { try commit() }
      sendOutgoing()
      try commitIfDue(isIdle: received == 0)
      router.flush()
      if received == 0 && events.isEmpty && ending == nil { wait() }
    }
    return try finish()
  }

  /// Handles what is there; returns how many messages came.
  private func turn() throws -> Int {
    takeSignals()
    router.readEvents()
    var received = 0
    while received < Self.turn, events.count < Self.turnEvents, let arrival = router.receive() {
      received += 1
      take(arrival)
    }
    if received < Self.turn, events.count < Self.turnEvents {
      let closed = router.takeClosed()
      if !closed.isEmpty { events.append(.connectionsClosed(closed)) }
    }
    // After the messages: who is heard in time is not lost because we were slow.
    let isTick = Clock.now_ms - tick_ms >= Self.tick_ms
    if isTick { events.append(.tick) }
    while !events.isEmpty && ending == nil {
      let batch = events
      events = []
      for event in batch where ending == nil {
        isGarbage = if case .undecodable = event { true } else { false }
        for action in machine.handle(event, now_ms: Clock.now_ms) { try perform(action) }
      }
    }
    if isTick { tick() }
    return received
  }

  /// What is done ten times a second beside the machine's tick.
  private func tick() {
    tick_ms = Clock.now_ms
    isGarbage = false
    countHandshakes()
    checkKeys()
    tellProgress()
  }

  private func sendOutgoing() { outgoing.flush { router.send($0, to: $1, isBulk: false) } }

  private func wait() {
    let due = group.due_s.map { max(0, Int(($0 - Clock.now_s) * 1000) + 1) } ?? Self.tick_ms
    let parked = router.hasParked ? 5 : Self.tick_ms
    Poller.wait(router.pollable, [wakeUp.descriptor], timeout_ms: min(due, parked, Self.tick_ms))
    router.noteWait()
    wakeUp.clear()
  }

  private func takeSignals() {
    if isInterrupted.take() || options.handlesSignals && Interrupts.seen > 0 && !isInterrupted.wasTaken {
      isInterrupted.markTaken()
      log("interrupted: the same command goes on from here")
      events.append(.interrupt)
    }
    if reporting.takeDone() { events.append(.reportWritten) }
  }

  private func finish() throws -> Outcome {
    recordDeferred(isLast: true)
    try commit()
    tellProgress(isLast: true)
    try directory.ledger.append([.meta(key: RunMeta.holder, value: "")])
    sendOutgoing()
    router.flush()
    // Farewells that the library has taken need a moment to leave: LINGER is 0.
    usleep(100_000)
    if let error = reporting.error { throw error }
    guard let ending else { preconditionFailure("the machine says how it ended before the loop is left") }
    return ending
  }
}

// MARK: - What people and the ledger are told

extension CoordinatorRuntime {
  /// A line for people, and for the ledger's events; both are held back where somebody floods us.
  func log(_ line: String) {
    let now_ms = Clock.now_ms
    // What strangers send is counted by the machine; a line a second is enough to know that they are there.
    if isGarbage && !garbageLog.allows(now_ms: now_ms) { return }
    if screenLog.allows(now_ms: now_ms) {
      let held = screenLog.takeHeldBack()
      options.log(held > 0 ? "\(line) (and \(held) lines before)" : line)
    }
    if ledgerLog.allows(now_ms: now_ms) {
      record(.event(EventRow(time_s: Clock.wall_s, kind: "log", text: line)))
    }
  }

  /// A line that a stranger causes: what is new is said, what comes again is said once a second.
  func logStranger(_ line: String) {
    let isNew = strangers.count < Self.strangersLimit && strangers.insert(line).inserted
    isGarbage = !isNew
    log(line)
    isGarbage = false
  }

  private func countHandshakes() {
    let count = router.failedHandshakes
    guard count > 0, count >= 2 * handshakes else { return }
    handshakes = count
    log("connections that do not speak the protocol: \(count) so far")
  }

  private func tellProgress(isLast: Bool = false) {
    let now_ms = Clock.now_ms
    guard options.progress != nil || EmbeddedChild.isEmbedded, isLast || now_ms - told_ms >= 250 else { return }
    let progress = RunProgress(
      total: machine.stageCount - machine.count(of: .dropped), committed: machine.count(of: .committed),
      failed: machine.count(of: .failed) + machine.count(of: .blocked),
      workers: machine.workerCount)
    guard progress != told else { return }
    told = progress
    told_ms = now_ms
    options.progress?(progress)
    if EmbeddedChild.isEmbedded { Lines.toStandardOutput(StatusLine.text(progress)) }
  }
}

/// What the thread that writes the report leaves.
final class Reporting: Sendable {
  private let state = Mutex<(isDone: Bool, error: (any Error)?)>((false, nil))

  func end(with error: (any Error)?) { state.withLock { $0 = (true, error) } }

  /// Whether it ended since the last question.
  func takeDone() -> Bool {
    state.withLock { state in
      defer { state.isDone = false }
      return state.isDone
    }
  }

  var error: (any Error)? { state.withLock { $0.error } }
}
