// What the machines make of keys: sessions belong to one, roles are kept, and a withdrawn key ends its sessions.

import Access
import Canonical
import Coordination
import Messages
import Testing

@Suite struct KeyTests {
  private func caller(_ number: UInt8, _ role: Role = .worker) throws -> Caller {
    let key = try #require(PublicKey(bytes: [UInt8](repeating: number, count: 32)))
    return Caller(key: key, name: "key\(number)", role: role, address: "10.0.0.\(number)")
  }

  private func say(
    _ message: Message, session: UInt64 = 0, sequence: UInt64 = 1, by caller: Caller, from peer: UInt8,
    _ rig: inout CoordinatorRig
  ) -> [Message] {
    rig.actions = []
    let envelope = Envelope(epoch: rig.epoch, session: session, sequence: sequence, message: message)
    rig.does(.received(Peer(bytes: [peer]), envelope, caller))
    return rig.actions.compactMap { if case .send(_, let answer) = $0 { answer.message } else { nil } }
  }

  private func join(_ caller: Caller, from peer: UInt8, _ rig: inout CoordinatorRig) -> UInt64? {
    _ = say(.hello(CoordinatorRig.hello(instance: UInt64(peer))), by: caller, from: peer, &rig)
    for case .send(_, let envelope) in rig.actions {
      if case .welcome = envelope.message { return envelope.session }
    }
    return nil
  }

  @Test func aWithdrawnKeyEndsItsSessionAndBlamesNobody() throws {
    var rig = CoordinatorRig(try flatPlan(2))
    let session = try #require(join(try caller(1), from: 1, &rig))
    #expect(rig.machine.count(of: .leased) == 1)
    #expect(rig.machine.callers.map(\.caller) == [try caller(1)])
    rig.actions = []
    rig.does(.keyRefused(Peer(bytes: [1]), why: "revoked"))
    let refusal = rig.actions.compactMap { if case .send(_, let envelope) = $0 { envelope } else { nil } }.first
    #expect(refusal?.session == session)
    #expect(refusal?.message == .refuse(Refusal(code: .key, lines: ["revoked"])))
    #expect(rig.machine.count(of: .ready) == 2 && rig.machine.callers.isEmpty)
    for case .recordFailure(let record) in rig.actions { #expect(!record.isBlamed && !record.isCounted) }
    rig.actions = []
    rig.does(.keyRefused(Peer(bytes: [9]), why: "unknown"))
    #expect(rig.actions.count == 1, "who has no session is only told")
  }

  @Test func nobodySpeaksOrGreetsForAnothersSession() throws {
    var rig = CoordinatorRig(try flatPlan(2))
    let session = try #require(join(try caller(1), from: 1, &rig))
    let beat = Message.beat(Beat(leases: [], freeSlots: 1))
    #expect(
      say(beat, session: session, sequence: 2, by: try caller(1), from: 1, &rig) == [
        .beat(Beat(leases: [], freeSlots: 0))
      ])
    #expect(say(beat, session: session, sequence: 3, by: try caller(2), from: 1, &rig) == [.rehello])
    #expect(say(beat, session: session, sequence: 4, by: .local, from: 1, &rig) == [.rehello])
    let hello = Message.hello(CoordinatorRig.hello(instance: 1))
    guard case .refuse(let refusal) = say(hello, sequence: 9, by: try caller(2), from: 2, &rig).first else {
      Issue.record("another key took over an instance")
      return
    }
    #expect(refusal.code == .key)
    #expect(rig.machine.callers.map(\.caller) == [try caller(1)])
  }

  @Test(arguments: Role.allCases) func eachRoleIsKeptToItsOwn(role: Role) throws {
    var rig = CoordinatorRig(try flatPlan(2))
    #expect((join(try caller(1, role), from: 1, &rig) != nil) == (role == .worker))
    for (verb, isAllowed) in [
      ("status", role != .worker), ("why", role != .worker), ("retry", role == .admin), ("pause", role == .admin),
      ("cancel", role == .admin),
    ] {
      let request: JSON = ["verb": .string(verb), "stage": 0]
      guard case .controlReply(let bytes) = say(.control(request.bytes), by: try caller(2, role), from: 2, &rig).first
      else {
        Issue.record("no answer to \(verb)")
        continue
      }
      let answer = try JSON(parsing: bytes)
      #expect(answer["ok"]?.bool == isAllowed, "\(verb)")
      #expect((answer["forbidden"]?.bool == true) == !isAllowed, "\(verb)")
    }
  }

  @Test func aWorkerThatIsRefusedGoesWith78EvenInTheMiddle() {
    func worker() -> WorkerMachine {
      var machine = WorkerMachine(
        configuration: WorkerConfiguration(
          buildVersion: "1.0", numericClass: "avx2.1", probe: Digest(of: [1]), sets: [], host: "h", process: 1,
          instance: 1, slots: 1))
      _ = machine.handle(.start, now_ms: 0)
      let welcome = Welcome(greeting: 1, beat_ms: 1_000, lease_ms: 5_000, credit: 2)
      _ = machine.handle(
        .received(Envelope(epoch: 3, session: 7, sequence: 1, message: .welcome(welcome))), now_ms: 1)
      return machine
    }
    func statuses(_ session: UInt64, _ code: RefusalCode) -> [Int32] {
      var machine = worker()
      let refusal = Message.refuse(Refusal(code: code, lines: ["revoked"]))
      let actions = machine.handle(
        .received(Envelope(epoch: 3, session: session, sequence: 2, message: refusal)), now_ms: 2)
      return actions.compactMap { if case .exit(let status, _) = $0 { status } else { nil } }
    }
    #expect(statuses(7, .key) == [78])
    #expect(statuses(6, .key) == [], "another session's refusal is old")
    #expect(statuses(7, .incompatible) == [], "nor is one that belongs to a greeting")
    var machine = worker()
    let actions = machine.handle(.doorClosed(why: "no key"), now_ms: 2)
    #expect(actions.contains(.exit(status: 78, lines: ["no key"])))
  }
}
