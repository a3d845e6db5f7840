// The paired test of a race: could a configuration that is as good as all others be so far behind the best of them?
//
// Where all are equal, the results of one subject could as well stand under each other's names. So names are swapped
// within subjects, over and over, and it is counted how often one of them is as far behind whichever then leads. That
// the leader was picked by these scores is part of what is swapped, so no correction for many is needed: one thing can
// go wrong, that the best is dropped. ("Multiple comparisons with the best", Hsu 1981, by permutation.)

/// The test by itself.
public enum RaceTest {
  /// How many swaps are drawn; the one that was seen is counted beside them.
  public static let draws = 1_000
  /// The seed of `SplitMix64`.
  static let seed: UInt64 = 0x6D66_2D72_6163_6531

  /// For each configuration the share of swaps in which one is at least so far behind the leader; 1 for the leader.
  ///
  /// - Parameter scores: subjects × configurations, whole numbers, so that no order of summing matters.
  /// - Precondition: every subject has a score of each configuration.
  public static func p(_ scores: [[Int]]) -> [Double] {
    let count = scores.first?.count ?? 0
    precondition(scores.allSatisfy { $0.count == count }, "a score of every configuration for every subject")
    guard count > 1 else { return [Double](repeating: 1, count: count) }
    var totals = [Int](repeating: 0, count: count)
    for row in scores { for place in 0..<count { totals[place] += row[place] } }
    let seen = gaps(totals)
    let sorted = seen.sorted()
    // atLeast[i]: drawn gaps that reach the i smallest of those seen, and no further one.
    var atLeast = [Int](repeating: 0, count: count + 1)
    var random = SplitMix64(seed: seed)
    // Subjects on whom all agree say nothing, however their results are named.
    let telling = scores.filter { row in row.contains { $0 != row[0] } }
    var row = [Int](repeating: 0, count: count)
    for draw in 0...draws {
      if draw > 0 {
        for place in 0..<count { totals[place] = 0 }
        for subject in telling {
          for place in 0..<count { row[place] = subject[place] }
          for last in stride(from: count - 1, to: 0, by: -1) { row.swapAt(last, random.below(last + 1)) }
          for place in 0..<count { totals[place] += row[place] }
        }
      }
      for gap in gaps(totals) { atLeast[reached(gap, sorted)] += 1 }
    }
    for place in stride(from: count - 1, through: 0, by: -1) { atLeast[place] += atLeast[place + 1] }
    let all = Double((draws + 1) * count)
    return seen.map { gap in Double(atLeast[reached(gap, sorted)]) / all }
  }

  private static func gaps(_ totals: [Int]) -> [Int] {
    let most = totals.max() ?? 0
    return totals.map { most - $0 }
  }

  /// How many of ascending numbers a gap is not below.
  private static func reached(_ gap: Int, _ sorted: [Int]) -> Int {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] <= gap { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
