// Stages that can be computed now, the most useful first: many others wait for it, then the smaller number.
//
// Ranks are fixed when the plan is known, so the queue is a set of small numbers: a bit each, and above every 64 of
// them a bit that says whether one is set. A million stages are four levels and 130 kB.

/// A priority queue of stages.
struct ReadyQueue: Sendable {
  private let rank: [Int32]
  private let stageOfRank: [Int32]
  private var members: NumberSet

  /// An empty queue. Weight of a stage: one and the weights of its children, so paths are counted, not stages.
  init(children: Adjacency) {
    var weight = [UInt64](repeating: 1, count: children.count)
    for stage in (0..<children.count).reversed() {
      for child in children[stage] {
        let (sum, overflow) = weight[stage].addingReportingOverflow(weight[child])
        weight[stage] = overflow ? .max : sum
      }
    }
    var order = (0..<Int32(children.count)).map { $0 }
    let isInOrder = weight.indices.dropFirst().allSatisfy { weight[$0] <= weight[$0 - 1] }
    if !isInOrder { order.sort { (weight[Int($1)], $0) < (weight[Int($0)], $1) } }
    stageOfRank = order
    var rank = [Int32](repeating: 0, count: order.count)
    for (place, stage) in order.enumerated() { rank[Int(stage)] = Int32(place) }
    self.rank = rank
    members = NumberSet(below: order.count)
  }

  /// How many stages are ready.
  var count: Int { members.count }

  /// The first stage.
  var first: Int? { members.first.map { Int(stageOfRank[$0]) } }

  /// Puts a stage in; nothing where it is in.
  mutating func insert(_ stage: Int) { members.insert(Int(rank[stage])) }

  /// Takes a stage out; nothing where it is not in.
  mutating func remove(_ stage: Int) { members.remove(Int(rank[stage])) }

  /// Takes the first stage out.
  mutating func popFirst() -> Int? {
    guard let first = members.first else { return nil }
    members.remove(first)
    return Int(stageOfRank[first])
  }
}

/// A set of numbers below a bound whose smallest is found at once.
struct NumberSet: Sendable {
  /// `levels[0]` has a bit for each number, each further level a bit for each word of the one before.
  private var levels: [[UInt64]] = []
  private(set) var count = 0

  init(below bound: Int) {
    var words = bound
    repeat {
      words = max(1, (words + 63) / 64)
      levels.append(Array(repeating: 0, count: words))
    } while words > 1
  }

  /// The smallest number.
  var first: Int? {
    guard count > 0 else { return nil }
    var place = 0
    for level in levels.reversed() { place = place << 6 | level[place].trailingZeroBitCount }
    return place
  }

  mutating func insert(_ number: Int) {
    guard levels[0][number >> 6] & 1 << UInt64(number & 63) == 0 else { return }
    count += 1
    var place = number
    for level in levels.indices {
      levels[level][place >> 6] |= 1 << UInt64(place & 63)
      place >>= 6
    }
  }

  mutating func remove(_ number: Int) {
    guard levels[0][number >> 6] & 1 << UInt64(number & 63) != 0 else { return }
    count -= 1
    var place = number
    for level in levels.indices {
      levels[level][place >> 6] &= ~(1 << UInt64(place & 63))
      guard levels[level][place >> 6] == 0 else { return }
      place >>= 6
    }
  }
}
