// Whether a configuration shows anything that the strongest simple method does not.

import Canonical
import Study

/// One configuration beside the strongest baseline, on the same clips.
///
/// The baseline is picked for its test score too, which can only make it harder to beat.
struct BaselineComparison {
  /// A p below this is taken as shown.
  static let level = 0.05

  /// The configuration's name.
  let configuration: String
  /// The baseline's name.
  let baseline: String
  /// The differences, configuration less baseline, and the tests by themselves.
  let tests: PairedComparison
  /// How many configurations were compared.
  let compared: Int
  /// McNemar's p by Holm's correction for the number of configurations.
  let mcnemar: Double
  /// The permutation test's p by Holm's correction for the number of configurations.
  let permutation: Double

  /// Every complete configuration beside a baseline; none where no baseline is complete.
  /// - Throws: `ReportError.inconsistent` where a method predicted other clips than the other.
  static func all(_ configurations: [MethodSummary], _ strongest: MethodSummary?) throws(ReportError) -> [Self] {
    guard let strongest, let simple = strongest.clips else { return [] }
    var compared: [(name: String, tests: PairedComparison)] = []
    for configuration in configurations {
      guard let clips = configuration.clips, configuration.hasFigures else { continue }
      guard clips.clips.elementsEqual(simple.clips, by: PredictedClip.isSameClip) else {
        throw .inconsistent("\(configuration.name) does not have the clips of \(strongest.name)")
      }
      compared.append((configuration.name, PairedComparison(clips, simple)))
    }
    let mcnemar = PairedTests.holm(compared.map(\.tests.mcnemar))
    let permutation = PairedTests.holm(compared.map(\.tests.permutation))
    return compared.enumerated().map { place, entry in
      BaselineComparison(
        configuration: entry.name, baseline: strongest.name, tests: entry.tests, compared: compared.count,
        mcnemar: mcnemar[place], permutation: permutation[place])
    }
  }

  /// One configuration beside every complete baseline, each p corrected for the number of baselines.
  static func each(_ configuration: MethodSummary?, beside baselines: [MethodSummary]) throws(ReportError) -> [Self] {
    guard let configuration, configuration.hasFigures else { return [] }
    var single: [Self] = []
    for baseline in baselines { single += try all([configuration], baseline) }
    let mcnemar = PairedTests.holm(single.map(\.tests.mcnemar))
    let permutation = PairedTests.holm(single.map(\.tests.permutation))
    return single.enumerated().map { place, entry in
      BaselineComparison(
        configuration: entry.configuration, baseline: entry.baseline, tests: entry.tests, compared: single.count,
        mcnemar: mcnemar[place], permutation: permutation[place])
    }
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
    return members
  }
}

extension PredictedClip {
  /// Whether two predictions are of the same clip in the same fold, with the same true label.
  static func isSameClip(_ left: PredictedClip, _ right: PredictedClip) -> Bool {
    (left.fold, left.subject, left.clip) == (right.fold, right.subject, right.clip) && left.truth == right.truth
  }
}
