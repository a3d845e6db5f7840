// How far a share of few clips may be from the truth: the paper prints shares of 44 and of 16 clips as if they were
// exact.

/// Intervals of shares.
public enum Proportion {
  /// The 97.5 % quantile of the normal distribution, for 95 % intervals.
  private static let deviations = 1.959963984540054

  /// The 95 % interval of a share of `count` independent clips (Wilson 1927). The share need not be a whole number of
  /// clips: a figure of a table is rounded.
  /// - Precondition: 0 ≤ `share` ≤ 1 and `count` > 0.
  public static func interval(_ share: Double, of count: Int) -> ClosedRange<Double> {
    precondition((0...1).contains(share) && count > 0, "a share of clips")
    let n = Double(count)
    let square = deviations * deviations
    let middle = (share + square / (2 * n)) / (1 + square / n)
    let reach = deviations / (1 + square / n) * (share * (1 - share) / n + square / (4 * n * n)).squareRoot()
    return max(0, min(share, middle - reach))...min(1, max(share, middle + reach))
  }

  /// The 95 % interval of the difference of two shares, first less second, of independent samples (Newcombe 1998,
  /// method 10).
  public static func difference(
    _ first: Double, of firstCount: Int, _ second: Double, of secondCount: Int
  ) -> ClosedRange<Double> {
    let (one, two) = (interval(first, of: firstCount), interval(second, of: secondCount))
    func reach(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }
    let below = reach(first - one.lowerBound, two.upperBound - second)
    let above = reach(one.upperBound - first, second - two.lowerBound)
    return first - second - below...first - second + above
  }
}
