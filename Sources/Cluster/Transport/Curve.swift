// The options that close a socket: CURVE (RFC 26 of ZeroMQ), and no connection without an answer of ours.

import Access
import CZeroMQ
import Synchronization

extension Socket {
  /// ZMQ_ZAP_ENFORCE_DOMAIN: not in Debian's header, and honoured by its library. Without it, any key is let in while
  /// nobody answers for the domain.
  private static let enforceDomain: Int32 = 93

  /// Lets in whoever can open the socket that is bound next, and only while we answer for the domain.
  func serveLocally(domain: String) {
    set(ZMQ_ZAP_DOMAIN, Authenticator.local(domain))
    set(Self.enforceDomain, 1)
  }

  /// Encrypts, and lets in whom the gate of a domain lets in. To be called before the socket is bound:
  /// libzmq keeps with every bound address the options of that moment.
  func serve(_ pair: KeyPair, domain: String) {
    set(ZMQ_CURVE_SERVER, 1)
    set(ZMQ_CURVE_SECRETKEY, pair.secret)
    set(ZMQ_ZAP_DOMAIN, domain)
    set(Self.enforceDomain, 1)
  }

  /// Encrypts, proves a key, and takes only a server that has this one.
  func prove(_ pair: KeyPair, to server: PublicKey) {
    set(ZMQ_CURVE_SERVERKEY, server.text)
    set(ZMQ_CURVE_PUBLICKEY, pair.publicKey.text)
    set(ZMQ_CURVE_SECRETKEY, pair.secret)
  }
}

/// What a socket's monitor tells of handshakes.
struct HandshakeEvents {
  /// What happened.
  enum Kind: Equatable { case succeeded, refused, otherMechanism, broken, silent }

  /// The monitor's end; its pipe has no limit, so that the library's own thread can never wait for us.
  let monitor: Socket
  private let watched: Socket
  private static let count = Atomic<Int>(0)

  /// Watches a socket from now on.
  init(of socket: Socket) throws(EndpointError) {
    watched = socket
    monitor = try Socket(ZMQ_PAIR)
    monitor.set(ZMQ_RCVHWM, 0)
    let name = "inproc://monitor-\(Self.count.add(1, ordering: .relaxed).newValue)"
    let kinds =
      ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
      | ZMQ_EVENT_HANDSHAKE_SUCCEEDED
    guard zmq_socket_monitor(socket.handle, name, kinds) == 0, zmq_connect(monitor.handle, name) == 0 else {
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
      default: continue
      }
    }
    return kinds
  }
}
