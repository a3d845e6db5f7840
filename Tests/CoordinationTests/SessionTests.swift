// Who is let in, what garbage does, leaks, questions of people, and the end.

import Canonical
import Coordination
import Messages
import Testing

@Suite("sessions and the end")
struct SessionTests {
  /// The lines of the refusal of a greeting; nil where it was welcome.
  private func refusal(_ hello: Hello) throws -> [String]? {
    var rig = CoordinatorRig(try samplePlan())
    var hand = Hand(peer: Peer(bytes: [1]))
    rig.say(.hello(hello), &hand)
    for case .refuse(let refusal) in rig.heard(hand) {
      #expect(refusal.code == .incompatible)
      return refusal.lines
    }
    return nil
  }

  @Test("a worker with other data, version or numbers is refused with each difference")
  func refusedHello() throws {
    var hello = CoordinatorRig.hello(instance: 1)
    #expect(try refusal(hello) == nil)
    hello.numericClass = "avx512.1"
    #expect(try refusal(hello) == ["numeric class: the coordinator has avx2.1, the worker avx512.1"])
    hello.buildVersion = "2.0"
    hello.probe = Digest(of: [9])
    hello.sets = []
    let lines = try #require(try refusal(hello))
    #expect(lines.count == 4)
    #expect(lines[3].hasSuffix("the worker none"))
    hello = CoordinatorRig.hello(instance: 1)
    hello.sets = [SetName(name: "target", digest: Digest(of: [3]))]
    #expect(try refusal(hello)?.first?.hasPrefix("prepared set \"target\": the coordinator has ") == true)
  }

  @Test("another protocol version is told so; other garbage is counted, and nothing else")
  func garbage() throws {
    var rig = CoordinatorRig(try samplePlan())
    let peer = Peer(bytes: [5])
    rig.does(.undecodable(peer, .version(9)))
    let lines = ["protocol: the coordinator speaks version \(Wire.version), the worker version 9"]
    let refusal = Message.refuse(Refusal(code: .incompatible, lines: lines))
    #expect(rig.actions.contains(.send(peer, Envelope(epoch: 1, session: 0, sequence: 0, message: refusal))))
    rig.actions = []
    for _ in 0..<1_000 { rig.does(.undecodable(Peer(bytes: [6]), .foreign)) }
    #expect(rig.actions.count == 10, "the 1st, 2nd, 4th … 512th are logged")
    for name in 0..<5_000 { rig.does(.undecodable(Peer(bytes: [UInt8(name & 255), UInt8(name >> 8)]), .damaged)) }
    #expect(rig.machine.status["garbage"] == 6_001)
  }

  @Test("no more sessions than the limit")
  func full() throws {
    var rig = CoordinatorRig(try samplePlan()) { $0.sessionsLimit = 1 }
    _ = rig.join(1)
    var hand = Hand(peer: Peer(bytes: [2]))
    rig.say(.hello(CoordinatorRig.hello(instance: 2)), &hand)
    guard case .refuse(let refusal) = rig.heard(hand).first else { Issue.record("not refused"); return }
    #expect(refusal.code == .full)
  }

