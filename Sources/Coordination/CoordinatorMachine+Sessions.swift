// Workers come, are checked, are heard, and go.

import Access
import Canonical
import Messages

extension CoordinatorMachine {
  // MARK: - Messages

  mutating func receive(_ envelope: Envelope, from peer: Peer, _ caller: Caller) {
    switch envelope.message {
    case .control(let request): control(request, from: peer, caller)
    case .hello(let hello): greet(hello, envelope.sequence, from: peer, caller)
    default:
      guard envelope.epoch == epoch, let session = sessions[envelope.session], session.peer == peer,
        session.caller.key == caller.key
      else {
        if case .goodbye = envelope.message { return }
        let rehello = Envelope(epoch: epoch, session: envelope.session, sequence: 0, message: .rehello)
        actions.append(.send(peer, rehello))
        return
      }
      sessions[session.id]?.heard_ms = now_ms
      sessions[session.id]?.newest = max(session.newest, envelope.sequence)
      dispatch(envelope, session)
    }
  }

  private mutating func dispatch(_ envelope: Envelope, _ session: Session) {
    switch envelope.message {
    case .beat(let beat): receive(beat, envelope.sequence, session)
    case .result(let result): receive(result, session)
    case .failure(let failure): receive(failure, session)
    case .artifactRequest(let digest, let offset): readArtifact(digest, offset, session)
    case .artifactChunk(let chunk): receive(chunk, session)
    case .artifactMissing(let digest): artifactMissing(digest, session)
    case .epochCheckpoint(let offer): receive(offer, session)
    case .goodbye(let reason):
      actions.append(log("\(session.name) left: \(printable(reason))"))
      if plantedBug == .keepLeaseAtGoodbye { sessions[session.id]?.tokens = [] }
      drop(sessions[session.id] ?? session)
    default: countGarbage(session.peer, .misplaced)
    }
  }

  /// Sends to a session; nothing where it is gone.
  mutating func send(_ message: Message, to id: UInt64) {
    guard let session = sessions[id] else { return }
    sessions[id]?.sent += 1
    let envelope = Envelope(epoch: epoch, session: id, sequence: session.sent + 1, message: message)
    actions.append(.send(session.peer, envelope))
  }

  /// Counts what is no message, logs the 1st, 2nd, 4th, 8th… of a peer, and does nothing else, but for a worker of
  /// another protocol version, which is told.
  mutating func countGarbage(_ peer: Peer, _ error: MessageError) {
    garbageCount += 1
    guard garbage[peer] != nil || garbage.count < configuration.strangersLimit else { return }
    let count = garbage[peer, default: 0] + 1
    garbage[peer] = count
    guard count & (count - 1) == 0 else { return }
    actions.append(log("garbage from a peer, \(count) so far: \(error)"))
    if case .version(let found) = error {
      let line = "protocol: the coordinator speaks version \(Wire.version), the worker version \(found)"
      refuse(peer, .incompatible, [line])
    }
  }

  // MARK: - Greeting

  /// Time between the beats of a new session: where there are many already it is as long as leases allow.
  private var welcomeBeat_ms: Int {
    sessions.count > Self.crowd ? max(configuration.beat_ms, configuration.lease_ms / 3) : configuration.beat_ms
  }
  private static let crowd = 200

