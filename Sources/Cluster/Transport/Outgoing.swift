// Messages of one turn of a loop, gathered by peer, so that a peer gets one frame for all of them.

import Coordination
import Messages

/// What waits for the end of the turn.
struct Outgoing {
  private struct Queue {
    let peer: Peer
    /// What is a bundle, or a message alone, already.
    var ready: [[[UInt8]]] = []
    var bundle = Bundle()
  }

  private var places: [Peer: Int] = [:]
  private var queues: [Queue] = []

  /// Lets a message wait.
  mutating func add(_ envelope: Envelope, to peer: Peer) {
    let place = places[peer] ?? queues.count
    if place == queues.count {
      places[peer] = place
      queues.append(Queue(peer: peer))
    }
    if queues[place].bundle.isFull { queues[place].ready.append(queues[place].bundle.take()) }
    queues[place].bundle.add(envelope)
  }

  /// Sends everything, in the order in which the peers were first spoken to.
  mutating func flush(_ send: ([[UInt8]], Peer) -> Void) {
    guard !queues.isEmpty else { return }
    for place in queues.indices {
      for frames in queues[place].ready { send(frames, queues[place].peer) }
      send(queues[place].bundle.take(), queues[place].peer)
    }
    places.removeAll(keepingCapacity: true)
    queues.removeAll(keepingCapacity: true)
  }
}
