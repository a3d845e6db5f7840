// Questions and orders of people: JSON objects in, JSON objects out.
//
//   {"verb":"status"}                         counts, workers and what they hold
//   {"verb":"why","stage":HEX or number}      why a stage is not done, in words
//   {"verb":"retry"}                          every stage that was given up; or "stages":[HEX or number…];
//                                             with "quarantined":true hosts are trusted again too
//   {"verb":"pause"}                          grant nothing new
//   {"verb":"resume"}                         go on; with "host":NAME that host may work again
//   {"verb":"drain","host":NAME}              its workers finish what they have, and go
//   {"verb":"cancel"}                         as SIGINT
//
// The answer has "ok", and "error" where that is false ("forbidden": true where another key might). Peers without a
// session may ask: who they are and what they may is said by their key, or by the port where it asks for none.

import Access
import Canonical
import Messages

extension CoordinatorMachine {
  mutating func control(_ request: [UInt8], from peer: Peer, _ caller: Caller) {
    let question = try? JSON(parsing: request)
    var bytes = (question.map { answer($0, to: caller) } ?? refused("the request is not JSON")).bytes
    if bytes.count > Limits.controlReplyBytes { bytes = refused("the answer is longer than a message may be").bytes }
    actions.append(.send(peer, Envelope(epoch: epoch, session: 0, sequence: 0, message: .controlReply(bytes))))
  }

  /// Verbs that change nothing; all others are orders.
  private static let questions: Set = ["status", "why"]

  private func refused(_ why: String) -> JSON { ["ok": false, "error": .string(why)] }

  private mutating func answer(_ request: JSON, to caller: Caller) -> JSON {
    let verb = request["verb"]?.string
    if let why = caller.refusal(of: verb.map(Self.questions.contains) == true ? .ask : .order) {
      return ["ok": false, "error": .string(why), "forbidden": true]
    }
    switch verb {
    case "status": return status
    case "why":
      guard let stage = request["stage"].flatMap(stage) else { return refused("no such stage in the plan") }
      return ["ok": true, "stage": .integer(stage), "state": .string(word(stage)), "why": .string(why(stage))]
    case "retry": return retry(request)
    case "pause":
      isPaused = true
      return ["ok": true]
    case "resume":
      guard let host = request["host"]?.string else {
        isPaused = false
        return ["ok": true]
      }
      guard !open(host: host).isEmpty else { return refused("the host \(printable(host)) is not closed") }
      return ["ok": true]
    case "drain":
      guard let host = request["host"]?.string, sessions.values.contains(where: { $0.host == host }) else {
        return refused("no worker of such a host is connected")
      }
      return ["ok": true, "workers": .integer(drain(host: host))]
    case "cancel":
      interrupt()
      return ["ok": true]
    case let verb: return refused("the verb \(printable(verb ?? "none")) is not known")
    }
  }

  private mutating func retry(_ request: JSON) -> JSON {
    guard phase == .running else { return refused("the run is over: retry on its directory") }
    if request["quarantined"]?.bool == true { _ = open(host: nil) }
    guard let names = request["stages"]?.array else {
      let again = retry(states.indices.filter { states[$0] == .failed })
      return ["ok": true, "stages": .array(again.map { .integer($0) })]
    }
    let stages = names.compactMap(stage)
    guard stages.count == names.count else { return refused("no such stage in the plan") }
    return ["ok": true, "stages": .array(retry(stages).map { .integer($0) })]
  }

  /// A stage by its number, its digest or at least eight digits of its beginning.
  private func stage(_ name: JSON) -> Int? {
    if let number = name.integer { return graph.digests.indices.contains(number) ? number : nil }
    guard let text = name.string, text.count >= 8 else { return nil }
    if let digest = Digest(hex: text) { return graph.number(of: digest) }
    // The first eight digits are a number: a million stages are looked through in no time.
    guard let start = UInt32(text.prefix(8), radix: 16) else { return nil }
    let found = graph.digests.indices.filter { graph.digests[$0].beginning == start }
      .filter { graph.digests[$0].hex.hasPrefix(text) }
    return found.count == 1 ? found[0] : nil
  }

  private func word(_ stage: Int) -> String { "\(states[stage])" }

  // MARK: - Status