  private mutating func greet(_ hello: Hello, _ sequence: UInt64, from peer: Peer, _ caller: Caller) {
    if let why = caller.refusal(of: .work) { return refuse(peer, .key, [why]) }
    let old = sessionOfInstance[hello.instance].flatMap { sessions[$0] }
    if let old, old.caller.key != caller.key { return refuse(peer, .key, ["this worker is known with another key"]) }
    // Sent before something that the worker said in the session that it has: it was under way for long.
    if let old, sequence <= old.newest { return }
    let lines = differences(hello)
    guard lines.isEmpty else { return refuse(peer, .incompatible, lines) }
    guard hosts[hello.host]?.isDrained != true || !hello.held.isEmpty else {
      return refuse(
        peer, .full, ["host: \(printable(hello.host)) is drained; \"microfold resume --host\" lets it work again"])
    }
    guard old != nil || sessions.count < configuration.sessionsLimit else {
      return refuse(peer, .full, ["sessions: \(configuration.sessionsLimit) workers are connected, and no more may be"])
    }
    sessionCount += 1
    let id = UInt64(epoch) << 32 | sessionCount
    let session = Session(
      id: id, peer: peer, caller: caller, host: hello.host, process: hello.process, instance: hello.instance,
      slots: hello.slots, since_ms: now_ms, heard_ms: now_ms, sequence: sequence, newest: sequence,
      origin: hello.instance, rests: old?.rests ?? 0, restsUntil_ms: old?.restsUntil_ms ?? 0)
    sessions[id] = session
    sessions[id]?.held = old?.held ?? []
    sessionIDs.append(id)
    markRoomy(id)
    slotCount += hello.slots
    let welcome = Welcome(
      greeting: sequence, beat_ms: welcomeBeat_ms, lease_ms: configuration.lease_ms, credit: session.credit)
    send(.welcome(welcome), to: id)
    attach(hello.held, to: session, from: old)
    if let old {
      movePulls(from: old.id, to: id)
      if plantedBug == .forgetReturn { departed[id] = departed[old.id] }
      drop(old)
    }
    sessionOfInstance[hello.instance] = id
    let back = sessions[id]?.tokens.count ?? 0
    actions.append(
      log("\(session.name) joined with \(hello.slots) slots" + (back > 0 ? " and brought \(back) stages back" : "")))
    if case .draining = phase, !leavesWorkersAlone { sendDrain(to: id) }
  }

  private func differences(_ hello: Hello) -> [String] {
    let ours = configuration
    var lines: [String] = []
    func compare(_ what: String, _ left: String, _ right: String) {
      let (left, right) = (printable(left), printable(right))
      if left != right { lines.append("\(what): the coordinator has \(left), the worker \(right)") }
    }
    compare("build version", ours.buildVersion, hello.buildVersion)
    compare("numeric class", ours.numericClass, hello.numericClass)
    compare("numeric probe", ours.probe.short, hello.probe.short)
    if ours.probe != hello.probe, lines.isEmpty { lines.append("numeric probe: the bits differ") }
    for set in ours.sets {
      let theirs = hello.sets.first { $0.name == set.name }?.digest
      guard theirs != set.digest else { continue }
      compare("prepared set \"\(printable(set.name))\"", set.digest.short, theirs?.short ?? "none")
    }
    return lines
  }

  private mutating func refuse(_ peer: Peer, _ code: RefusalCode, _ lines: [String], session: UInt64 = 0) {
    let lines = Array(lines.map { shortened($0, bytes: 1_000) }.prefix(Limits.lines))
    send(Refusal(code: code, lines: lines), to: peer, session: session)
    actions.append(log("refused a worker: " + lines.joined(separator: "; ")))
  }

  private mutating func send(_ refusal: Refusal, to peer: Peer, session: UInt64) {
    actions.append(.send(peer, Envelope(epoch: epoch, session: session, sequence: 0, message: .refuse(refusal))))
  }

  /// Gives a worker the leases that it held before, as far as nobody else has them and its credit goes. What is
  /// finished needs no lease: it is delivered all the same.
  private mutating func attach(_ held: [HeldLease], to session: Session, from old: Session?) {
    for lease in held where !answeredFailures.contains(lease.token) {
      guard let stage = graph.number(of: lease.stage), isToken(lease.token, of: stage),
        sessions[session.id]?.tokens.count ?? 0 < session.credit
      else {
        if !lease.isFinished { send(.cancel(token: lease.token), to: session.id) }
        continue
      }
      if let known = leases[lease.token], known.stage == stage, known.session == old?.id {
        moveLease(lease.token, from: known.session, to: session.id)
      } else if lease.isFinished, let awaited = reservations[stage], awaited != lease.token {
        // Its answer may come to nothing, and another worker computes the stage.
        continue
      } else if let awaited = reservations[stage], awaited > lease.token {
        // The worker of the newest lease is on its way; this may even be an old greeting, late.
        send(.cancel(token: lease.token), to: session.id)
      } else if current[stage] == nil, leases[lease.token] == nil, [.ready, .reserved].contains(states[stage]) {
        addLease(lease.token, stage, session)
      } else if !lease.isFinished {
        send(.cancel(token: lease.token), to: session.id)
        actions.append(log("\(session.name) came late with stage \(stage): it is \(states[stage]), and not needed"))
      }
    }
  }

