// Messages of one turn of a loop, gathered by peer, so that a peer gets one frame for all of them.

import Coordination
import Messages

/// What waits for the end of the turn.
struct Outgoing {
  private var places: [Peer: Int] = [:]
  private var bundles: [(peer: Peer, bundle: Bundle)] = []

  /// Lets a message wait; sends those of its peer where they have become many.
  mutating func add(_ envelope: Envelope, to peer: Peer, _ send: ([[UInt8]], Peer) -> Void) {
    let place = places[peer] ?? bundles.count
    if place == bundles.count {
      places[peer] = place
      bundles.append((peer, Bundle()))
    }
    if bundles[place].bundle.isFull { send(bundles[place].bundle.take(), peer) }
    bundles[place].bundle.add(envelope)
  }

  /// Sends everything, in the order in which the peers were first spoken to.
  mutating func flush(_ send: ([[UInt8]], Peer) -> Void) {
    guard !bundles.isEmpty else { return }
    for place in bundles.indices { send(bundles[place].bundle.take(), bundles[place].peer) }
    places.removeAll(keepingCapacity: true)
    bundles.removeAll(keepingCapacity: true)
  }
}
