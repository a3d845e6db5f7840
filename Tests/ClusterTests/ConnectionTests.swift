// The end of a connection is seen at once, and told as the end of whoever greeted over it.

import Cluster
import Coordination
import Glibc
import Messages
import TestSupport
import Testing

@Suite struct ConnectionTests {
  private let hello: [[UInt8]] = [[1]]

  /// The next message of a router.
  private func arrival(_ router: RouterSocket, _ dealer: DealerSocket) -> Arrival? {
    var arrival: Arrival?
    _ = eventually {
      dealer.flush()
      arrival = router.receive()
      return arrival != nil
    }
    return arrival
  }

  @Test(arguments: [false, true]) func theEndOfAConnectionIsTheEndOfWhoGreetedOverIt(isTCP: Bool) throws {
    let folder = try TemporaryFolder()
    let endpoint = try Endpoint(isTCP ? "tcp://127.0.0.1:\(try freePort())" : "ipc://\(folder.path)/s")
    let router = try RouterSocket(bind: endpoint)
    let (silent, dead) = (try DealerSocket(connect: endpoint), try DealerSocket(connect: endpoint))
    silent.send(hello, isBulk: false)
    #expect(arrival(router, silent) != nil)
    dead.send(hello, isBulk: false)
    let greeting = try #require(arrival(router, dead))
    router.noteGreeting(greeting)
    #expect(router.takeClosed().isEmpty)
    // A new socket closes the connection of the old one, as the end of a process does, and has its descriptor again
    // before anybody looked.
    try silent.reopen()
    try dead.reopen()
    usleep(100_000)
    dead.send(hello, isBulk: false)
    router.noteGreeting(try #require(arrival(router, dead)))
    var closed: [Peer] = []
    #expect(
      eventually {
        router.readEvents()
        closed += router.takeClosed().map(\.peer)
        return !closed.isEmpty
      })
    usleep(100_000)
    router.readEvents()
    closed += router.takeClosed().map(\.peer)
    #expect(closed == [greeting.peer], "nobody who did not greet, and nobody who is there")
  }

  /// Their handshakes have no keys and no questions, and while a socket is being closed one of them can abort the
  /// process (libzmq 4.3.4).
  @Test(arguments: [1, 2]) func peersOfOldProtocolsOfTheLibraryAreTurnedAway(version: Int) throws {
    let port = try freePort()
    let router = try RouterSocket(bind: try Endpoint("tcp://127.0.0.1:\(port)"))
    let old = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(old) }
    var address = loopback(port)
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(old, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(code == 0)
    // ZMTP 1.0: an empty name, then a message. ZMTP 2.0: signature, revision, DEALER, the same.
    let message: [UInt8] =
      version == 1
      ? [1, 0, 3, 0, 7, 7] : [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1, 5, 0, 0, 0, 2, 7, 7]
    try #require(message.withUnsafeBytes { send(old, $0.baseAddress, $0.count, 0) } == message.count)
    var answer = [UInt8](repeating: 0, count: 64)
    var time = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(old, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var count = 1
    while count > 0, router.receive() == nil { count = recv(old, &answer, answer.count, 0) }
    #expect(count <= 0, "it is hung up on")
    #expect(router.receive() == nil)
  }

  @Test func aWorkerHearsOfItsConnectionOnlyWhereItIsAnotherOne() throws {
    let endpoint = try Endpoint("tcp://127.0.0.1:\(try freePort())")
    var router: RouterSocket? = try RouterSocket(bind: endpoint)
    let dealer = try DealerSocket(connect: endpoint)
    dealer.send(hello, isBulk: false)
    #expect(arrival(try #require(router), dealer) != nil)
    #expect(dealer.refusal() == nil && !dealer.takeReconnected(), "its first one")
    router = nil
    usleep(100_000)
    router = try RouterSocket(bind: endpoint)
    #expect(eventually { dealer.refusal() == nil && dealer.takeReconnected() })
    #expect(!dealer.takeReconnected())
  }
}
