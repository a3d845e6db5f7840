// Stages that can be computed now, the most useful first: many others wait for it, then the smaller number.
//
// A binary heap over ranks that are fixed when the plan is known. Removal is lazy: an entry that is no longer wanted
// is skipped when it comes up.

/// A priority queue of stages.
struct ReadyQueue: Sendable {
  private let rank: [Int32]
  private let stageOfRank: [Int32]
  private var heap: [Int32] = []
  private var isIn: [Bool]
  /// How many stages are ready.
  private(set) var count = 0

  /// An empty queue. Weight of a stage: one and the weights of its children, so paths are counted, not stages.
  init(children: [[Int]]) {
    var weight = [UInt64](repeating: 1, count: children.count)
    for stage in children.indices.reversed() {
      for child in children[stage] {
        let (sum, overflow) = weight[stage].addingReportingOverflow(weight[child])
        weight[stage] = overflow ? .max : sum
      }
    }
    let order = children.indices.sorted { (weight[$1], $0) < (weight[$0], $1) }
    stageOfRank = order.map(Int32.init)
    var rank = [Int32](repeating: 0, count: order.count)
    for (place, stage) in order.enumerated() { rank[stage] = Int32(place) }
    self.rank = rank
    isIn = Array(repeating: false, count: order.count)
  }

  /// Puts a stage in; nothing where it is in.
  mutating func insert(_ stage: Int) {
    guard !isIn[stage] else { return }
    isIn[stage] = true
    count += 1
    heap.append(rank[stage])
    var place = heap.count - 1
    while place > 0, heap[place] < heap[(place - 1) / 2] {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  /// Takes a stage out; nothing where it is not in.
  mutating func remove(_ stage: Int) {
    guard isIn[stage] else { return }
    isIn[stage] = false
    count -= 1
  }

  /// Takes the first stage out.
  mutating func popFirst() -> Int? {
    while let first = heap.first {
      let last = heap.removeLast()
      if !heap.isEmpty {
        heap[0] = last
        sink()
      }
      let stage = Int(stageOfRank[Int(first)])
      if isIn[stage] {
        remove(stage)
        return stage
      }
    }
    return nil
  }

  private mutating func sink() {
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count && heap[child] < heap[least] {
        least = child
      }
      if least == place { return }
      heap.swapAt(place, least)
      place = least
    }
  }
}
