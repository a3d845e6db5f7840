// The coordinator's socket: many peers, none of which can block or flood the others.
//
// MANDATORY makes a vanished peer an error instead of silence, but is no proof of delivery: only the answers of the
// protocol are. A peer whose pipe is full gets an outbox of its own.

import Access
import CZeroMQ
import Coordination
import Glibc
import Messages

/// A message as it came.
package struct Arrival {
  package let peer: Peer
  package let frames: [[UInt8]]
  /// The key that the connection proved; nil where it proved none.
  let key: PublicKey?
  /// Whether it came over the socket in the run directory, or where no keys are asked for.
  let isLocal: Bool
  /// Where it comes from.
  let address: String
  /// The descriptor of the connection that it came over; -1 where the library does not tell it.
  let connection: Int32
}

/// A bound ROUTER.
package final class RouterSocket {
  /// Connections that ended before they spoke the protocol of ZeroMQ.
  private(set) var failedHandshakes = 0

  let socket: Socket
  /// Says who may come in; nil where keys are not asked for.
  let gate: AccessGate?
  private let domain: String
  private let events: ConnectionEvents
  private var connections = Connections()
  /// What is told next of connections happened after this time.
  private var looked_ms = Clock.now_ms
  private var outboxes: [Peer: Outbox] = [:]
  private var parked: [Peer] = []

  /// Binds.
  /// - Parameters:
  ///   - keys: encrypts every connection and lets in only authorised keys; nil only for a local endpoint.
  ///   - local: beside it, the path of a socket that needs no key; where the system cannot have it there is none.
  /// - Throws: `EndpointError.inUse`, `.failed`, `KeyError`, `SelfTestError`.
  package init(bind endpoint: Endpoint, keys: ServerKeys? = nil, local path: String? = nil) throws {
    precondition(endpoint.isLocal || keys != nil, "an endpoint that others reach is checked to have keys")
    Self.allowManyConnections()
    socket = try Socket(ZMQ_ROUTER)
    events = try ConnectionEvents(of: socket, isServer: true)
    gate = try keys.map { try AccessGate(folder: $0.folder) }
    domain = try Authenticator.register(gate)
    socket.setCommonOptions()
    socket.set(ZMQ_ROUTER_MANDATORY, 1)
    if let keys {
      if let path, path.utf8.count <= Endpoint.pathLimit {
        socket.serveLocally(domain: domain)
        if zmq_bind(socket.handle, "ipc://\(path)") == 0 { chmod(path, 0o600) }
      }
      socket.serve(keys.pair, domain: domain)
    } else {
      socket.serveLocally(domain: domain)
    }
    if endpoint.text.contains("[") { socket.set(ZMQ_IPV6, 1) }
    guard !endpoint.isAnswered else { throw EndpointError.inUse(endpoint.text) }
    guard zmq_bind(socket.handle, endpoint.text) == 0 else {
      guard zmq_errno() != EADDRINUSE else { throw EndpointError.inUse(endpoint.text) }
      throw EndpointError.failed(endpoint.text, why: ZeroMQ.lastError)
    }
    if let path = endpoint.path { chmod(path, 0o600) }
    if let gate, let keys {
      try SelfTest.run(gate: gate, server: keys.pair.publicKey, endpoint: endpoint.here)
      readEvents()
      failedHandshakes = 0
    }
  }

  deinit {
    events.stop()
    Authenticator.remove(domain)
  }

  /// What can be polled for.
  var pollable: [Socket] { [socket, events.monitor] }

  /// Whether messages wait for a peer whose pipe was full.
  var hasParked: Bool { !parked.isEmpty }

  /// The next message and who sent it; nil where none waits.
  package func receive() -> Arrival? {
    var user: String?
    var address = ""
    var connection: Int32 = -1
    let asksForKeys = gate != nil
    let frames = socket.receive { message in
      connection = zmq_msg_get(&message, ZMQ_SRCFD)
      guard asksForKeys else { return }
      user = zmq_msg_gets(&message, "User-Id").map { String(cString: $0) }
      address = zmq_msg_gets(&message, "Peer-Address").map { String(cString: $0) } ?? ""
    }
    guard let frames else { return nil }
    // The first frame is ROUTER's; a message with too many frames has lost it and comes from nobody.
    let peer = Peer(bytes: frames.first ?? [])
    return Arrival(
      peer: peer, frames: Array(frames.dropFirst()), key: user.flatMap { PublicKey($0) },
      isLocal: !asksForKeys || user == Authenticator.localUser, address: address,
      connection: connection)
  }

  /// Sends a message, now or as soon as the peer takes it. It may be lost.
  package func send(_ frames: [[UInt8]], to peer: Peer, isBulk: Bool) {
    if outboxes[peer] == nil {
      switch socket.send([peer.bytes] + frames) {
      case .sent, .gone: return
      case .full: park(peer)
      }
    }
    if outboxes[peer]?.add(frames, isBulk: isBulk) == false && !isBulk { forget(peer) }
  }

  /// Sends what waits and can be sent.
  package func flush() {
    for peer in parked {
      guard var outbox = outboxes.removeValue(forKey: peer) else { continue }
      let outcome = outbox.flush { socket.send([peer.bytes] + $0) }
      if outcome == .full { outboxes[peer] = outbox }
    }
    parked.removeAll { outboxes[$0] == nil }
  }

  /// Waits until a message comes, at most so long.
  package func wait(timeout_ms: Int) { Poller.wait(pollable, [], timeout_ms: timeout_ms) }

  /// Counts handshakes that failed and notes connections, since the last call.
  package func readEvents() {
    let since_ms = looked_ms
    looked_ms = Clock.now_ms
    for event in events.take() {
      switch event {
      case .accepted(let connection): connections.accept(connection, since_ms: since_ms)
      case .closed(let connection): connections.close(connection)
      case .succeeded, .refused: break
      case .otherMechanism, .broken, .silent: failedHandshakes += 1
      }
    }
  }

  /// A worker greeted with this message: from now on the end of its connection is told as the end of this peer's.
  package func noteGreeting(_ arrival: Arrival) {
    // Descriptors are used again: an end that was told before this message was sent is the end of another connection.
    readEvents()
    connections.greet(arrival.connection, arrival.peer, now_ms: Clock.now_ms)
  }

  /// Connections of workers that have ended. To be called when the events were read first and no message waits then: so
  /// all that came over them was received.
  package func takeClosed() -> [ClosedConnection] { connections.takeClosed() }

  /// A wait for this socket has ended: nothing was to be told until now.
  func noteWait() { looked_ms = Clock.now_ms }

  /// Every connection is a descriptor, and the usual limit of 1,024 is soon reached by a few hundred workers.
  private static func allowManyConnections() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = min(limit.rlim_max, 65_536)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  private func park(_ peer: Peer) {
    outboxes[peer] = Outbox()
    parked.append(peer)
  }

  private func forget(_ peer: Peer) {
    outboxes[peer] = nil
    parked.removeAll { $0 == peer }
  }
}
