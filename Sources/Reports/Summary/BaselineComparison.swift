// Whether a configuration shows anything that the strongest simple method does not.

import Canonical
import Study

/// One configuration beside the strongest baseline, on the same clips.
///
/// The baseline is picked for its test score too, which can only make it harder to beat. A configuration that was
/// picked for its own is easier to find above others than it should be: `pickedAmong` pays for that.
struct BaselineComparison {
  /// A p below this is taken as shown.
  static let level = 0.05

  /// The configuration's name.
  let configuration: String
  /// The baseline's name.
  let baseline: String
  /// The differences, configuration less baseline, and the tests by themselves.
  let tests: PairedComparison
  /// How many pairs were compared together.
  let compared: Int
  /// Among how many configurations the first was picked by these scores; 1 where it was not picked.
  let pickedAmong: Int
  /// McNemar's p as corrected: what the verdict goes by.
  let mcnemar: Double
  /// The permutation test's p as corrected.
  let permutation: Double

  /// Two methods with the tests of their difference.
  typealias Pair = (configuration: String, baseline: String, tests: PairedComparison)

  /// Pairs that are shown together: each p by Holm's correction for their number, in the order given.
  /// - Parameters:
  ///   - pickedAmong: among how many configurations the first of each pair was picked by these scores.
  ///   - factor: what each p is multiplied by before, never above 1 (Bonferroni): one for each that might have been
  ///     picked. 1 where the report says instead that the p are not corrected for that.
  static func corrected(_ pairs: [Pair], pickedAmong: Int = 1, factor: Int = 1) -> [Self] {
    func values(_ p: (PairedComparison) -> Double) -> [Double] {
      PairedTests.holm(pairs.map { min(1, Double(factor) * p($0.tests)) })
    }
    return zip(pairs, zip(values(\.mcnemar), values(\.permutation))).map { pair, corrected in
      BaselineComparison(
        configuration: pair.configuration, baseline: pair.baseline, tests: pair.tests, compared: pairs.count,
        pickedAmong: pickedAmong, mcnemar: corrected.0, permutation: corrected.1)
    }
  }

  /// Every complete configuration beside a baseline; none where no baseline is complete.
  /// - Throws: `ReportError.inconsistent` where a method predicted other clips than the other.
  static func all(_ configurations: [MethodSummary], _ strongest: MethodSummary?) throws(ReportError) -> [Self] {
    guard let strongest else { return [] }
    var pairs: [Pair] = []
    for configuration in configurations { pairs += try pair(configuration, strongest).map { [$0] } ?? [] }
    return corrected(pairs)
  }

  /// One configuration beside every complete baseline, each p corrected for the number of baselines and for the number
  /// of configurations among which it was picked.
  /// - Parameter known: comparisons that were made before, which are not made again.
  static func each(
    _ configuration: MethodSummary?, pickedAmong: Int, beside baselines: [MethodSummary], known: [Self]
  ) throws(ReportError) -> [Self] {
    guard let configuration else { return [] }
    var pairs: [Pair] = []
    for baseline in baselines {
      if let same = known.first(where: { ($0.configuration, $0.baseline) == (configuration.name, baseline.name) }) {
        pairs.append((same.configuration, same.baseline, same.tests))
      } else {
        pairs += try pair(configuration, baseline).map { [$0] } ?? []
      }
    }
    return corrected(pairs, pickedAmong: pickedAmong, factor: pickedAmong)
  }

  /// The tests of a pair; nil where one of the two is not complete.
  private static func pair(_ configuration: MethodSummary, _ baseline: MethodSummary) throws(ReportError) -> Pair? {
    guard let clips = configuration.clips, configuration.hasFigures, let simple = baseline.clips else { return nil }
    guard clips.clips.elementsEqual(simple.clips, by: PredictedClip.isSameClip) else {
      throw .inconsistent("\(configuration.name) does not have the clips of \(baseline.name)")
    }
    return (configuration.name, baseline.name, PairedComparison(clips, simple))
  }

  /// What the tests say of the difference in UF1.
  enum Verdict {
    /// The configuration is above the baseline, and both tests show it.
    case both
    /// It is above, and only the permutation test of UF1 shows it.
    case permutationAlone
    /// It is above, and only McNemar's test of accuracy shows it.
    case mcnemarAlone
    /// It is above, and no test shows it.
    case neither
    /// It is not above.
    case notAbove
    /// It is below, and the permutation test shows that.
    case below
  }

  /// What the tests say.
  var verdict: Verdict {
    guard tests.difference.uf1 > 0 else {
      return tests.difference.uf1 < 0 && permutation < Self.level ? .below : .notAbove
    }
    // A McNemar test that shows the baseline to be right more often shows no gain.
    let byClips = mcnemar < Self.level && tests.onlyFirst > tests.onlySecond
    switch (byClips, permutation < Self.level) {
    case (true, true): return .both
    case (true, false): return .mcnemarAlone
    case (false, true): return .permutationAlone
    case (false, false): return .neither
    }
  }

  /// The entry of report.json.
  var members: [String: JSON] {
    var members = tests.members(first: "only_configuration", second: "only_baseline")
    members["configuration"] = .string(configuration)
    members["baseline"] = .string(baseline)
    members["mcnemar_p_holm"] = .number(mcnemar)
    members["permutation_p_holm"] = .number(permutation)
    if pickedAmong > 1 { members["picked_among"] = .integer(pickedAmong) }
    return members
  }
}

extension PredictedClip {
  /// Whether two predictions are of the same clip in the same fold, with the same true label.
  static func isSameClip(_ left: PredictedClip, _ right: PredictedClip) -> Bool {
    (left.fold, left.subject, left.clip) == (right.fold, right.subject, right.clip) && left.truth == right.truth
  }
}
