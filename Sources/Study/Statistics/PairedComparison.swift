// Whether two methods that predicted the same clips differ by more than luck.

/// Two methods on the same clips, and two paired tests of their difference.
///
/// With several training seeds seed i of the one is paired with seed i of the other, and a method without seeds with
/// every seed; figures are means over the seeds. McNemar's test counts the clips of the first seed alone, since the
/// same clip by several seeds is not several clips; of a clip that several draws of a hold-out test it takes the first.
public struct PairedComparison: Hashable, Sendable {
  /// How many clips were compared; one that several draws of a hold-out test counts as often.
  public let clips: Int
  /// How many different clips they are: those that McNemar's test counts.
  public let different: Int
  /// How many subjects they show.
  public let subjects: Int
  /// The first method's figures less the second's.
  public let difference: HeadlineFigures
  /// Clips that only the first method has right, with the first seed.
  public let onlyFirst: Int
  /// Clips that only the second method has right, with the first seed.
  public let onlySecond: Int
  /// McNemar's exact p: two-sided, of `onlyFirst` and `onlySecond`.
  public let mcnemar: Double
  /// The p of the permutation test over subjects, of the difference in UF1.
  public let permutation: Double

  /// Compares two methods.
  /// - Precondition: both have the same clips in the same order over the same labels, with equally many seeds or one.
  public init(_ first: PredictedClips, _ second: PredictedClips) {
    precondition(first.labels == second.labels && first.clips.count == second.clips.count, "the same clips and labels")
    precondition(first.seeds == second.seeds || first.seeds == 1 || second.seeds == 1, "seeds that pair")
    for (one, other) in zip(first.clips, second.clips) {
      precondition(one.subject == other.subject && one.clip == other.clip && one.truth == other.truth, "the same clips")
    }
    // A clip that several draws of a hold-out test is one clip: only its first appearance counts.
    var seen: Set<[String]> = []
    let pairs = zip(first.clips, second.clips).filter { seen.insert([$0.0.subject, $0.0.clip]).inserted }
    onlyFirst = pairs.count { $0.predicted[0] == $0.truth && $1.predicted[0] != $1.truth }
    onlySecond = pairs.count { $0.predicted[0] != $0.truth && $1.predicted[0] == $1.truth }
    clips = first.clips.count
    different = pairs.count
    subjects = first.subjects.count
    difference = HeadlineFigures(first) - HeadlineFigures(second)
    mcnemar = PairedTests.mcnemar(onlyFirst, onlySecond)
    permutation = PairedTests.permutation(first, second)
  }
}

/// The tests by themselves.
public enum PairedTests {
  /// How many times the permutation test draws where it does not try every swap.
  public static let draws = 10_000
  /// Up to so many subjects every swap is tried.
  public static let exactSubjects = 14
  /// The seed of `SplitMix64`; the uppermost bit of draw number r · subjects + s says whether draw r swaps subject s.
  public static let seed: UInt64 = 0x6D66_2D70_6572_6D75
  /// Differences that are equal but for rounding count as equal.
  static let rounding = 1e-12

  /// McNemar's exact test: the chance that so uneven a split of the clips which only one method has right, or a more
  /// uneven one, comes of fair coins. 1 where there is no such clip.
  public static func mcnemar(_ onlyFirst: Int, _ onlySecond: Int) -> Double {
    let (fewer, all) = (min(onlyFirst, onlySecond), onlyFirst + onlySecond)
    guard onlyFirst != onlySecond else { return 1 }
    // Σ C(all, i) for i = 0 … fewer, as sum · 2^exponent, so that thousands of clips do not overflow.
    var (term, sum, exponent) = (1.0, 1.0, 0)
    for place in 0..<fewer {
      term *= Double(all - place) / Double(place + 1)
      sum += term
      if sum > 0x1p512 {
        term *= 0x1p-512
        sum *= 0x1p-512
        exponent += 512
      }
    }
    return min(1, Double(sign: .plus, exponent: exponent - all + 1, significand: sum))
  }

  /// The permutation test over subjects: if the methods do not differ, swapping their predictions of a subject changes
  /// nothing but luck. p is the share of swaps whose difference in UF1 is at least as far from zero as the one seen.
  ///
  /// Every one of the 2^subjects swaps is tried up to 14 subjects; above that 10,000 are drawn, and the p is
  /// (1 + as far) / (1 + 10,000), which counts the swap of nobody and is never 0 (Phipson and Smyth 2010).
  public static func permutation(_ first: PredictedClips, _ second: PredictedClips) -> Double {
    let matrices = max(first.seeds, second.seeds)
    let base = SubjectCounts(first, matrices: matrices)
    let other = SubjectCounts(second, matrices: matrices)
    let swap = SubjectCounts(second, minus: first, matrices: matrices)
    let subjects = base.entries.count
    let (firstTotal, secondTotal) = (base.total, other.total)
    func difference(_ isSwapped: (Int) -> Bool) -> Double {
      var (one, two) = (firstTotal, secondTotal)
      for subject in 0..<subjects where isSwapped(subject) {
        swap.add(subject, to: &one)
        swap.add(subject, times: -1, to: &two)
      }
      return HeadlineFigures(meanOver: matrices, of: one, classes: base.classes).uf1
        - HeadlineFigures(meanOver: matrices, of: two, classes: base.classes).uf1
    }
    let seen = abs(difference { _ in false }) - rounding
    if subjects <= exactSubjects {
      let swaps = 1 << subjects
      return Double((0..<swaps).count { mask in abs(difference { mask >> $0 & 1 == 1 }) >= seen }) / Double(swaps)
    }
    var random = SplitMix64(seed: seed)
    var asFar = 0
    for _ in 0..<draws where abs(difference { _ in random.coin() }) >= seen { asFar += 1 }
    return Double(1 + asFar) / Double(1 + draws)
  }

  /// Holm's correction (1979): what each p is worth when the smallest of several would be shown anyway. In the order
  /// given; never below the p itself, never above 1.
  public static func holm(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var corrected = values
    var least = 0.0
    for (rank, place) in order.enumerated() {
      least = max(least, min(1, Double(values.count - rank) * values[place]))
      corrected[place] = least
    }
    return corrected
  }
}
