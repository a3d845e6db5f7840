// The section "Is the difference real?", its sentences and its table, once for the page and the Markdown file.

import Study

extension Summary {
  /// The end of the headline: where a configuration stands beside the strongest baseline, and what the tests say.
  func verdict(_ comparison: BaselineComparison) -> String {
    let gain = comparison.tests.difference.uf1
    let above = "\(comparison.configuration) is \(fixed(abs(gain), 3)) above it"
    let values = "(\(comparison.valuesInWords))"
    switch comparison.verdict {
    case .both: return "\(above), and both paired tests show that difference \(values)."
    case .permutationAlone:
      return "\(above), which the permutation test over subjects shows and McNemar's test does not \(values)."
    case .mcnemarAlone:
      return "\(above), which McNemar's test shows and the permutation test over subjects does not \(values)."
    case .neither: return "\(above), but the paired tests do not show that difference \(values)."
    case .notAbove, .below:
      let below = gain < 0 ? "\(fixed(abs(gain), 3)) below it" : "not above it"
      return "\(comparison.configuration) is \(below), so the network has shown nothing that this simple method does "
        + "not \(values)."
    }
  }

  /// What the tests are, in a few sentences; what is missing, where nothing was compared.
  var differenceParagraphs: [String] {
    guard let first = comparisons.first else {
      return [
        baselines.isEmpty
          ? "There is no baseline, so nothing was compared."
          : "Nothing was compared: that takes a complete configuration and a complete baseline."
      ]
    }
    var paragraphs = [
      "Every complete configuration beside \(first.baseline), the baseline with the highest UF1, on the same "
        + "\(count(first.tests.clips, "clip")). McNemar's exact test looks at the clips that only one of the two has "
        + "right. The permutation test swaps both methods' predictions subject by subject and asks how often UF1 then "
        + "differs as much: \(swapsInWords(first.tests)). A p below \(fixed(BaselineComparison.level, 2)) is taken as "
        + "shown."
    ]
    if first.tests.different < first.tests.clips {
      paragraphs.append(
        "The draws hold out some clips more than once: the \(first.tests.clips) are \(first.tests.different) different "
          + "ones. UF1 and the permutation test count every appearance, McNemar's test a clip's first one alone.")
    }
    if first.compared > 1 {
      paragraphs.append(
        "The smallest of several p is small by luck more often than one alone, so each is corrected for the "
          + "\(first.compared) configurations compared (Holm 1979); the verdict goes by the corrected p.")
    }
    if configurations.contains(where: { $0.seeds.count > 1 }) {
      paragraphs.append(
        "With several seeds the difference is of the means over the seeds: a swapped subject is swapped in all of "
          + "them, and the baseline stands beside each seed. McNemar's test counts the clips of the first seed alone.")
    }
    let missing = configurations.count - comparisons.count
    if missing > 0 {
      paragraphs.append("\(count(missing, "incomplete configuration")) \(missing == 1 ? "is" : "are") not compared.")
    }
    return paragraphs
  }

  private func swapsInWords(_ tests: PairedComparison) -> String {
    tests.subjects <= PairedTests.exactSubjects
      ? "all \(1 << tests.subjects) swaps of \(count(tests.subjects, "subject")) are tried"
      : "\(PairedTests.draws) swaps of \(tests.subjects) subjects are drawn"
  }

  /// Heads and rows of the table.
  var differenceTable: (heads: [String], rows: [[String]]) {
    let isCorrected = comparisons.first.map { $0.compared > 1 } ?? false
    let corrected = isCorrected ? ["McNemar p, corrected", "permutation p, corrected"] : []
    let rows = comparisons.map { comparison -> [String] in
      let tests = comparison.tests
      let values = isCorrected ? [comparison.mcnemar, comparison.permutation] : []
      return [comparison.configuration, signed(tests.difference.uf1), signed(tests.difference.accuracy)]
        + ["\(tests.onlyFirst) : \(tests.onlySecond)", written(p: tests.mcnemar), written(p: tests.permutation)]
        + values.map { written(p: $0) } + [comparison.verdict.inWords]
    }
    return (
      ["configuration", "UF1 more", "accuracy more", "right alone", "McNemar p", "permutation p"] + corrected
        + ["verdict"],
      rows
    )
  }

