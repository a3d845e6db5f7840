// What waits to be sent to one peer while its pipe is full: small messages before pieces of artifacts, and not many.

/// What a try to send came to.
package enum Sending { case sent, full, gone }

/// A bounded queue of two classes.
package struct Outbox {
  /// Small messages that may wait. A peer that takes none for so long is given up.
  package static let controlLimit = 1024
  /// Pieces that may wait; more are dropped, since whoever wants them asks again.
  package static let bulkLimit = 16

  private var control: [[[UInt8]]] = []
  private var bulk: [[[UInt8]]] = []

  /// Nothing waits.
  package init() {}

  package var isEmpty: Bool { control.isEmpty && bulk.isEmpty }

  /// Lets a message wait. False where there is no room.
  package mutating func add(_ frames: [[UInt8]], isBulk: Bool) -> Bool {
    if isBulk {
      guard bulk.count < Self.bulkLimit else { return false }
      bulk.append(frames)
    } else {
      guard control.count < Self.controlLimit else { return false }
      control.append(frames)
    }
    return true
  }

  /// Sends what can be sent.
  package mutating func flush(_ send: ([[UInt8]]) -> Sending) -> Sending {
    for list in [\Outbox.control, \Outbox.bulk] {
      var done = 0
      defer { self[keyPath: list].removeFirst(done) }
      for frames in self[keyPath: list] {
        let outcome = send(frames)
        guard outcome == .sent else { return outcome }
        done += 1
      }
    }
    return .sent
  }
}
