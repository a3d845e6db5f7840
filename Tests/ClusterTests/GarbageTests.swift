// Whoever knocks at the port: a run must end as if nobody had.

import Canonical
import Cluster
import Coordination
import Glibc
import Messages
import Synchronization
import TestSupport
import Testing

@Suite struct GarbageTests {
  @Test func randomBytesHalfGreetingsAndWrongMessagesChangeNothing() throws {
    let cluster = try SmallCluster(count: 4)
    let port = try freePort()
    let endpoint = try Endpoint("tcp://127.0.0.1:\(port)")
    let coordinator = cluster.coordinate(at: endpoint)
    let stop = Mutex(false)
    let noise = Running { () -> Int in
      var held: [Int32] = []
      var sent = 0
      while !stop.withLock({ $0 }) {
        if let peer = knock(port, kind: sent % 5, seed: sent) { held.append(peer) }
        sent += 1
        usleep(2_000)
      }
      for peer in held { close(peer) }
      return sent
    }
    let strange = try DealerSocket(connect: endpoint)
    let worker = cluster.work(SmallComputer(delay_ms: 60)) { $0.endpoint = endpoint }
    var sequence = UInt64(0)
    while !coordinator.isDone {
      sequence += 1
      for frames in strangeMessages(sequence) { strange.send(frames, isBulk: false) }
      _ = strange.receive()
      usleep(5_000)
    }
    stop.withLock { $0 = true }
    #expect(try coordinator.value().exitStatus == 0)
    #expect(try worker.value() == 0)
    #expect(try noise.value() > 20)
    #expect(try cluster.results().count == 8)
    #expect(cluster.log.contains { $0.contains("garbage") })
    #expect(cluster.log.contains { $0.contains("do not speak the protocol") })
    #expect(cluster.log.count < 60, "a flood does not fill the log")
  }

  /// Messages of ZeroMQ that are none of ours, and messages of ours that no session may send.
  private func strangeMessages(_ sequence: UInt64) -> [[[UInt8]]] {
    let stranger = Envelope(
      epoch: 7, session: 9, sequence: sequence, message: .beat(Beat(leases: [], freeSlots: 1)))
    var flipped = Codec.encode(stranger)
    flipped[0][20] ^= 1
    return [
      [[]], [[1, 2, 3]], [Array(repeating: 0, count: 32), []], Array(repeating: [0], count: 20), flipped,
      Codec.encode(stranger), Codec.encode(Envelope(epoch: 1, session: 0, sequence: 1, message: .control([123]))),
      Codec.encode(
        Envelope(
          epoch: 1, session: 1, sequence: 1,
          message: .acknowledge(
            Acknowledgement(token: 1, stage: Digest(of: []), verdict: .committed)))),
    ]
  }

  @Test func aPortInUseIsSaidIn75() throws {
    let cluster = try SmallCluster(count: 1)
    let (taken, port) = try listening()
    defer { close(taken) }
    let text = "tcp://127.0.0.1:\(port)"
    let coordinator = cluster.coordinate(at: try Endpoint(text))
    let error = #expect(throws: EndpointError.self) { try coordinator.value() }
    #expect(error == .inUse(text))
    #expect(error?.exitStatus == 75)
  }

  @Test func aSocketPathThatAnswersIsNotTakenOver() throws {
    let cluster = try SmallCluster(count: 1)
    let first = cluster.coordinate()
    #expect(eventually { access(cluster.folder.file("c.sock"), F_OK) == 0 })
    let other = try SmallCluster(count: 1)
    let second = other.coordinate(at: cluster.endpoint)
    #expect(throws: EndpointError.inUse(cluster.endpoint.text)) { try second.value() }
    let worker = cluster.work(SmallComputer())
    #expect(try first.value().exitStatus == 0)
    _ = try worker.value()
  }
}

@Suite struct ControlTests {
  @Test func aCoordinatorAnswersAndAnAbsentOneIsSaidWithinTwoSeconds() throws {
    let cluster = try SmallCluster(count: 1)
    let client = ControlClient(endpoint: cluster.endpoint)
    let absent = #expect(throws: ControlError.self) { try client.ask(["verb": "status"], timeout_ms: 200) }
    #expect(absent == .away(endpoint: cluster.endpoint.text))
    #expect(absent?.exitStatus == 75)
    let coordinator = cluster.coordinate()
    #expect(eventually { access(cluster.folder.file("c.sock"), F_OK) == 0 })
    let answer = try client.ask(["verb": "status"])
    #expect(answer["stages"]?["total"]?.integer == 2)
    let refused = #expect(throws: ControlError.self) { try client.ask(["verb": "dance"]) }
    #expect(refused?.exitStatus == 2)
    #expect(try client.ask(["verb": "cancel"])["ok"]?.bool == true)
    #expect(try coordinator.value().exitStatus == 130)
  }
}

// MARK: - Plain sockets

/// Connects and says something that is not the protocol; returns the connection where it is to be held open.
func knock(_ port: UInt16, kind: Int, seed: Int, isHeld: Bool = false) -> Int32? {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = loopback(port)
  let code = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  let noise = (0..<300).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 2_654_435_761 >> 7) }
  let greeting: [UInt8] = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0] + Array("NULL".utf8)
  let padding = [UInt8](repeating: 0, count: 48)
  let texts: [[UInt8]] = [
    noise, greeting + padding + noise, Array("GET / HTTP/1.1\r\n\r\n".utf8),
    [UInt8](repeating: 0xff, count: 9) + [0x7f], [],
  ]
  if code == 0 {
    _ = texts[kind].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }
  if isHeld || kind == 4 && seed < 200 { return descriptor }
  close(descriptor)
  return nil
}
