// The coordinator's socket: many peers, none of which can block or flood the others.
//
// MANDATORY makes a vanished peer an error instead of silence, but is no proof of delivery: only the answers of the
// protocol are. A peer whose pipe is full gets an outbox of its own.

import CZeroMQ
import Coordination
import Glibc
import Messages

/// A bound ROUTER.
final class RouterSocket {
  /// Connections that ended before they spoke the protocol of ZeroMQ.
  private(set) var failedHandshakes = 0

  let socket: Socket
  private let monitor: Socket
  private var outboxes: [Peer: Outbox] = [:]
  private var parked: [Peer] = []

  /// Binds.
  /// - Throws: `EndpointError.inUse`, `.failed`.
  init(bind endpoint: Endpoint) throws(EndpointError) {
    Self.allowManyConnections()
    socket = try Socket(ZMQ_ROUTER)
    monitor = try Socket(ZMQ_PAIR)
    socket.setCommonOptions()
    socket.set(ZMQ_ROUTER_MANDATORY, 1)
    if endpoint.text.contains("[") { socket.set(ZMQ_IPV6, 1) }
    guard !endpoint.isAnswered else { throw .inUse(endpoint.text) }
    try watchHandshakes()
    guard zmq_bind(socket.handle, endpoint.text) == 0 else {
      guard zmq_errno() != EADDRINUSE else { throw .inUse(endpoint.text) }
      throw .failed(endpoint.text, why: ZeroMQ.lastError)
    }
    if let path = endpoint.path { chmod(path, 0o600) }
  }

  deinit { zmq_socket_monitor(socket.handle, nil, 0) }

  /// What can be polled for.
  var pollable: [Socket] { [socket, monitor] }

  /// Whether messages wait for a peer whose pipe was full.
  var hasParked: Bool { !parked.isEmpty }

  /// The next message and who sent it; nil where none waits.
  func receive() -> (peer: Peer, frames: [[UInt8]])? {
    guard let frames = socket.receive() else { return nil }
    // The first frame is ROUTER's; a message with too many frames has lost it and comes from nobody.
    guard let identity = frames.first else { return (Peer(bytes: []), []) }
    return (Peer(bytes: identity), Array(frames.dropFirst()))
  }

  /// Sends a message, now or as soon as the peer takes it. It may be lost.
  func send(_ frames: [[UInt8]], to peer: Peer, isBulk: Bool) {
    if outboxes[peer] == nil {
      switch socket.send([peer.bytes] + frames) {
      case .sent, .gone: return
      case .full: park(peer)
      }
    }
    if outboxes[peer]?.add(frames, isBulk: isBulk) == false && !isBulk { forget(peer) }
  }

  /// Sends what waits and can be sent.
  func flush() {
    for peer in parked {
      guard var outbox = outboxes.removeValue(forKey: peer) else { continue }
      let outcome = outbox.flush { socket.send([peer.bytes] + $0) }
      if outcome == .full { outboxes[peer] = outbox }
    }
    parked.removeAll { outboxes[$0] == nil }
  }

  /// Counts connections that failed since the last call.
  func countHandshakes() {
    while let event = monitor.receive() {
      guard let first = event.first, first.count >= 2 else { continue }
      let kind = Int32(first[0]) | Int32(first[1]) << 8
      if kind != ZMQ_EVENT_HANDSHAKE_SUCCEEDED { failedHandshakes += 1 }
    }
  }

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

  /// The monitor's pipe has no limit, so that the library's own thread can never wait for us.
  private func watchHandshakes() throws(EndpointError) {
    let name = "inproc://monitor-\(UInt(bitPattern: socket.handle))"
    let failures =
      ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
    monitor.set(ZMQ_RCVHWM, 0)
    guard zmq_socket_monitor(socket.handle, name, failures) == 0, zmq_connect(monitor.handle, name) == 0 else {
      throw .failed("monitor", why: ZeroMQ.lastError)
    }
  }
}