  /// Heads and rows of the highest configuration beside every baseline; p corrected for the number of baselines, and of
  /// configurations where it was picked among several.
  private var baselinesTable: (caption: String, heads: [String], rows: [[String]])? {
    guard let first = besideBaselines.first, besideBaselines.count > 1 else { return nil }
    let rows = besideBaselines.map { comparison -> [String] in
      let tests = comparison.tests
      return [comparison.baseline, signed(tests.difference.uf1), signed(tests.difference.accuracy)]
        + ["\(tests.onlyFirst) : \(tests.onlySecond)", written(p: comparison.mcnemar)]
        + [written(p: comparison.permutation), comparison.verdict.inWords]
    }
    let correction =
      first.pickedAmong > 1
      ? "picked by these scores, p corrected for \(first.pickedAmong) configurations and "
        + "\(besideBaselines.count) baselines"
      : "p corrected for \(besideBaselines.count) of them"
    return (
      "\(first.configuration) beside every baseline; \(correction)",
      ["baseline", "UF1 more", "accuracy more", "right alone", "McNemar p", "permutation p", "verdict"], rows
    )
  }

  /// The section of report.md.
  var differenceMarkdown: [String] {
    var parts = (transfersInWords + differenceParagraphs).map(escaped)
    if !comparisons.isEmpty { parts.append(table(differenceTable.heads, differenceTable.rows, numbersFrom: 1)) }
    if let words = configurationsInWords { parts.append(escaped(words)) }
    for others in [baselinesTable, configurationsTable].compactMap({ $0 }) {
      parts += [escaped(others.caption) + ":", table(others.heads, others.rows, numbersFrom: 1)]
    }
    return parts
  }

  /// The section of the page.
  var differenceSection: [Markup] {
    var parts = (transfersInWords + differenceParagraphs).map { tag("p", [:], .text($0)) }
    if let first = comparisons.first {
      let caption = "Beside \(first.baseline), configuration less baseline"
      parts.append(pageTable(caption, differenceTable.heads, differenceTable.rows))
    }
    if let words = configurationsInWords { parts.append(tag("p", [:], .text(words))) }
    for others in [baselinesTable, configurationsTable].compactMap({ $0 }) {
      parts.append(pageTable(others.caption, others.heads, others.rows))
    }
    return parts
  }

  private func pageTable(_ caption: String, _ heads: [String], _ rows: [[String]]) -> Markup {
    let cells = rows.map { cells in [name(cells[0])] + cells.dropFirst().map { .text($0) } }
    return PageTable(caption: caption, stamps: stamps, heads: heads, rows: cells).markup
  }
}

extension BaselineComparison {
  /// The p of both tests: those by which the verdict goes.
  var valuesInWords: String {
    let corrected = compared > 1 ? ", corrected for \(compared) configurations" : ""
    return "McNemar p \(written(p: mcnemar)), permutation over subjects p \(written(p: permutation))\(corrected)"
  }
}

extension BaselineComparison.Verdict {
  /// A few words for a table.
  var inWords: String {
    switch self {
    case .both: "above, shown by both"
    case .permutationAlone: "above, shown by permutation alone"
    case .mcnemarAlone: "above, shown by McNemar alone"
    case .neither: "above, not shown"
    case .notAbove: "not above"
    case .below: "below, shown by permutation"
    }
  }
}

/// A difference with its sign: "+0.031", "−0.004", "0.000".
func signed(_ value: Double) -> String {
  let text = fixed(abs(value), 3)
  return text == "0.000" ? text : (value < 0 ? "−" : "+") + text
}
