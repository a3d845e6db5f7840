// The worker's and the control client's socket.
//
// IMMEDIATE keeps messages out of pipes that have no peer: otherwise what was queued while the coordinator was down
// reaches the next coordinator. For the same reason a new epoch opens a new socket.

import Access
import CZeroMQ
import Glibc
import Messages

/// A connected DEALER.
package final class DealerSocket {
  private let endpoint: Endpoint
  private let keys: ClientKeys?
  private(set) var socket: Socket
  private var watch: HandshakeWatch
  private var outbox = Outbox()

  /// Connects; the library goes on trying by itself.
  /// - Parameter keys: encrypts the connection and proves a key; nil only for a local endpoint.
  /// - Throws: `EndpointError`.
  package init(connect endpoint: Endpoint, keys: ClientKeys? = nil) throws(EndpointError) {
    precondition(endpoint.isLocal || keys != nil, "an endpoint that others reach is checked to have keys")
    self.endpoint = endpoint
    self.keys = keys
    (socket, watch) = try Self.open(endpoint, keys)
  }

  /// Whether messages wait.
  var hasParked: Bool { !outbox.isEmpty }

  /// What can be polled for.
  var pollable: [Socket] { [socket] + watch.pollable }

  /// Throws away what waits and starts with a new socket.
  package func reopen() throws(EndpointError) {
    outbox = Outbox()
    watch.stop()
    (socket, watch) = try Self.open(endpoint, keys)
  }

  /// Sends a message, now or when there is a connection with room. It may be lost.
  package func send(_ frames: [[UInt8]], isBulk: Bool) {
    _ = outbox.add(frames, isBulk: isBulk)
    flush()
  }

  /// Sends what waits and can be sent.
  package func flush() { _ = outbox.flush { socket.send($0) } }

  /// The next message; nil where none waits.
  package func receive() -> [[UInt8]]? { socket.receive() }

  /// Why no connection will ever come about, in one line; nil as long as one may.
  package func refusal() -> String? { watch.refusal() }

  /// Whether a connection came about after another one since the last question, as far as `refusal` has looked.
  package func takeReconnected() -> Bool { watch.takeReconnected() }

  /// Waits until a message comes, at most so long.
  package func wait(timeout_ms: Int) { Poller.wait([socket], [], timeout_ms: timeout_ms) }

  private static func open(
    _ endpoint: Endpoint, _ keys: ClientKeys?
  ) throws(EndpointError) -> (Socket, HandshakeWatch) {
    let socket = try Socket(ZMQ_DEALER)
    socket.setCommonOptions()
    socket.set(ZMQ_IMMEDIATE, 1)
    // Without heartbeats a stopped peer was never noticed: 50 of 50 messages "sent" and lost. Only this end asks, and
    // sets no timer at the other: libzmq looks through all timers at every message, a third of the processor time of
    // 2,000 idle connections. The coordinator tells who is silent by its leases.
    socket.set(ZMQ_HEARTBEAT_IVL, 5000)
    socket.set(ZMQ_HEARTBEAT_TIMEOUT, 10000)
    // A coordinator that is started again waits for its workers at most so long; to a machine that is up and does not
    // listen an attempt costs a packet.
    socket.set(ZMQ_RECONNECT_IVL, 50)
    socket.set(ZMQ_RECONNECT_IVL_MAX, 200)
    socket.set(ZMQ_CONNECT_TIMEOUT, 5000)
    if endpoint.text.contains("[") { socket.set(ZMQ_IPV6, 1) }
    if let keys { socket.prove(keys.pair, to: keys.server) }
    let watch = try HandshakeWatch(of: socket, endpoint: endpoint, keys: keys)
    guard zmq_connect(socket.handle, endpoint.text) == 0 else {
      throw .failed(endpoint.text, why: ZeroMQ.lastError)
    }
    return (socket, watch)
  }
}
