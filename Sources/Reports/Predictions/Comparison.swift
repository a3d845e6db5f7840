// What `compare` says of two methods on the same clips, as JSON and as text.

import Canonical
import Study

/// Two methods' predictions, compared clip by clip.
public struct Comparison: Sendable {
  private let names: (first: String, second: String)
  private let figures: (first: HeadlineFigures, second: HeadlineFigures)
  private let tests: PairedComparison

  /// Compares two methods, whose names the text shows.
  /// - Precondition: both have the same clips in the same order over the same labels.
  public init(_ first: PredictedClips, named firstName: String, _ second: PredictedClips, named secondName: String) {
    names = (firstName, secondName)
    figures = (HeadlineFigures(first), HeadlineFigures(second))
    tests = PairedComparison(first, second)
  }

  /// One object; the form is described in ARCHITECTURE.md.
  public var json: JSON { .object(tests.members(first: "only_a", second: "only_b")) }

  /// Lines for a person.
  public var lines: [String] {
    func row(_ name: String, _ figure: (HeadlineFigures) -> Double) -> [String] {
      [name] + [figures.first, figures.second, tests.difference].map { fixed(figure($0), 3) }
    }
    let table = [
      ["", "A", "B", "A − B"], row("accuracy", \.accuracy), row("UF1", \.uf1), row("UAR", \.uar),
    ]
    let swaps =
      tests.subjects <= PairedTests.exactSubjects
      ? "every swap of \(count(tests.subjects, "subject")) tried"
      : "\(PairedTests.draws) swaps of \(tests.subjects) subjects drawn"
    let repeats = tests.different < tests.clips ? ", \(tests.different) different; McNemar counts each once" : ""
    return [
      "A  \(names.first)", "B  \(names.second)", count(tests.clips, "clip") + repeats, "",
    ] + aligned(table) + [
      "",
      "McNemar, exact: p \(written(p: tests.mcnemar)); right in A alone \(tests.onlyFirst), in B alone "
        + "\(tests.onlySecond)",
      "permutation over subjects, of UF1: p \(written(p: tests.permutation)); \(swaps)",
    ]
  }
}

extension PairedComparison {
  /// The members that `compare` and report.json share.
  func members(first: String, second: String) -> [String: JSON] {
    var members: [String: JSON] = [
      "n": .integer(clips), "subjects": .integer(subjects),
      "difference": [
        "uf1": .number(difference.uf1), "uar": .number(difference.uar), "accuracy": .number(difference.accuracy),
      ],
      "mcnemar_p": .number(mcnemar), "permutation_p": .number(permutation), first: .integer(onlyFirst),
      second: .integer(onlySecond),
    ]
    if different < clips { members["different_clips"] = .integer(different) }
    return members
  }
}
