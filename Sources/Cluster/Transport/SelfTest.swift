// Proves at the start that the door is closed: a key that nobody knows is refused, one that is allowed comes in.

import Access
import CZeroMQ

/// The door is open, or does not open. One line.
public enum SelfTestError: ExitError, Equatable, Sendable {
  /// A key that nobody knows came in.
  case open
  /// A key that nobody knows was neither refused nor let in.
  case unanswered
  /// An allowed key did not come in.
  case shut

  /// 78: nobody is to be served so.
  public var exitStatus: Int32 { ExitStatus.refused }

  /// One line.
  public var description: String {
    switch self {
    case .open:
      "keys: the self-test failed: a key that nobody authorised was let in; install Debian's libzmq5 4.3.4"
    case .unanswered:
      "keys: the self-test failed: a key that nobody authorised was not refused within 5 s; is a firewall between this "
        + "machine and the address that it listens on?"
    case .shut:
      "keys: the self-test failed: an authorised key did not get in within 5 s; is a firewall between this machine and "
        + "the address that it listens on?"
    }
  }
}

package enum SelfTest {
  /// Connects twice to a coordinator's endpoint. What nobody answers proves nothing.
  /// - Throws: `SelfTestError`, or `EndpointError` where there can be no connection at all.
  package static func run(
    gate: AccessGate, server: PublicKey, endpoint: Endpoint, patience_ms: Int = 5_000
  ) throws {
    let (visitor, stranger) = (KeyPair(), KeyPair())
    gate.expect(visitor: visitor.publicKey, stranger: stranger.publicKey)
    defer { gate.expect(visitor: nil, stranger: nil) }
    switch try verdict(on: stranger, server, endpoint, patience_ms) {
    case .refused: break
    case .succeeded: throw SelfTestError.open
    default: throw SelfTestError.unanswered
    }
    guard try verdict(on: visitor, server, endpoint, patience_ms) == .succeeded else { throw SelfTestError.shut }
  }

  /// Whether a pair was refused or let in; nil where it was neither in time. A connection that breaks is tried again.
  private static func verdict(
    on pair: KeyPair, _ server: PublicKey, _ endpoint: Endpoint, _ patience_ms: Int
  ) throws -> ConnectionEvents.Kind? {
    let socket = try Socket(ZMQ_DEALER)
    socket.setCommonOptions()
    if endpoint.text.contains("[") { socket.set(ZMQ_IPV6, 1) }
    socket.prove(pair, to: server)
    let events = try ConnectionEvents(of: socket)
    defer { events.stop() }
    guard zmq_connect(socket.handle, endpoint.text) == 0 else {
      throw EndpointError.failed(endpoint.text, why: ZeroMQ.lastError)
    }
    let end_ms = Clock.now_ms + patience_ms
    while Clock.now_ms < end_ms {
      Poller.wait([events.monitor], [], timeout_ms: 100)
      if let kind = events.take().first(where: { $0 == .refused || $0 == .succeeded }) { return kind }
    }
    return nil
  }
}