  // MARK: - Keys

  /// Whoever is connected as a worker, and by which key: for the driver, which asks whether the keys still hold.
  public var callers: [(peer: Peer, caller: Caller)] {
    sessionIDs.compactMap { sessions[$0] }.map { ($0.peer, $0.caller) }
  }

  /// Ends the sessions of a peer whose key holds no longer. Its stages go back, and none of them is blamed.
  mutating func keyRefused(_ peer: Peer, _ why: String) {
    let ended = sessionIDs.compactMap { sessions[$0] }.filter { $0.peer == peer }
    for session in ended {
      refuse(peer, .key, [why], session: session.id)
      actions.append(log("\(session.name) must go; its stages go back"))
      drop(session)
    }
    if ended.isEmpty { send(Refusal(code: .key, lines: [shortened(why, bytes: 1_000)]), to: peer, session: 0) }
  }

  // MARK: - Going

  /// Ends the sessions that were silent for a lease. Looks through them only when the first of them can be: whoever is
  /// heard meanwhile, or comes, has later.
  mutating func expireSessions() {
    guard now_ms >= expiry_ms else { return }
    defer {
      let heard_ms = sessionIDs.compactMap { sessions[$0]?.heard_ms }.min() ?? now_ms
      expiry_ms = heard_ms + configuration.lease_ms
    }
    for id in sessionIDs {
      guard let session = sessions[id], now_ms - session.heard_ms >= configuration.lease_ms else { continue }
      actions.append(log("\(session.name) was silent for \(now_ms - session.heard_ms) ms; its stages go back"))
      drop(session, lostAs: "was silent for \(configuration.lease_ms) ms")
    }
  }

  /// A worker that died is not waited for as long as one that is silent. While we stood still others may have closed
  /// their connections because nobody answered, and all of them come back at once: those have a lease.
  mutating func connectionsClosed(_ closed: [ClosedConnection]) {
    let setups_ms = Dictionary(closed.map { ($0.peer, $0.setup_ms) }, uniquingKeysWith: max)
    for id in sessionIDs {
      guard let peer = sessions[id]?.peer, let setup_ms = setups_ms[peer] else { continue }
      departed[id] = max(now_ms + configuration.return_ms + 2 * setup_ms, stoodUntil_ms + configuration.lease_ms)
    }
  }

  /// Ends the sessions of workers that closed their connection and did not come back.
  mutating func dropDeparted() {
    for id in departed.filter({ $0.value <= now_ms }).keys.sorted() {
      departed[id] = nil
      guard let session = sessions[id] else { continue }
      actions.append(log("\(session.name) closed its connection and did not come back; its stages go back"))
      drop(session, lostAs: "went away without a word")
    }
  }

  /// Ends a session: its leases go back. Where it was lost, stages that it had begun count a loss. It may have died of
  /// a stage before it could say that it began, so for each slot that it did not speak of the oldest lease counts too.
  /// - Parameter loss: what became of the worker, where it is lost.
  mutating func drop(_ stale: Session, lostAs loss: String? = nil) {
    guard let session = sessions.removeValue(forKey: stale.id) else { return }
    sessionIDs.removeAll { $0 == session.id }
    departed[session.id] = nil
    slotCount -= session.slots
    if sessionOfInstance[session.instance] == session.id { sessionOfInstance[session.instance] = nil }
    garbage[session.peer] = nil
    abandonPulls(of: session.id)
    let open = session.tokens.filter { token in leases[token].map { settling[$0.stage] == nil } ?? false }
    let told = open.filter { leases[$0]?.epochs ?? 0 > 0 }
    let begun = Set(told + open.filter { !told.contains($0) }.prefix(max(0, session.slots - told.count)))
    // A host that loses a worker is blamed for one stage, however many the worker held.
    var isFirst = true
    for token in session.tokens {
      guard let lease = removeLease(token) else { continue }
      if let loss, settling[lease.stage] == nil,
        begun.contains(token) || plantedBug == .blameEveryone
      {
        let text = "\(session.name) \(loss) while it computed this stage"
        fail(lease, .host, text, session, isAnswered: false, isFirstLost: isFirst)
        isFirst = false
      } else {
        if settling[lease.stage]?.record.token != token { release(lease, "the worker went away", session) }
        reopenUndecided(lease.stage)
      }
    }
  }
}
