// Greeting, beats, silence, and the ways to leave.

import Messages

extension WorkerMachine {
  // MARK: - Connecting

  mutating func connect() {
    link = .connecting(since_ms: now_ms, hello_ms: now_ms + 500, gap_ms: 500)
    session = 0
    greetings = 0
    oldestGreeting = sequence + 1
    reads = 0
    for digest in fetchOrder { fetches[digest]?.pull.forgetRequests() }
    greet()
  }

  private mutating func greet() {
    let held = assignments.map { HeldLease(stage: $0.stage, token: $0.token, isFinished: $0.step == .finished) }
    let ours = configuration
    send(
      .hello(
        Hello(
          buildVersion: ours.buildVersion, numericClass: ours.numericClass, probe: ours.probe, sets: ours.sets,
          host: ours.host, process: ours.process, instance: ours.instance, slots: ours.slots, held: held)))
  }

  mutating func tickConnection() {
    switch link {
    case .connecting(let since_ms, let hello_ms, let gap_ms):
      if let patience_ms = configuration.patience_ms, now_ms - since_ms >= patience_ms {
        return end(75, ["no coordinator answered for \(patience_ms / 1_000) s: try again later"])
      }
      guard now_ms >= hello_ms else { return }
      let next_ms = min(2 * gap_ms, configuration.greeting_ms)
      link = .connecting(since_ms: since_ms, hello_ms: now_ms + next_ms, gap_ms: next_ms)
      greetings += 1
      if greetings % 4 == 0 { actions.append(.reconnect) }
      greet()
    case .attached:
      if now_ms - heard_ms > configuration.silentBeats * beat_ms {
        actions.append(.log("the coordinator was silent for \(now_ms - heard_ms) ms: connecting again"))
        actions.append(.reconnect)
        connect()
      } else if now_ms >= nextBeat_ms {
        beat()
      }
    case .new, .ended: break
    }
  }

  /// The coordinator has seen the last connection end, does not wait long, and knows nobody over this one.
  mutating func reconnected() {
    switch link {
    case .attached: connect()
    case .connecting: greet()
    case .new, .ended: break
    }
  }

  private mutating func beat() {
    nextBeat_ms = now_ms + beat_ms
    let leases = assignments.prefix(Limits.held).map(\.progress)
    send(.beat(Beat(leases: leases, freeSlots: max(0, configuration.slots - computingCount))))
  }

  /// Greetings may cross, and the coordinator remembers the last one only: so the answer to a later one counts.
  mutating func welcomed(_ welcome: Welcome, _ envelope: Envelope) {
    guard welcome.greeting >= oldestGreeting else { return }
    oldestGreeting = welcome.greeting + 1
    newestToken = 0
    epoch = envelope.epoch
    session = envelope.session
    beat_ms = welcome.beat_ms
    link = .attached
    heard_ms = now_ms
    nextBeat_ms = now_ms + beat_ms
    actions.append(.log("attached, with \(assignments.count) stages in hand"))
    for place in assignments.indices where assignments[place].step == .finished { deliver(place) }
    for place in assignments.indices where assignments[place].step == .computing { offer(place) }
    for digest in fetchOrder { fetches[digest]?.pull.forgetRequests() }
    askForPieces()
  }

  mutating func rehello(_ envelope: Envelope) {
    guard link == .attached, envelope.session == session else { return }
    actions.append(.log("the coordinator does not know this worker any more: greeting again"))
    connect()
  }

  mutating func refused(_ refusal: Refusal, _ envelope: Envelope) {
    let endsSession = refusal.code == .key && envelope.epoch == epoch && envelope.session == session
    if case .attached = link, !endsSession { return }
    let lines = refusal.lines.map { printable($0) }
    let line = "the coordinator refused this worker: " + lines.joined(separator: "; ")
    end(refusal.code == .full ? 75 : 78, [line])
  }

  mutating func undecodable(_ error: MessageError) {
    garbageCount += 1
    if garbageCount & (garbageCount - 1) == 0 { actions.append(.log("garbage, \(garbageCount) so far: \(error)")) }
    if case .version(let found) = error, case .connecting = link {
      end(78, ["protocol: the coordinator speaks version \(found), the worker version \(Wire.version)"])
    }
  }

  // MARK: - Leaving

  mutating func leave(_ mode: DrainMode, _ reason: String) {
    if leaving?.mode == .stop { return }
    let until_ms = mode == .stop ? now_ms + configuration.farewell_ms : .max
    leaving = (mode, until_ms, reason)
    actions.append(.log("leaving: \(reason)"))
    let stopped = assignments.filter { $0.step != .finished && (mode == .stop || $0.step != .computing) }
    for assignment in stopped { discard(assignment.stage) }
  }

  mutating func leaveIfDone() {
    guard let leaving else { return }
    let isAlone = link != .attached && leaving.mode == .stop
    guard assignments.isEmpty || isAlone || now_ms >= leaving.until_ms else { return }
    if link == .attached { send(.goodbye(reason: shortened(leaving.reason, bytes: Limits.reasonBytes))) }
    end(0, [])
  }

  mutating func end(_ status: Int32, _ lines: [String]) {
    for stage in computing { actions.append(.cancel(stage: stage)) }
    link = .ended
    actions.append(.exit(status: status, lines: lines))
  }
}
