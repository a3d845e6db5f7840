// Who is to blame: a stage that fails everywhere, or a host on which stages fail that pass elsewhere.

import Canonical
import Coordination
import Messages
import Testing

@Suite("blame between stages and hosts")
struct BlameTests {
  @Test("a stage that failed goes to another host, and one failure on each of two is its end")
  func twoHosts() throws {
    var rig = CoordinatorRig(try flatPlan(1))
    var first = rig.join(1)
    var second = rig.join(2)
    rig.fail(0, try #require(rig.grants(first).last?.token), &first)
    #expect(rig.grants(first).isEmpty, "not again where it failed")
    rig.fail(0, try #require(rig.grants(second).last?.token), &second)
    #expect(rig.machine.state(of: 0) == .failed)
    #expect(rig.failures.map(\.isLast) == [false, true])
  }

  @Test("on one host a stage is tried three times, in two processes where there are two")
  func oneHost() throws {
    var rig = CoordinatorRig(try flatPlan(1), change: { $0.grace_ms = 0 })
    var first = rig.join(1, host: "lab")
    for _ in 0..<2 { rig.fail(0, try #require(rig.grants(first).last?.token), &first) }
    #expect(rig.machine.state(of: 0) == .leased)
    var second = rig.join(2, host: "lab")
    rig.fail(0, try #require(rig.grants(first).last?.token), &first)
    #expect(rig.machine.state(of: 0) == .leased, "the other process has not tried it")
    rig.fail(0, try #require(rig.grants(second).last?.token), &second)
    #expect(rig.machine.state(of: 0) == .failed)
  }

  @Test("one process alone ends a stage after three tries")
  func oneProcess() throws {
    var rig = CoordinatorRig(try flatPlan(1), change: { $0.grace_ms = 0 })
    var hand = rig.join(1)
    for _ in 0..<3 { rig.fail(0, try #require(rig.grants(hand).last?.token), &hand) }
    #expect(rig.machine.state(of: 0) == .failed)
  }

  @Test("a sick host that comes first does not end stages while others may still come")
  func firstComer() throws {
    var rig = CoordinatorRig(try flatPlan(1), change: { $0.grace_ms = 5_000 })
    var sick = rig.join(1)
    for _ in 0..<5 { rig.fail(0, try #require(rig.grants(sick).last?.token), &sick) }
    #expect(rig.machine.state(of: 0) == .leased)
    var good = rig.join(2)
    rig.say(.goodbye(reason: "over"), &sick)
    rig.deliver(0, try #require(rig.grants(good).last?.token), &good)
    rig.sync()
    #expect(rig.machine.state(of: 0) == .committed)
  }

  @Test("who failed at a stage is known after a restart")
  func afterRestart() throws {
    let history = StageHistory(stage: 0, failures: 1, losses: 0, givenUp: nil, hosts: ["host1"])
    var rig = CoordinatorRig(
      try flatPlan(1), recovery: Recovery(epoch: 2, tokens: 100..<9_000, histories: [history]))
    let first = rig.join(1)
    #expect(rig.grants(first).map(\.index) == [0], "nobody else is there")
    var other = CoordinatorRig(
      try flatPlan(1), recovery: Recovery(epoch: 2, tokens: 100..<9_000, histories: [history]))
    var second = other.join(2)
    other.fail(0, try #require(other.grants(second).last?.token), &second)
    #expect(other.machine.state(of: 0) == .failed, "the second host, over a restart")
  }

  /// Fails the next `count` stages on host 1, and has host 2 compute them.
  private func sicken(_ rig: inout CoordinatorRig, _ sick: inout Hand, _ good: inout Hand, count: Int) throws {
    for _ in 0..<count {
      let grant = try #require(rig.grants(sick).last)
      rig.fail(grant.index, grant.token, &sick)
      let grants = rig.grants(good)
      for grant in grants {
        rig.deliver(grant.index, grant.token, &good)
        rig.sync()
      }
      for grant in rig.grants(good) {
        rig.deliver(grant.index, grant.token, &good)
        rig.sync()
      }
    }
  }

  @Test("a host on which three stages fail that pass elsewhere is granted nothing more, until it is trusted again")
  func sickHost() throws {
    var rig = CoordinatorRig(try flatPlan(40))
    var sick = rig.join(1)
    var good = rig.join(2)
    try sicken(&rig, &sick, &good, count: 3)
    for _ in 0..<3 {
      for grant in rig.grants(good) {
        rig.deliver(grant.index, grant.token, &good)
        rig.sync()
      }
    }
    #expect(rig.logs.contains { $0.contains("host host1 is quarantined: 3 stages went wrong there") })
    for grant in rig.grants(sick) { rig.fail(grant.index, grant.token, &sick) }
    #expect(rig.grants(sick).isEmpty)
    #expect(rig.machine.status["quarantined"]?.array?.first?["host"]?.string == "host1")
    let request = Message.control(Array("{\"quarantined\":true,\"verb\":\"retry\"}".utf8))
    rig.does(.received(Peer(bytes: [77]), Envelope(epoch: 0, session: 0, sequence: 0, message: request)))
    #expect(!rig.grants(sick).isEmpty)
  }

  @Test("a quarantined host works on where no other one is left")
  func lastHost() throws {
    var rig = CoordinatorRig(try flatPlan(40))
    var sick = rig.join(1)
    var good = rig.join(2)
    try sicken(&rig, &sick, &good, count: 4)
    for grant in rig.grants(sick) { rig.fail(grant.index, grant.token, &sick) }
    #expect(rig.grants(sick).isEmpty)
    rig.say(.goodbye(reason: "over"), &good)
    #expect(!rig.grants(sick).isEmpty)
  }

  @Test("a worker that dies with three stages in hand blames its host for one of them")
  func reboot() throws {
    var rig = CoordinatorRig(try flatPlan(3), change: { $0.lease_ms = 1_000 })
    let dying = rig.join(1, slots: 3)
    #expect(rig.grants(dying).count == 3)
    rig.wait(1_250)
    var good = rig.join(2, slots: 3)
    for grant in rig.grants(good) { rig.deliver(grant.index, grant.token, &good) }
    rig.sync()
    #expect(!rig.logs.contains { $0.contains("quarantined") })
    #expect(rig.machine.count(of: .committed) == 3)
  }

  @Test("a stage that was lost with two workers is computed alone, so that its neighbours are not blamed with it")
  func suspect() throws {
    var rig = CoordinatorRig(try flatPlan(3), change: { $0.lease_ms = 1_000 })
    for name in UInt8(1)...2 {
      let dying = rig.join(name, slots: 2)
      #expect(rig.grants(dying).count == 2)
      rig.wait(1_250)
    }
    let third = rig.join(3, slots: 2)
    #expect(rig.grants(third).map(\.index) == [0])
    let fourth = rig.join(4, slots: 2)
    #expect(rig.grants(fourth).map(\.index) == [1])
    let fifth = rig.join(5, slots: 2)
    #expect(rig.grants(fifth).map(\.index) == [2])
  }

  @Test("a host that a person drains finishes, goes, and is not greeted until it is opened")
  func drain() throws {
    var rig = CoordinatorRig(try flatPlan(4))
    let hand = rig.join(1)
    func order(_ text: String) {
      let message = Message.control(Array(text.utf8))
      rig.does(.received(Peer(bytes: [77]), Envelope(epoch: 0, session: 0, sequence: 0, message: message)))
    }
    _ = rig.heard(hand)
    order("{\"host\":\"host1\",\"verb\":\"drain\"}")
    #expect(rig.heard(hand) == [.drain(.finish, reason: "the host is drained")])
    let late = rig.join(5, instance: 9, host: "host1")
    guard case .refuse(let refusal) = rig.heard(late).first else { return #expect(Bool(false), "it is refused") }
    #expect(refusal.lines.first?.contains("host1 is drained") == true)
    order("{\"host\":\"host1\",\"verb\":\"resume\"}")
    let again = rig.join(6, instance: 10, host: "host1")
    #expect(rig.grants(again).count == 1)
  }
}