  @Test("an old greeting that comes late changes nothing")
  func oldHello() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1)
    rig.beat(&hand, [1])
    _ = rig.heard(hand)
    let late = Envelope(
      epoch: 0, session: 0, sequence: 1, message: .hello(CoordinatorRig.hello(instance: 1)))
    rig.does(.received(Peer(bytes: [8]), late))
    #expect(rig.heard(Hand(peer: Peer(bytes: [8]))).isEmpty)
    rig.beat(&hand, [1])
    #expect(rig.heard(hand) == [.beat(Beat(leases: [], freeSlots: 0))], "its session goes on")
  }

  @Test("a greeting that was sent before a result of the session changes nothing either")
  func helloBeforeAResult() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1)
    // The second greeting is under way when the first one is answered.
    hand.sequence += 1
    let sent = hand.sequence
    rig.deliver(0, 1, &hand)
    rig.sync()
    #expect(rig.machine.state(of: 1) == .leased)
    let late = Envelope(
      epoch: 0, session: 0, sequence: sent, message: .hello(CoordinatorRig.hello(instance: 1)))
    rig.does(.received(Peer(bytes: [8]), late))
    #expect(rig.heard(Hand(peer: Peer(bytes: [8]))).isEmpty)
    #expect(rig.machine.state(of: 1) == .leased)
  }

  @Test("a stage that is tested on a subject of its inputs is refused at the start; the paper's way allows inputs only")
  func leak() throws {
    var rig = CoordinatorRig(try samplePlan(heldOut: "target/S02"))
    #expect(rig.machine.state(of: 2) == .failed)
    #expect(rig.machine.state(of: 3) == .failed)
    #expect(rig.machine.why(2).contains("target/S02"))
    var hand = rig.join(1, slots: 2)
    rig.deliver(0, 1, &hand)
    rig.deliver(1, 2, &hand)
    rig.sync()
    #expect(rig.grants(hand).map(\.index) == [0, 1])
    #expect(rig.outcomes.first?.failed == [2, 3])
    #expect(try samplePlan(heldOut: "target/S02").leaks.count == 2)
    #expect(try samplePlan(heldOut: "target/S02", leakage: .paper).leaks.isEmpty)
  }

  @Test("the end: finished once, report, drain, goodbye, stop")
  func ending() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1)
    for (stage, token) in [(0, UInt64(1)), (1, 2), (2, 3), (3, 4)] {
      rig.deliver(stage, token, &hand)
      rig.sync()
    }
    #expect(rig.outcomes == [Outcome(failed: [], blocked: [], conflicts: 0, isInterrupted: false)])
    rig.wait(2_000)
    #expect(rig.outcomes.count == 1)
    #expect(rig.stops.isEmpty)
    rig.does(.reportWritten)
    #expect(rig.heard(hand).contains(.drain(.stop, reason: "the plan is finished")))
    #expect(rig.stops.isEmpty)
    rig.say(.goodbye(reason: "drained"), &hand)
    #expect(rig.stops.map(\.exitStatus) == [0])
  }

  @Test("a worker that does not say goodbye is waited for three seconds; an interrupt ends with 130")
  func interrupt() throws {
    var rig = CoordinatorRig(try samplePlan())
    _ = rig.join(1)
    rig.does(.interrupt)
    rig.wait(2_750)
    #expect(rig.stops.isEmpty)
    rig.wait(250)
    #expect(rig.stops.map(\.exitStatus) == [130])
    var other = CoordinatorRig(try samplePlan())
    _ = other.join(1)
    other.does(.interrupt)
    other.does(.interrupt)
    #expect(other.stops.count == 1, "the second time at once")
  }

  @Test("status counts, names who holds what, and survives a loss that is not a number")
  func status() throws {
    var rig = CoordinatorRig(try samplePlan())
    var hand = rig.join(1)
    let progress = LeaseProgress(token: 1, epoch: 3, epochs: 9, loss: .nan, isFinished: false)
    rig.say(.beat(Beat(leases: [progress], freeSlots: 0)), &hand)
    let status = try JSON(parsing: rig.machine.status.bytes)
    #expect(status["stages"]?["leased"] == 1)
    #expect(status["stages"]?["total"] == 4)
    let worker = try #require(status["workers"]?.array?.first)
    #expect(worker["host"] == "host1")
    #expect(worker["holds"]?.array?.first?["epoch"] == 3)
    #expect(worker["holds"]?.array?.first?["loss"] == .null)
  }

  @Test("questions that are none are answered with an error", arguments: ["", "[1]", "{\"verb\":\"fly\"}"])
  func badControl(request: String) throws {
    var rig = CoordinatorRig(try samplePlan())
    let hand = Hand(peer: Peer(bytes: [1]))
    let message = Message.control(Array(request.utf8))
    rig.does(.received(hand.peer, Envelope(epoch: 0, session: 0, sequence: 0, message: message)))
    guard case .controlReply(let bytes) = rig.heard(hand).first else { Issue.record("no answer"); return }
    #expect(try JSON(parsing: bytes)["ok"] == false)
  }

  @Test("arrays that are no plan are refused")
  func badGraph() {
    let digest = Digest(of: [1])
    #expect(throws: StageGraphError.self) {
      try StageGraph(digests: [digest], descriptions: [], parents: [], provenance: [], heldOut: [])
    }
    #expect(throws: StageGraphError.self) {
      try StageGraph(digests: [digest], descriptions: [[]], parents: [[0]], provenance: [[]], heldOut: [[]])
    }
  }
}
