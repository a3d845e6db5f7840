// The coordinator: who may compute what, and what is known for good. Pure: events and a time in, actions out.
//
// Three promises. Record, then answer: an acknowledgement leaves only behind the event that says "durable". A result
// is a function of its stage, so it is taken from whoever brings it first, late or not, and twins are compared. Leases
// only save work; tokens never repeat, in this start or another, so an old one is always told from the current one.
//
// Sessions, leases, results, failures, artifacts, control and the end are in the extensions beside this file.
// Limits: `Limits` for what one message holds, `CoordinatorConfiguration` for how many of everything.

import Canonical
import Messages

/// The coordinator's logic. One value a run; `handle` is called by one thread.
public struct CoordinatorMachine: Sendable {
  let graph: StageGraph
  let configuration: CoordinatorConfiguration
  let epoch: UInt32

  // Stages
  var states: [StageState]
  var counts = [Int](repeating: 0, count: StageState.allCases.count)
  /// Inputs without a result; a stage has at most `Limits.parents`.
  var missing: [UInt8]
  var failures: [UInt8]
  var losses: [UInt8]
  /// Whose loss of a stage was counted.
  var losers: [Int: Set<UInt64>] = [:]
  /// Losses of a stage in this start, those that do not count among them.
  var lossTries: [Int: Int] = [:]
  var committed: CommittedTable
  var givenUp: [Int: String] = [:]
  var ready: ReadyQueue
  /// Stages that wait for a verdict on results, beside their inputs.
  var closed: Set<Int> = []
  var reservedUntil_ms: Int?
  /// Stages that were granted before this start and wait until then for who holds this lease of them.
  var reservations: [Int: UInt64] = [:]

  // Leases
  var leases: [UInt64: Lease] = [:]
  var current: [Int: UInt64] = [:]
  var tokens: TokenTable
  /// How long the stages of each kind take.
  var brevities: [UInt8: Brevity] = [:]
  var nextToken: UInt64
  var tokenEnd: UInt64
  var isReserving = false

  // Sessions
  var sessions: [UInt64: Session] = [:]
  var sessionIDs: [UInt64] = []
  /// Before this time no session can have been silent for a lease.
  var expiry_ms = 0
  var sessionOfInstance: [UInt64: UInt64] = [:]
  /// Sessions whose connection has ended, and until when their workers may greet over another.
  var departed: [UInt64: Int] = [:]
  /// When we last stood still.
  var stoodUntil_ms = Int.min / 2
  var sessionCount: UInt64 = 0
  var slotCount = 0
  /// Sessions that may have room; all others have none while `roomySpare` stages beyond the slots are allowed.
  var roomy: [UInt64] = []
  var roomySpare = 0
  var garbage: [Peer: Int] = [:]
  var garbageCount = 0

  // Answers on their way
  var settling: [Int: Settling] = [:]
  var pulls: [Digest: ResultPull] = [:]
  var pullOrder: [Digest] = []
  var stored: Set<Digest> = []
  var recording: [UInt64: UInt64] = [:]
  /// Leases whose failure a worker has told: each counts once, however often it is told.
  var answeredFailures: Set<UInt64> = []
  var conflicting: [UInt64: UInt64] = [:]
  var knownConflicts: Set<UInt64> = []
  var twins: [Int: Int] = [:]
  /// Stages with a result that the ledger calls given up.
  var unforgiven: [Int] = []
  var conflicts: Int
  var recoveredTwins: [RecoveredTwin]
  var verifications = 0

  // Blame, contests, clones
  var hosts: [String: HostRecord] = [:]
  var accusations: [Int: Accusations] = [:]
  var computers: HostTable
  var contests: [Int: Contest] = [:]
  var decisions: [Int: Decision] = [:]
  /// Leases of these stages below these tokens may have had a wrong input.
  var fences: [Int: UInt64] = [:]
  /// Stages whose results are not taken while a result above them is replaced.
  var isFrozen: Set<Int> = []
  var clones: [Int: UInt64] = [:]
  /// Leases of committed stages that go on only to verify.
  var verifiers: Set<UInt64> = []
  var paces: [String: Pace] = [:]
  var checkpoints: [Int: HeldCheckpoint] = [:]
  var checkpoint_bytes = 0

