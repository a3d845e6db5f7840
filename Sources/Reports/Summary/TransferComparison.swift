// Whether transfer helps: each configuration that takes something from a source network, beside the one that differs
// from it in nothing but starting from scratch.

import Canonical
import Study

extension Summary {
  /// Every complete configuration with transfer beside its twin from scratch, in the study's order; `baseline` of each
  /// is the twin. None where no configuration has one.
  static func transfers(_ facts: [ConfigurationFacts], _ methods: [MethodSummary]) -> [BaselineComparison] {
    let pairs = zip(facts, methods).compactMap { own, method -> BaselineComparison.Pair? in
      guard own.parameters["transfer"]?.string != "scratch", let clips = method.clips, method.hasFigures else {
        return nil
      }
      let twin = zip(facts, methods).first { other, _ in
        other.parameters["transfer"]?.string == "scratch" && other.seeds == own.seeds
          && other.parameters.withoutTransfer == own.parameters.withoutTransfer
      }
      guard let scratch = twin?.1, let simple = scratch.clips, scratch.hasFigures,
        clips.clips.elementsEqual(simple.clips, by: PredictedClip.isSameClip)
      else { return nil }
      return (method.name, scratch.name, PairedComparison(clips, simple))
    }
    return BaselineComparison.corrected(pairs)
  }

  /// What the tests say of each transfer, one sentence each.
  var transfersInWords: [String] {
    transfers.map { pair in
      let gain = pair.tests.difference.uf1
      let distance = fixed(abs(gain), 3)
      let words: String
      switch pair.verdict {
      case .both: words = "\(distance) above it, and both paired tests show that transfer helps here"
      case .permutationAlone:
        words = "\(distance) above it; the permutation test shows that transfer helps here, McNemar's test does not"
      case .mcnemarAlone:
        words = "\(distance) above it; McNemar's test shows that transfer helps here, the permutation test does not"
      case .neither: words = "\(distance) above it, but the paired tests do not show that transfer helps here"
      case .notAbove where gain == 0: words = "not above it: transfer does not help here"
      case .notAbove: words = "\(distance) below it: transfer does not help here"
      case .below: words = "\(distance) below it, and the permutation test shows that transfer harms here"
      }
      return "Transfer against scratch: \(pair.configuration) stands beside \(pair.baseline), which differs from it in "
        + "nothing else; its UF1 is \(words) (\(pair.valuesInWords))."
    }
  }

  /// The member of report.json; nil where nothing can be compared.
  var transferJSON: JSON? {
    guard !transfers.isEmpty else { return nil }
    return .array(
      transfers.map { pair in
        var members = pair.members
        members["scratch"] = members["baseline"]
        members["only_scratch"] = members["only_baseline"]
        members["baseline"] = nil
        members["only_baseline"] = nil
        return .object(members.merging(stampMember) { own, _ in own })
      })
  }
}

extension JSON {
  /// Parameters without those that only say what is transferred and how its source was trained.
  fileprivate var withoutTransfer: JSON {
    var members = object ?? [:]
    members["transfer"] = nil
    members["pretrain"] = nil
    return .object(members)
  }
}
