// A coordinator on a table: tests speak to it as workers, its ledger and its clock, and read what it wants done.

import Canonical
import Coordination
import Messages

/// A worker as the tests play it.
struct Hand {
  let peer: Peer
  var session: UInt64 = 0
  var sequence: UInt64 = 0
}

/// A small plan: 0 and 1 are free, 2 needs both, 3 needs 2.
func samplePlan(heldOut: String = "target/S09", leakage: Leakage = .strict) throws -> StageGraph {
  let descriptions = (0..<4).map { Array("{\"stage\":\($0)}".utf8) }
  return try StageGraph(
    digests: descriptions.map { Digest(of: $0) }, descriptions: descriptions, parents: [[], [], [0, 1], [2]],
    provenance: [["target/S01"], ["target/S02"], ["target/S01", "target/S02"], ["target/S01", "target/S02"]],
    heldOut: [[], [], [heldOut], [heldOut]], leakage: leakage)
}

/// Stages that need nothing and are needed by none.
func flatPlan(_ count: Int) throws -> StageGraph {
  let descriptions = (0..<count).map { Array("\($0)".utf8) }
  return try StageGraph(
    digests: descriptions.map { Digest(of: $0) }, descriptions: descriptions,
    parents: Array(repeating: [], count: count), provenance: Array(repeating: [], count: count),
    heldOut: Array(repeating: [], count: count))
}

/// The coordinator under test.
struct CoordinatorRig {
  var machine: CoordinatorMachine
  let graph: StageGraph
  var epoch: UInt32
  var now_ms = 0
  /// Everything that it wanted since the last `take…`.
  var actions: [CoordinatorAction] = []

  init(
    _ graph: StageGraph, recovery: Recovery = Recovery(epoch: 1, tokens: 1..<100_000),
    before events: [CoordinatorEvent] = [],
    change: (inout CoordinatorConfiguration) -> Void = { _ in }
  ) {
    var configuration = CoordinatorConfiguration(
      buildVersion: "1.0", numericClass: "avx2.1", probe: Digest(of: [1]),
      sets: [SetName(name: "target", digest: Digest(of: [2]))])
    change(&configuration)
    machine = CoordinatorMachine(graph: graph, configuration: configuration, recovery: recovery)
    self.graph = graph
    epoch = recovery.epoch
    for event in events { does(event) }
    does(.start)
  }

  mutating func does(_ event: CoordinatorEvent) { actions += machine.handle(event, now_ms: now_ms) }

  /// Time goes on in ticks of a quarter second; these workers send a beat each second that names what they hold.
  mutating func wait(_ time_ms: Int, beating hands: [(hand: Int, tokens: [UInt64])] = [], _ all: inout [Hand]) {
    let end_ms = now_ms + time_ms
    while now_ms < end_ms {
      now_ms += min(250, end_ms - now_ms)
      does(.tick)
      guard now_ms % 1_000 == 0 else { continue }
      for (hand, tokens) in hands { beat(&all[hand], tokens) }
    }
  }

  mutating func wait(_ time_ms: Int) {
    var nobody: [Hand] = []
    wait(time_ms, &nobody)
  }

  // MARK: - Workers

  static func hello(
    slots: Int = 1, instance: UInt64, held: [HeldLease] = [], host: String? = nil
  ) -> Hello {
    Hello(
      buildVersion: "1.0", numericClass: "avx2.1", probe: Digest(of: [1]),
      sets: [SetName(name: "target", digest: Digest(of: [2]))], host: host ?? "host\(instance)", process: 7,
      instance: instance, slots: slots, held: held)
  }

  mutating func say(_ message: Message, _ hand: inout Hand) {
    hand.sequence += 1
    let envelope = Envelope(epoch: epoch, session: hand.session, sequence: hand.sequence, message: message)
    does(.received(hand.peer, envelope))
  }

