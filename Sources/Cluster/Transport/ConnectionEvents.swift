// The monitor of a socket, through which the library's own thread tells what becomes of connections.

import CZeroMQ
import Synchronization

/// What a socket's monitor tells of connections.
struct ConnectionEvents {
  /// What happened: to a handshake, or to the connection that has this descriptor.
  enum Kind: Equatable {
    case succeeded, refused, otherMechanism, broken, silent
    case accepted(Int32), closed(Int32)
  }

  /// The monitor's end; its pipe has no limit, so that the library's own thread can never wait for us.
  let monitor: Socket
  private let watched: Socket
  private static let count = Atomic<Int>(0)

  /// Watches a socket from now on.
  /// - Parameter isServer: whether it tells of connections too.
  init(of socket: Socket, isServer: Bool = false) throws(EndpointError) {
    watched = socket
    monitor = try Socket(ZMQ_PAIR)
    monitor.set(ZMQ_RCVHWM, 0)
    let name = "inproc://monitor-\(Self.count.add(1, ordering: .relaxed).newValue)"
    let kinds =
      ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
      | ZMQ_EVENT_HANDSHAKE_SUCCEEDED
    let more = isServer ? ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED : 0
    guard zmq_socket_monitor(socket.handle, name, kinds | more) == 0, zmq_connect(monitor.handle, name) == 0 else {
      throw .failed("monitor", why: ZeroMQ.lastError)
    }
  }

  /// Ends it; to be called before the socket is closed.
  func stop() { zmq_socket_monitor(watched.handle, nil, 0) }

  /// What happened since the last call.
  func take() -> [Kind] {
    var kinds: [Kind] = []
    while let event = monitor.receive() {
      guard let first = event.first, first.count >= 6 else { continue }
      let value = (2..<6).reduce(UInt32(0)) { $0 | UInt32(first[$1]) << (8 * ($1 - 2)) }
      switch Int32(first[0]) | Int32(first[1]) << 8 {
      case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: kinds.append(.succeeded)
      case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: kinds.append(.refused)
      case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        kinds.append(value == UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH) ? .otherMechanism : .broken)
      case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: kinds.append(.silent)
      case ZMQ_EVENT_ACCEPTED: kinds.append(.accepted(Int32(bitPattern: value)))
      case ZMQ_EVENT_DISCONNECTED: kinds.append(.closed(Int32(bitPattern: value)))
      default: continue
      }
    }
    return kinds
  }
}
