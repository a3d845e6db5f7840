// What each fold of a nested study chose, and how often each candidate was chosen.

import Study

extension Summary {
  /// The choice of a fold with a seed.
  func choice(fold: Int, seed: Int) -> FoldChoice? { input.choices.first { $0.fold == fold && $0.seed == seed } }

  /// How often each candidate was chosen, in the order of the grid.
  var timesChosen: [(name: String, times: Int)] {
    input.candidates.map { candidate in (candidate.name, input.choices.count { $0.configuration == candidate.name }) }
  }

  /// The table of choices: a row a fold, a column a seed.
  private var choiceRows: [[String]] {
    input.folds.enumerated().map { place, fold in
      [fold.name]
        + input.configurations[0].seeds.map { seed in
          choice(fold: place, seed: seed).map { "\($0.configuration) (UF1 \(fixed($0.uf1, 3)))" } ?? "–"
        }
    }
  }

  private var choiceHeads: [String] { ["fold"] + input.configurations[0].seeds.map { "seed \($0)" } }

  private var choicesInWords: String {
    "Each fold takes the candidate with the largest UF1 + UAR on inner folds of its own training subjects; the UF1 "
      + "of the choice there is in brackets. Its held-out subjects have no part in the choice."
  }

  /// The section of report.md; nil where nothing is chosen.
  var choicesMarkdown: [String]? {
    guard !input.candidates.isEmpty else { return nil }
    return [
      "## What each fold chose" + stamp, choicesInWords,
      table(["candidate", "times chosen"], timesChosen.map { [$0.name, String($0.times)] }, numbersFrom: 1),
      table(choiceHeads, choiceRows, numbersFrom: choiceHeads.count),
    ]
  }

  /// The section of the page.
  var choices: [Markup] {
    let counts = PageTable(
      caption: "How often each candidate was chosen", stamps: stamps, heads: ["candidate", "times chosen"],
      rows: timesChosen.map { [name($0.name), .text(String($0.times))] })
    let folds = PageTable(
      caption: "The choice of each fold", stamps: stamps, heads: choiceHeads,
      rows: choiceRows.map { $0.map { .text($0) } }, numbersFrom: choiceHeads.count)
    return [
      tag("p", [:], .text(choicesInWords)), counts.markup,
      tag("details", [:], tag("summary", [:], .text(count(input.folds.count, "fold"))), folds.markup),
    ]
  }
}