  // The run
  var phase = Phase.new
  var isPaused = false
  var isInterrupted = false
  var start_ms = 0
  /// Stages that the ledger had at the start.
  var recovered = 0
  var now_ms = 0
  var actions: [CoordinatorAction] = []
  /// For the simulator alone.
  package var plantedBug: PlantedBug?

  /// A coordinator that goes on where the ledger says.
  /// - Precondition: numbers in `recovery` are stages of `graph`.
  public init(graph: StageGraph, configuration: CoordinatorConfiguration, recovery: Recovery) {
    self.graph = graph
    self.configuration = configuration
    epoch = recovery.epoch
    states = Array(repeating: .waiting, count: graph.count)
    missing = (0..<graph.count).map { UInt8(graph.parents[$0].count) }
    failures = Array(repeating: 0, count: graph.count)
    losses = failures
    computers = HostTable(stages: graph.count)
    committed = CommittedTable(count: graph.count)
    ready = ReadyQueue(children: graph.children)
    nextToken = max(recovery.tokens.lowerBound, 1)
    tokens = TokenTable(base: nextToken)
    tokenEnd = recovery.tokens.upperBound
    conflicts = recovery.conflicts
    recoveredTwins = recovery.twins
    counts[StageState.waiting.rawValue] = graph.count
    recover(recovery)
  }

  /// Takes an event at a time and says what is to be done, in order. The time never matters as such, only differences;
  /// it comes from a clock that does not jump.
  public mutating func handle(_ event: CoordinatorEvent, now_ms time_ms: Int) -> [CoordinatorAction] {
    guard phase != .stopped else { return [] }
    creditPause(time_ms)
    now_ms = max(now_ms, time_ms)
    take(event)
    grantReady()
    advanceEnd()
    defer { actions = [] }
    return actions
  }

  private mutating func take(_ event: CoordinatorEvent) {
    switch event {
    case .start: start()
    case .tick: tick()
    case .received(let peer, let envelope, let caller): receive(envelope, from: peer, caller)
    case .keyRefused(let peer, let why): keyRefused(peer, why)
    case .connectionsClosed(let closed): connectionsClosed(closed)
    case .undecodable(let peer, let error): countGarbage(peer, error)
    case .committed(let stage, let token): becomeCommitted(stage, token)
    case .commitFailed(let stage, let token, let why): abandonCommit(stage, token, why)
    case .failureRecorded(let stage, let token): failureRecorded(stage, token)
    case .conflictRecorded(let stage, let token): conflictRecorded(stage, token)
    case .overturned(let stage, let token): becomeOverturned(stage, token)
    case .tokensReserved(let end):
      tokenEnd = max(tokenEnd, end)
      isReserving = false
    case .artifactStored(let digest, let header): artifactStored(digest, header)
    case .artifactRefused(let digest, let why): artifactRefused(digest, why)
    case .artifactRead(let session, let chunk): artifactRead(session, .artifactChunk(chunk))
    case .artifactUnreadable(let session, let digest): artifactRead(session, .artifactMissing(digest))
    case .reportWritten: reportWritten()
    case .closed(let stages): close(stages)
    case .opened(let stages): open(stages)
    case .dropped(let stages): drop(stages)
    case .interrupt: interrupt()
    }
  }

  // MARK: - Stages

  /// Where a stage stands.
  public func state(of stage: Int) -> StageState { states[stage] }

  /// How many stages the plan has.
  public var stageCount: Int { graph.count }

  /// How many workers are connected.
  public var workerCount: Int { sessions.count }

