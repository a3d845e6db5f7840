// Whose connection has ended: the library tells a descriptor, and every message tells the descriptor that it came over.

import Coordination

/// The connections of a bound socket over which a worker has greeted, or may.
struct Connections {
  /// Ends that wait to be taken; of further ones nobody hears, and a lease has to tell.
  private static let limit = 4_096

  private struct Connection {
    let accepted_ms: Int
    var greeter: ClosedConnection?
  }

  private var open: [Int32: Connection] = [:]
  private var closed: [ClosedConnection] = []

  /// A connection came, not before this time, and nobody has spoken over it.
  mutating func accept(_ descriptor: Int32, since_ms: Int) { open[descriptor] = Connection(accepted_ms: since_ms) }

  /// A worker greets. The first greeting tells how long a connection takes from its first packet to a message: the
  /// handshakes of TCP and of the library, several times the way there and back.
  mutating func greet(_ descriptor: Int32, _ peer: Peer, now_ms: Int) {
    // A library that does not tell it leaves all to the leases.
    guard descriptor >= 0 else { return }
    // Who greeted and died before anybody looked.
    guard let connection = open[descriptor] else { return tell(ClosedConnection(peer: peer, setup_ms: 0)) }
    let setup_ms = connection.greeter?.setup_ms ?? now_ms - connection.accepted_ms
    open[descriptor]?.greeter = ClosedConnection(peer: peer, setup_ms: setup_ms)
  }

  /// A connection has ended.
  mutating func close(_ descriptor: Int32) {
    if let greeter = open.removeValue(forKey: descriptor)?.greeter { tell(greeter) }
  }

  private mutating func tell(_ ended: ClosedConnection) {
    if closed.count < Self.limit { closed.append(ended) }
  }

  /// Workers whose connections have ended since the last call.
  mutating func takeClosed() -> [ClosedConnection] {
    defer { closed = [] }
    return closed
  }
}
