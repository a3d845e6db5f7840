// The paper's table with our accuracies in it, for studies that name the table they stand for.

import Study

extension Summary {
  /// The paper's table that the study names, or nil.
  var paperTable: PaperTable? { input.paperTable.flatMap(PaperTables.table) }

  /// The cells of a paper's table: its figure, and ours where a configuration stands there ("72.7 / ours 71.3 ± 0.8").
  func paperRows(_ paper: PaperTable) -> [[String]] {
    paper.rows.map { row in
      [row.name]
        + zip(paper.columns, row.values).map { column, value in
          let printed = fixed(value, paper.decimals)
          return ours(at: PaperCell(row: row.name, column: column)).map { "\(printed) / ours \($0)" } ?? printed
        }
    }
  }

  /// Our configurations that stand nowhere in the table, with their accuracy in percent.
  var besidePaper: [(name: String, accuracy: String)] {
    zip(input.configurations, configurations).filter { $0.0.paperCell == nil }.map { ($0.1.name, percentage($0.1)) }
  }

  private func ours(at cell: PaperCell) -> String? {
    zip(input.configurations, configurations).first { $0.0.paperCell == cell }.map { percentage($0.1) }
  }

  private func percentage(_ method: MethodSummary) -> String {
    guard method.hasFigures else { return "incomplete" }
    let spread = method.spread(\.accuracy)
    let text = fixed(100 * spread.mean, 1)
    let deviation = method.figures.count > 1 ? " ± \(fixed(100 * spread.deviation, 1))" : ""
    return text + deviation + (method.isIncomplete ? " (incomplete)" : "")
  }

  /// The section of report.md, or nil where the study names no table.
  var paperMarkdown: [String]? {
    guard let paper = paperTable else { return nil }
    var parts = [
      "## The paper's Table \(paper.number)" + stamp, "\(paper.caption), in percent".capitalisedFirst + ".",
      table(["paper"] + paper.columns, paperRows(paper), numbersFrom: 1),
    ]
    if !besidePaper.isEmpty {
      parts.append(table(["ours", "accuracy (%)"], besidePaper.map { [$0.name, $0.accuracy] }, numbersFrom: 1))
    }
    return parts + ([PaperTables.splitNote] + paper.notes).map(escaped)
  }
}

extension String {
  /// The text with its first letter in upper case.
  var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