  /// How many stages stand there.
  public func count(of state: StageState) -> Int { counts[state.rawValue] }

  mutating func setState(_ stage: Int, _ state: StageState) {
    let old = states[stage]
    guard old != state else { return }
    counts[old.rawValue] -= 1
    counts[state.rawValue] += 1
    states[stage] = state
    if old == .ready { ready.remove(stage) }
    if state == .ready { ready.insert(stage) }
  }

  /// Gives an undecided stage the state that its lease, its result and its inputs say.
  mutating func reopen(_ stage: Int) {
    if settling[stage] != nil {
      setState(stage, .settling)
    } else if current[stage] != nil {
      setState(stage, .leased)
    } else if givenUp[stage] != nil {
      setState(stage, .failed)
    } else {
      let isOpen = missing[stage] == 0 || plantedBug == .grantBeforeInputs && missing[stage] == 1
      let open: StageState = reservations[stage] != nil ? .reserved : .ready
      setState(stage, isOpen && !closed.contains(stage) ? open : .waiting)
    }
  }

  func log(_ line: String) -> CoordinatorAction { .log(line) }
}

// MARK: - Start

extension CoordinatorMachine {
  private mutating func recover(_ recovery: Recovery) {
    var known: [(token: UInt64, stage: Int32)] = []
    known.reserveCapacity(recovery.committed.count + recovery.granted.count)
    for result in recovery.committed {
      setState(result.stage, .committed)
      computers[result.stage] = result.host
      committed.insert(result)
      known.append((result.token, Int32(result.stage)))
      if let artifact = result.artifact { stored.insert(artifact.digest) }
      for child in graph.children[result.stage] { missing[child] -= 1 }
    }
    for history in recovery.histories where history.givenUp != nil && states[history.stage] == .committed {
      unforgiven.append(history.stage)
    }
    for history in recovery.histories where states[history.stage] != .committed {
      failures[history.stage] = UInt8(clamping: history.failures)
      losses[history.stage] = UInt8(clamping: history.losses)
      if let why = history.givenUp { givenUp[history.stage] = why }
      guard !history.hosts.isEmpty, history.givenUp == nil else { continue }
      accusations[history.stage] = Accusations(hosts: Set(history.hosts), provingHosts: Set(history.hosts))
    }
    for (stage, decision, fence) in recovery.decisions where decision == .overturned {
      for below in descendants(of: stage) { fences[below] = max(fences[below, default: 0], fence) }
    }
    // One that is not newer than the fence was about a result that was withdrawn with its input.
    for (stage, decision, fence) in recovery.decisions where fence > fences[stage, default: 0] {
      decisions[stage] = decision
    }
    for (stage, epoch, artifact) in recovery.checkpoints where states[stage] != .committed {
      hold(HeldCheckpoint(epoch: epoch, artifact: artifact), of: stage)
    }
    for (stage, token) in recovery.granted { known.append((token, Int32(stage))) }
    tokens.recover(known)
    for (stage, token) in recovery.granted where states[stage] == .waiting && configuration.grace_ms > 0 {
      reservations[stage] = token
    }
  }

  private mutating func start() {
    guard phase == .new else { return }
    phase = .running
    start_ms = now_ms
    recovered = count(of: .committed)
    if !reservations.isEmpty {
      reservedUntil_ms = now_ms + (plantedBug == .forgetReservations ? 0 : configuration.grace_ms)
    }
    for stage in states.indices where states[stage] == .waiting {
      if plantedBug != .skipLeakCheck, let leak = graph.leak(of: stage) { refuse(leak) }
      if states[stage] == .waiting { reopen(stage) }
    }
    for stage in states.indices where states[stage] == .failed { block(below: stage) }
    if !unforgiven.isEmpty { actions.append(.recordRetry(stages: unforgiven)) }
    recoverContests(recoveredTwins)
    actions.append(log("\(graph.count) stages, \(counts[StageState.committed.rawValue]) of them in the ledger"))
  }
}
