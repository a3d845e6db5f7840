// The worker's and the control client's socket.
//
// IMMEDIATE keeps messages out of pipes that have no peer: otherwise what was queued while the coordinator was down
// reaches the next coordinator. For the same reason a new epoch opens a new socket.

import CZeroMQ
import Glibc
import Messages

/// A connected DEALER.
package final class DealerSocket {
  private let endpoint: Endpoint
  private(set) var socket: Socket
  private var outbox = Outbox()

  /// Connects; the library goes on trying by itself.
  /// - Throws: `EndpointError`.
  package init(connect endpoint: Endpoint) throws(EndpointError) {
    self.endpoint = endpoint
    socket = try Self.open(endpoint)
  }

  /// Whether messages wait.
  var hasParked: Bool { !outbox.isEmpty }

  /// Throws away what waits and starts with a new socket.
  package func reopen() throws(EndpointError) {
    outbox = Outbox()
    socket = try Self.open(endpoint)
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

  private static func open(_ endpoint: Endpoint) throws(EndpointError) -> Socket {
    let socket = try Socket(ZMQ_DEALER)
    socket.setCommonOptions()
    socket.set(ZMQ_IMMEDIATE, 1)
    socket.set(ZMQ_RECONNECT_IVL, 200)
    socket.set(ZMQ_RECONNECT_IVL_MAX, 2000)
    socket.set(ZMQ_CONNECT_TIMEOUT, 5000)
    if endpoint.text.contains("[") { socket.set(ZMQ_IPV6, 1) }
    guard zmq_connect(socket.handle, endpoint.text) == 0 else {
      throw .failed(endpoint.text, why: ZeroMQ.lastError)
    }
    return socket
  }
}