  /// Counts, workers and what they hold. At most 1,000 workers are listed.
  public var status: JSON {
    var stages: [String: JSON] = ["total": .integer(graph.count)]
    for state in StageState.allCases { stages["\(state)"] = .integer(count(of: state)) }
    let workers = sessionIDs.prefix(1_000).compactMap { sessions[$0] }.map(describe)
    return [
      "ok": true, "plan": configuration.plan.map { .string($0.hex) } ?? .null,
      "phase": .string(phaseWord), "paused": .bool(isPaused), "epoch": .integer(Int(epoch)),
      "running_s": .integer((now_ms - start_ms) / 1_000), "stages": .object(stages), "workers": .array(workers),
      "worker_count": .integer(sessions.count), "conflicts": .integer(conflicts),
      "verifications": .integer(verifications), "garbage": .integer(garbageCount),
      "rate_per_minute": .number(perMinute), "left_s": left_s.map(JSON.integer) ?? .null,
      "contested": .array(contests.keys.sorted().map { .integer($0) }),
      "quarantined": .array(closedHosts { $0.quarantined != nil }), "drained": .array(closedHosts { $0.isDrained }),
    ]
  }

  private var phaseWord: String {
    switch phase {
    case .new: "starting"
    case .running: "running"
    case .reporting: "reporting"
    case .draining, .stopped: "draining"
    }
  }

  /// Results since this start, by the minute.
  private var perMinute: Double {
    Double(count(of: .committed) - recovered) * 60_000 / Double(max(now_ms - start_ms, 1))
  }

  /// How long the rest takes at that pace; nil before the first result.
  private var left_s: Int? {
    let open = [StageState.waiting, .ready, .reserved, .leased, .settling].reduce(0) { $0 + count(of: $1) }
    return perMinute > 0 ? Int(min(Double(open) / perMinute * 60, 1e9)) : nil
  }

  private func closedHosts(_ isClosed: (HostRecord) -> Bool) -> [JSON] {
    hosts.sorted { $0.key < $1.key }.filter { isClosed($0.value) }.prefix(1_000).map { name, record in
      ["host": .string(name), "why": record.quarantined.map(JSON.string) ?? .null]
    }
  }

  private func describe(_ session: Session) -> JSON {
    [
      "host": .string(session.host), "key": session.caller.name.map { .string($0) } ?? .null,
      "process": .integer(Int(session.process)), "slots": .integer(session.slots),
      "since_s": .integer((now_ms - session.since_ms) / 1_000),
      "silent_s": .integer((now_ms - session.heard_ms) / 1_000),
      "holds": .array(session.tokens.prefix(Limits.held).compactMap { leases[$0] }.map(describe)),
    ]
  }

  private func describe(_ lease: Lease) -> JSON {
    [
      "stage": .string(graph.digests[lease.stage].hex), "index": .integer(lease.stage),
      "token": .integer(Int(clamping: lease.token)), "attempt": .integer(lease.attempt),
      "since_s": .integer((now_ms - lease.since_ms) / 1_000), "epoch": .integer(lease.epoch),
      "epochs": .integer(lease.epochs), "loss": lease.loss.isFinite ? .number(Double(lease.loss)) : .null,
    ]
  }

  // MARK: - Why

  /// Why a stage is not done, in words.
  public func why(_ stage: Int) -> String {
    switch states[stage] {
    case .committed: return "it is done: its result is in the ledger"
    case .failed: return "it was given up: \(givenUp[stage] ?? "no reason was kept")"
    case .dropped: return "it is not needed: what reads it was dropped from a race by the results of others"
    case .waiting where missing[stage] == 0: return "it waits for the verdict of a race"
    case .blocked, .waiting:
      let open = graph.parents[stage].filter { states[$0] != .committed }
      return "it waits for " + open.map { "stage \($0) (\(word($0)))" }.joined(separator: ", ")
    case .reserved: return "it was being computed before a restart; its worker has time to come back"
    case .settling: return "its result came and is on its way into the ledger"
    case .ready: return sessions.isEmpty ? "no worker is connected" : "it waits for a free worker"
    case .leased:
      guard let lease = current[stage].flatMap({ leases[$0] }), let session = sessions[lease.session] else {
        return "it is leased"
      }
      let progress = lease.epochs > 0 ? ", epoch \(lease.epoch) of \(lease.epochs)" : ", not begun"
      return "\(session.name) has it for \((now_ms - lease.since_ms) / 1_000) s\(progress)"
    }
  }
}
