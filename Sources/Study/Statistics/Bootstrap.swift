// How far a figure would move with other subjects: intervals by drawing subjects again, with replacement.
//
// Clips of one person resemble each other, so clips must not be drawn one by one: such intervals are too narrow.

/// From where to where a figure may lie.
public struct Interval: Hashable, Sendable {
  /// The lower end.
  public let low: Double
  /// The upper end.
  public let high: Double

  /// An interval by its ends.
  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }
}

/// The 95 % intervals of accuracy, UF1 and UAR: percentile bootstrap over subjects (Efron 1979).
///
/// A resample draws as many subjects as there are, each with all of its clips, pools them and takes the figures as they
/// are taken of a whole file: over the labels that occur as truth in it. So a class of which a resample has no clip is
/// left out of that resample's mean, and does not count 0: with few subjects a rare class would else pull the lower end
/// below anything that was ever measured. With several training seeds a resample's figure is the mean over the seeds.
/// The ends are the 2.5 and 97.5 % quantiles of all resamples, between two of them by straight line.
///
/// Of one subject all resamples are equal, and the interval has no width: it says nothing then.
public struct BootstrapIntervals: Hashable, Sendable {
  /// How many times subjects are drawn.
  public static let resamples = 10_000
  /// The seed of `SplitMix64`; draw number r · subjects + k is the k-th subject of resample r.
  public static let seed: UInt64 = 0x6D66_2D62_6F6F_7473

  /// Of the accuracy.
  public let accuracy: Interval
  /// Of UF1.
  public let uf1: Interval
  /// Of UAR.
  public let uar: Interval

  /// The intervals of a method; nil where it has no clip.
  public init?(_ method: PredictedClips) {
    let counts = SubjectCounts(method, matrices: method.seeds)
    let subjects = counts.entries.count
    guard subjects > 0 else { return nil }
    var random = SplitMix64(seed: Self.seed)
    var figures: [HeadlineFigures] = []
    figures.reserveCapacity(Self.resamples)
    var sums = Array(repeating: 0, count: counts.cells)
    for _ in 0..<Self.resamples {
      for place in sums.indices { sums[place] = 0 }
      for _ in 0..<subjects { counts.add(random.below(subjects), to: &sums) }
      figures.append(HeadlineFigures(meanOver: counts.matrices, of: sums, classes: counts.classes))
    }
    accuracy = Self.percentiles(figures.map(\.accuracy))
    uf1 = Self.percentiles(figures.map(\.uf1))
    uar = Self.percentiles(figures.map(\.uar))
  }

  private static func percentiles(_ values: [Double]) -> Interval {
    let sorted = values.sorted()
    return Interval(low: quantile(0.025, of: sorted), high: quantile(0.975, of: sorted))
  }

  /// The quantile of sorted values at `share` · (n − 1), between two of them by straight line (type 7 of Hyndman and
  /// Fan 1996, which numpy and R take too).
  static func quantile(_ share: Double, of sorted: [Double]) -> Double {
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }
}
