// Messages between the processes: as bytes, late, lost, twice, out of order, cut off, or kept for the next coordinator.

import Coordination
import Kernels
import Messages

extension World {
  /// Sends frames one way. Without a fault a wire keeps the order, as TCP does.
  func transmit(_ worker: Int, isUp: Bool, _ happening: Happening) {
    let cutUntil_ms = isUp ? workers[worker].cutUpUntil_ms : workers[worker].cutDownUntil_ms
    if now_ms < cutUntil_ms || strikes(faults.drop, "drop") { return }
    let wire = 2 * worker + (isUp ? 1 : 0)
    var arrival_ms = max(now_ms + 1 + random.below(20), wires[wire] ?? 0)
    if strikes(faults.reorder, "reorder") {
      arrival_ms += random.below(6_000)
    } else {
      wires[wire] = arrival_ms
    }
    schedule(arrival_ms - now_ms, happening)
    if strikes(faults.duplicate, "duplicate") { schedule(arrival_ms - now_ms + random.below(8_000), happening) }
  }

  func cut(_ worker: Int) {
    let until_ms = now_ms + 500 + random.below(10_000)
    let ways = random.below(3)
    if ways != 1 { workers[worker].cutUpUntil_ms = until_ms }
    if ways != 2 { workers[worker].cutDownUntil_ms = until_ms }
  }

  /// A message for the coordinator arrives. While it is down the sender's socket may keep it for the next one.
  func arrive(_ frames: [[UInt8]], from peer: Peer) {
    guard coordinator != nil else {
      if outcome == nil, strikes(faults.staleReplay, "stale replay") { schedule(700, .toCoordinator(peer, frames)) }
      return
    }
    do {
      coordinate(.received(peer, try Codec.decode(frames)), .toCoordinator(peer, frames))
    } catch {
      violate("what a worker sent is no message: \(error)")
    }
  }

  func arrive(_ frames: [[UInt8]], at worker: Int, _ socket: Int) {
    guard workers[worker].machine != nil, workers[worker].socket == socket else { return }
    do {
      work(worker, .received(try Codec.decode(frames)), .toWorker(worker, socket: socket, frames))
    } catch {
      violate("what the coordinator sent is no message: \(error)")
    }
  }
}
