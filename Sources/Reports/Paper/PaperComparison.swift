// The paper's tables with our figures in them, for studies that name the tables they stand for.

import Canonical
import Study

extension Summary {
  /// The paper's tables that the study names.
  var paperTables: [PaperTable] { input.paper.tables.compactMap(PaperTables.table) }

  /// The heads of a paper's table: the columns of the study's set.
  func paperHeads(_ paper: PaperTable) -> [String] {
    ["paper"] + paper.columns(of: input.paper.set).map { paper.columns[$0] }
  }

  /// The cells: the paper's figure, and ours where a configuration stands there, each with its interval
  /// ("72.7 [58–84] / ours 71.3 ± 0.8 [60–80]").
  func paperRows(_ paper: PaperTable) -> [[String]] {
    let places = paper.columns(of: input.paper.set)
    return paper.rows.map { row in
      [row.name]
        + places.map { place in
          let column = paper.columns[place]
          let interval = paper.interval(row.values[place], row: row.name, column: column)
          let printed = fixed(row.values[place], paper.decimals) + bracketed(interval)
          return ours(paper, row.name, column).map { "\(printed) / ours \($0.text)" } ?? printed
        }
    }
  }

  /// Our configurations that stand in none of the study's tables, with their accuracy in percent.
  var besidePaper: [(name: String, accuracy: String)] {
    zip(input.configurations, configurations).filter { $0.0.paperCells.isEmpty }.map { ($0.1.name, testing($0.1).text) }
  }

  /// Sentences below a table.
  func paperNotes(_ paper: PaperTable) -> [String] {
    paper.noise(of: input.paper.set) + [PaperTables.splitNote] + paper.notes
  }

  /// Sections of report.md; none where the study names no table.
  var paperMarkdown: [[String]] {
    let sections = paperTables.map { paper in
      [
        "## The paper's Table \(paper.number)" + stamp, "\(paper.caption), in percent".capitalisedFirst + ".",
        table(paperHeads(paper), paperRows(paper), numbersFrom: 1),
      ] + paperNotes(paper).map(escaped)
    }
    guard !sections.isEmpty, !besidePaper.isEmpty else { return sections }
    let beside = table(["ours", "accuracy (%)"], besidePaper.map { [$0.name, $0.accuracy] }, numbersFrom: 1)
    return sections + [["## In none of the paper's tables" + stamp, beside]]
  }
}

// MARK: - Our figures

extension Summary {
  /// One of our figures in a cell.
  private struct Ours {
    let configuration: String
    let text: String
    let value: Double?
    let interval: ClosedRange<Double>?
  }

  private func ours(_ paper: PaperTable, _ row: String, _ column: String) -> Ours? {
    for (facts, method) in zip(input.configurations, configurations) {
      let cell = facts.paperCells.first { ($0.table, $0.row, $0.column) == (paper.number, row, column) }
      switch cell?.rate {
      case nil: continue
      case .testing?: return testing(method)
      case .pretraining?: return rate(facts.rates.pretraining, method)
      case .fitting?: return rate(facts.rates.fitting, method)
      }
    }
    return nil
  }

  private func rate(_ value: Double?, _ method: MethodSummary) -> Ours {
    let text = value.map { fixed(100 * $0, 1) + (method.isIncomplete ? " (incomplete)" : "") } ?? "incomplete"
    return Ours(configuration: method.name, text: text, value: value, interval: nil)
  }

  private func testing(_ method: MethodSummary) -> Ours {
    guard method.hasFigures else {
      return Ours(configuration: method.name, text: "incomplete", value: nil, interval: nil)
    }
    let spread = method.spread(\.accuracy)
    let deviation = method.figures.count > 1 ? " ± \(fixed(100 * spread.deviation, 1))" : ""
    let interval = method.isIncomplete ? nil : method.accuracyInterval
    let text = fixed(100 * spread.mean, 1) + deviation + bracketed(interval)
    return Ours(
      configuration: method.name, text: text + (method.isIncomplete ? " (incomplete)" : ""), value: spread.mean,
      interval: interval)
  }

  /// An interval in whole percent behind its figure; nothing where there is none.
  private func bracketed(_ interval: ClosedRange<Double>?) -> String {
    interval.map { " [\(fixed(100 * $0.lowerBound, 0))–\(fixed(100 * $0.upperBound, 0))]" } ?? ""
  }

  /// The member of report.json: cells with both figures, as shares of one; nil where the study names no table.
  var paperJSON: JSON? {
    guard !paperTables.isEmpty else { return nil }
    return .array(
      paperTables.map { paper in
        let cells = paper.rows.flatMap { row in
          paper.columns(of: input.paper.set).compactMap { cell(paper, row.name, column: $0, row.values[$0]) }
        }
        let members: [String: JSON] = [
          "table": .string(paper.number), "cells": .array(cells),
          "noise": .array(paper.noise(of: input.paper.set).map(JSON.string)),
        ]
        return .object(members.merging(stampMember) { own, _ in own })
      })
  }

  private func cell(_ paper: PaperTable, _ row: String, column: Int, _ value: Double) -> JSON? {
    let name = paper.columns[column]
    guard let ours = ours(paper, row, name) else { return nil }
    return [
      "row": .string(row), "column": .string(name), "configuration": .string(ours.configuration),
      "paper": .number(value / 100), "paper_interval": json(paper.interval(value, row: row, column: name)),
      "ours": ours.value.map(JSON.number) ?? .null, "interval": json(ours.interval),
    ]
  }

  private func json(_ interval: ClosedRange<Double>?) -> JSON {
    interval.map { [.number($0.lowerBound), .number($0.upperBound)] } ?? .null
  }
}

extension MethodSummary {
  /// The 95 % interval of the accuracy.
  fileprivate var accuracyInterval: ClosedRange<Double>? {
    intervals.map { $0.accuracy.low...$0.accuracy.high }
  }
}

extension String {
  /// The text with its first letter in upper case.
  var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
