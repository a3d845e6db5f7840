// Grants of brief stages whose rows may wait: most are answered before, and then the row of the result says it all.
//
// A restart knows only grants that were written. What this costs is that a brief stage, granted in the last moments
// before a crash, may be computed by two workers; its result is taken once all the same.

/// Tokens whose rows are not written yet, the oldest first.
struct DeferredGrants {
  /// How long a row may wait, in seconds.
  static let patience_s = 0.1

  private var queue: [(token: UInt64, due_s: Double)] = []
  private var head = 0
  private var open: Set<UInt64> = []

  mutating func add(_ token: UInt64, now_s: Double) {
    queue.append((token, now_s + Self.patience_s))
    open.insert(token)
  }

  /// Takes one out: its row is not needed, or is written in another way. Whether it was in.
  mutating func remove(_ token: UInt64) -> Bool { open.remove(token) != nil }

  /// Takes out what has waited long enough.
  mutating func takeDue(now_s: Double) -> [UInt64] {
    var due: [UInt64] = []
    while head < queue.count, queue[head].due_s <= now_s {
      if open.remove(queue[head].token) != nil { due.append(queue[head].token) }
      head += 1
    }
    if head > 1_024, 2 * head > queue.count {
      queue.removeFirst(head)
      head = 0
    }
    return due
  }
}
