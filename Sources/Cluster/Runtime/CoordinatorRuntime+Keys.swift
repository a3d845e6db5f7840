// Who a message is from, and whether the keys of those who are connected still hold.

import Access
import Coordination
import Messages

extension CoordinatorRuntime {
  /// Brings a message to the machine, with who sent it. One without a key at a port that asks for keys comes from
  /// nobody; none should ever get here.
  func take(_ arrival: Arrival) {
    do throws(MessageError) {
      var caller = Caller.local
      if let gate = router.gate, !arrival.isLocal {
        guard let key = arrival.key else { throw .misplaced }
        switch gate.caller(key, from: arrival.address) {
        case .success(let known): caller = known
        case .failure(let refusal): return events.append(.keyRefused(arrival.peer, why: refusal.description))
        }
      }
      for envelope in try Codec.decodeAll(arrival.frames) {
        if case .hello = envelope.message { router.noteGreeting(arrival) }
        events.append(.received(arrival.peer, envelope, caller))
      }
    } catch {
      events.append(.undecodable(arrival.peer, error))
    }
  }

  /// Reads the file of keys again if it changed, and ends the sessions of keys that hold no longer.
  func checkKeys() {
    guard let gate = router.gate else { return }
    let found = gate.look(now_ms: Clock.now_ms)
    for line in found.notices { log(line) }
    for line in found.refusals { logStranger(line) }
    // Sessions may be thousands: they are looked through when the file has changed, and now and then because some keys
    // hold until a certain second. Less than a beat together.
    let (now_ms, generation) = (Clock.now_ms, gate.generation)
    guard generation != keysGeneration || now_ms - keysChecked_ms >= 2_000 else { return }
    (keysGeneration, keysChecked_ms) = (generation, now_ms)
    for (peer, caller) in machine.callers {
      guard let key = caller.key else { continue }
      switch gate.caller(key, from: caller.address) {
      case .success(let now):
        if let why = now.refusal(of: .work) { events.append(.keyRefused(peer, why: why)) }
      case .failure(let refusal): events.append(.keyRefused(peer, why: refusal.description))
      }
    }
  }
}
