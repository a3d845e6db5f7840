// Keeps a peer that sends rubbish from filling a log.

/// At most so many events in a second; the others are counted.
package struct RateLimit {
  private let perSecond: Int
  private var second = Int.min
  private var taken = 0
  /// How many were held back since the last one that was let through.
  package private(set) var heldBack = 0

  package init(perSecond: Int) { self.perSecond = perSecond }

  /// Whether one more may pass now.
  package mutating func allows(now_ms: Int) -> Bool {
    if now_ms / 1000 != second {
      second = now_ms / 1000
      taken = 0
    }
    guard taken < perSecond else {
      heldBack += 1
      return false
    }
    taken += 1
    return true
  }

  /// How many were held back; counted anew from here.
  package mutating func takeHeldBack() -> Int {
    defer { heldBack = 0 }
    return heldBack
  }
}
