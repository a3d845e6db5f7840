// What happens next: a binary heap of small entries by time, then by order of scheduling; what happens lies beside it.

/// A queue of happenings.
struct EventQueue {
  private struct Entry {
    /// Time in the upper half, order in the lower: both at once in one comparison.
    let key: UInt64
    let slot: Int32
  }

  private var heap: [Entry] = []
  private var happenings: [Happening?] = []
  private var free: [Int32] = []
  private var order: UInt64 = 0

  /// Puts a happening in.
  mutating func insert(_ happening: Happening, at time_ms: Int) {
    order += 1
    let slot: Int32
    if let reused = free.popLast() {
      slot = reused
      happenings[Int(slot)] = happening
    } else {
      slot = Int32(happenings.count)
      happenings.append(happening)
    }
    let entry = Entry(key: UInt64(time_ms) << 32 | order, slot: slot)
    heap.append(entry)
    heap.withUnsafeMutableBufferPointer { heap in
      var place = heap.count - 1
      while place > 0 {
        let parent = (place - 1) / 2
        if heap[parent].key <= entry.key { break }
        heap[place] = heap[parent]
        place = parent
      }
      heap[place] = entry
    }
  }

  /// Takes the first one out.
  mutating func popFirst() -> (time_ms: Int, Happening)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty { sink(last) }
    let slot = Int(first.slot)
    guard let happening = happenings[slot] else { return nil }
    happenings[slot] = nil
    free.append(first.slot)
    return (Int(first.key >> 32), happening)
  }

  /// Puts an entry where it belongs, from the empty top down.
  private mutating func sink(_ entry: Entry) {
    heap.withUnsafeMutableBufferPointer { heap in
      var place = 0
      while true {
        var child = 2 * place + 1
        if child >= heap.count { break }
        if child + 1 < heap.count, heap[child + 1].key < heap[child].key { child += 1 }
        if heap[child].key >= entry.key { break }
        heap[place] = heap[child]
        place = child
      }
      heap[place] = entry
    }
  }
}