  /// A worker joins and remembers its session.
  mutating func join(
    _ name: UInt8, slots: Int = 1, instance: UInt64? = nil, held: [HeldLease] = [], after sequence: UInt64 = 0,
    host: String? = nil
  ) -> Hand {
    var hand = Hand(peer: Peer(bytes: [name]), sequence: sequence)
    say(.hello(Self.hello(slots: slots, instance: instance ?? UInt64(name), held: held, host: host)), &hand)
    for case .send(hand.peer, let envelope) in actions {
      if case .welcome = envelope.message { hand.session = envelope.session }
    }
    return hand
  }

  mutating func beat(_ hand: inout Hand, _ tokens: [UInt64]) {
    let leases = tokens.map { LeaseProgress(token: $0, epoch: 1, epochs: 9, loss: 0.5, isFinished: false) }
    say(.beat(Beat(leases: leases, freeSlots: 0)), &hand)
  }

  mutating func deliver(
    _ stage: Int, _ token: UInt64, _ hand: inout Hand, bytes: String = "{}", artifact: ArtifactName? = nil
  ) {
    say(
      .result(
        StageResult(
          token: token, stage: graph.digests[stage], result: Array(bytes.utf8), artifact: artifact,
          // No two computations take the same time.
          seconds: 1 + Double(token) / 1_000)),
      &hand)
  }

  mutating func fail(_ stage: Int, _ token: UInt64, _ hand: inout Hand, _ kind: FailureClass = .task) {
    say(.failure(Failure(token: token, stage: graph.digests[stage], kind: kind, text: "it went wrong")), &hand)
  }

  // MARK: - What it wants

  /// The messages to a worker since the last time, taken out.
  mutating func heard(_ hand: Hand) -> [Message] {
    var messages: [Message] = []
    for case .send(hand.peer, let envelope) in actions { messages.append(envelope.message) }
    actions.removeAll { if case .send(hand.peer, _) = $0 { true } else { false } }
    return messages
  }

  /// The grants to a worker, taken out with everything else that it heard.
  mutating func grants(_ hand: Hand) -> [Grant] {
    heard(hand).compactMap { if case .grant(let grant) = $0 { grant } else { nil } }
  }

  mutating func verdicts(_ hand: Hand) -> [Verdict] {
    heard(hand).compactMap { if case .acknowledge(let answer) = $0 { answer.verdict } else { nil } }
  }

  /// Whether an action acknowledges an answer.
  func isAnswer(_ action: CoordinatorAction) -> Bool {
    guard case .send(_, let envelope) = action, case .acknowledge = envelope.message else { return false }
    return true
  }

  var commits: [CommitRecord] { actions.compactMap { if case .commit(let record) = $0 { record } else { nil } } }
  var endings: [FailureRecord] {
    actions.compactMap { if case .recordFailure(let record) = $0 { record } else { nil } }
  }
  /// What went wrong, and leases that were taken back unused.
  var failures: [FailureRecord] { endings.filter { $0.kind != .cancelled } }
  var released: [FailureRecord] { endings.filter { $0.kind == .cancelled } }
  var logs: [String] { actions.compactMap { if case .log(let line) = $0 { line } else { nil } } }
  var conflicts: [CommitRecord] {
    actions.compactMap { if case .recordConflict(let record) = $0 { record } else { nil } }
  }
  var outcomes: [Outcome] { actions.compactMap { if case .finished(let outcome) = $0 { outcome } else { nil } } }
  var stops: [Outcome] { actions.compactMap { if case .stop(let outcome) = $0 { outcome } else { nil } } }

  /// The ledger makes everything durable that it was given, and says so.
  mutating func sync() {
    let open = actions
    actions.removeAll {
      switch $0 {
      case .commit, .recordFailure, .recordConflict, .overturn: true
      default: false
      }
    }
    for action in open {
      switch action {
      case .commit(let record): does(.committed(stage: record.stage, token: record.token))
      case .recordFailure(let record): does(.failureRecorded(stage: record.stage, token: record.token))
      case .overturn(let record, _): does(.overturned(stage: record.stage, token: record.token))
      case .recordConflict(let record): does(.conflictRecorded(stage: record.stage, token: record.token))
      default: break
      }
    }
  }
}
