// Whether the highest configuration is told apart from the others: each pair by the paired tests, corrected for how
// many there are. A grid whose winner is not told apart from the rest has found nothing by winning.

import Canonical
import Study

extension Summary {
  /// The highest complete configuration beside every other complete one, in the study's order; `baseline` of each is
  /// the other. None where fewer than two are complete, or where seeds do not pair.
  static func besideConfigurations(_ methods: [MethodSummary], pickedAmong: Int) -> [BaselineComparison] {
    guard let best = highest(methods), let clips = best.clips else { return [] }
    let pairs = methods.compactMap { other -> BaselineComparison.Pair? in
      guard other.name != best.name, other.hasFigures, let others = other.clips,
        clips.seeds == others.seeds || clips.seeds == 1 || others.seeds == 1,
        clips.clips.elementsEqual(others.clips, by: PredictedClip.isSameClip)
      else { return nil }
      return (best.name, other.name, PairedComparison(clips, others))
    }
    return BaselineComparison.corrected(pairs, pickedAmong: pickedAmong)
  }

  /// How many of the others the tests tell from the highest one, in a paragraph; nil where nothing was compared.
  var configurationsInWords: String? {
    guard let first = besideConfigurations.first else { return nil }
    let apart = besideConfigurations.count { $0.permutation < BaselineComparison.level }
    let all = besideConfigurations.count
    let verdict =
      apart == 0
      ? "the permutation test tells it from none of them, so their order is no finding"
      : "the permutation test tells it from \(apart) of them, and leaves the order of the rest open"
    return "Of the configurations \(first.configuration) has the highest UF1. Beside the \(count(all, "other")) "
      + "\(apart == all ? "the permutation test tells it from every one" : verdict) (p corrected for \(all) by Holm; "
      + "the highest was picked by these scores, which makes every p look smaller than it is)."
  }

  /// Caption, heads and rows of the table.
  var configurationsTable: (caption: String, heads: [String], rows: [[String]])? {
    guard let first = besideConfigurations.first else { return nil }
    let rows = besideConfigurations.map { comparison -> [String] in
      let tests = comparison.tests
      return [comparison.baseline, signed(tests.difference.uf1), signed(tests.difference.accuracy)]
        + ["\(tests.onlyFirst) : \(tests.onlySecond)", written(p: comparison.mcnemar)]
        + [written(p: comparison.permutation)]
    }
    return (
      "\(first.configuration) beside every other configuration; p corrected for \(rows.count), not for being picked "
        + "among \(first.pickedAmong) by these scores",
      ["other configuration", "UF1 more", "accuracy more", "right alone", "McNemar p", "permutation p"], rows
    )
  }

  /// The member of report.json; nil where nothing was compared.
  var configurationsJSON: JSON? {
    guard !besideConfigurations.isEmpty else { return nil }
    return .array(
      besideConfigurations.map { pair in
        var members = pair.members
        members["other"] = members.removeValue(forKey: "baseline")
        members["only_other"] = members.removeValue(forKey: "only_baseline")
        return .object(members.merging(stampMember) { own, _ in own })
      })
  }
}
