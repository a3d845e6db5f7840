// report.md: the results as plain text that renders in a repository or a mail. No time, no host, no path.

import Canonical
import Study

extension Summary {
  /// The whole of report.md.
  var markdown: String {
    var sections = [
      ["# " + escaped(input.studyName)] + headline.map(escaped) + (alert.map { ["**\(escaped($0))**"] } ?? []),
      ["## What was run", list(facts)] + parameterTables,
      ["## Results" + stamp, "Beside each figure, in brackets, its 95 % interval over subjects.", resultTable],
      ["## Is the difference real?" + stamp] + differenceMarkdown,
      ["## Confusion matrices" + stamp] + configurations.flatMap(confusion),
      ["## Classes" + stamp, classTable],
      ["## Folds" + stamp, foldTable],
    ]
    if let choices = choicesMarkdown { sections.append(choices) }
    if let race = raceMarkdown { sections.append(race) }
    if let flow = flowMarkdown { sections.append(flow) }
    sections += paperMarkdown
    sections.append(["## Stages", stagesInWords])
    if !methods.allSatisfy(\.failed.isEmpty) { sections.append(["## Not computed", failedTable]) }
    if !input.notes.isEmpty {
      sections.append(["## Notes", input.notes.map { "- " + escaped($0) }.joined(separator: "\n")])
    }
    sections.append(["## How to read these numbers", list(readingNotes)])
    return sections.flatMap { $0 }.joined(separator: "\n\n") + "\n"
  }

  /// What the study allowed on purpose, as the end of a heading.
  var stamp: String { stamps.isEmpty ? "" : " (\(stamps.joined(separator: "; ")))" }

  /// How many stages were saved by sharing.
  var stagesInWords: String {
    let saved = input.stages.naive - input.stages.plan
    let share = input.stages.naive > 0 ? Double(saved) / Double(input.stages.naive) : 0
    return "The plan has \(count(input.stages.plan, "distinct stage")); a script that shares nothing would run "
      + "\(input.stages.naive). \(saved) (\(percent(share))) are saved by computing each shared stage once."
  }

  func list(_ pairs: [(term: String, text: String)]) -> String {
    pairs.map { "- **\(escaped($0.term))**: \(escaped($0.text))" }.joined(separator: "\n")
  }

  private var parameterTables: [String] {
    let parameters = parameters
    var tables: [String] = []
    if !parameters.differing.isEmpty {
      let rows = grid.enumerated().map { place, configuration in
        [configuration.name, seedsInWords(configuration)] + parameters.differing.map { $0.texts[place] }
      }
      tables.append(table(["configuration", "seeds"] + parameters.differing.map(\.name), rows, numbersFrom: 2))
    } else {
      tables.append(
        table(["configuration", "seeds"], grid.map { [$0.name, seedsInWords($0)] }, numbersFrom: 2))
    }
    if !parameters.shared.isEmpty {
      tables.append(
        table(["parameter of all", "value"], parameters.shared.map { [$0.name, $0.text] }, numbersFrom: 2))
    }
    return tables
  }

  private var resultTable: String {
    let rows = methods.enumerated().map { place, method in
      let mark = mark(place).map { " (\($0))" } ?? ""
      let kind = place < configurations.count ? "configuration" : "baseline"
      return [
        method.name, kind, figure(method, \.accuracy, \.accuracy), figure(method, \.uf1, \.uf1) + mark,
        figure(method, \.uar, \.uar),
      ]
    }
    return table(["method", "kind", "accuracy", "UF1", "UAR"], rows, numbersFrom: 2)
  }

  private func confusion(_ method: MethodSummary) -> [String] {
    let matrix = method.pooled
    let rows = matrix.labels.indices.map { place in
      [matrix.labels[place]] + matrix.counts[place].map(String.init)
    }
    let seeds = method.seeds.count > 1 ? ", counts summed over \(method.seeds.count) seeds" : ""
    let mark = method.isIncomplete ? " (incomplete)" : ""
    return [
      "**\(escaped(method.name))**\(mark): rows true, columns predicted\(seeds)",
      table(["true \\ predicted"] + matrix.labels, rows, numbersFrom: 1),
    ]
  }

  private var classTable: String {
    let rows = configurations.flatMap { method in
      input.labels.indices.map { place in
        [
          method.name, input.labels[place], figure(method, \.perClass[place].precision),
          figure(method, \.perClass[place].recall), figure(method, \.perClass[place].f1),
          String(method.matrices[0].support[place]),
        ]
      }
    }
    return table(["configuration", "class", "precision", "recall", "F1", "clips"], rows, numbersFrom: 2)
  }

  private var foldTable: String {
    let rows = input.folds.enumerated().map { place, fold in
      [fold.name, fold.subjects.joined(separator: " "), String(fold.clips)] + methods.map { correct($0.folds[place]) }
    }
    return table(["fold", "held out", "clips"] + methods.map { "\($0.name) correct" }, rows, numbersFrom: 2)
  }

  /// Right predictions of a fold by seed: "5, 6, incomplete".
  private func correct(_ fold: FoldSummary) -> String {
    fold.correct.map { $0.map(String.init) ?? "incomplete" }.joined(separator: ", ")
  }

  private var failedTable: String {
    let rows = methods.flatMap { method in
      method.failed.map { cell in
        [method.name, cell.seed.map(String.init) ?? "–", input.folds[cell.fold].name, cell.stage.short, cell.reason]
      }
    }
    return table(["method", "seed", "fold", "stage", "why"], rows, numbersFrom: 5)
  }

  private func seedsInWords(_ configuration: ConfigurationFacts) -> String {
    configuration.seeds.map(String.init).joined(separator: ", ")
  }
}

// MARK: - Tables

/// A Markdown table; columns from `numbersFrom` on are aligned to the right.
func table(_ heads: [String], _ rows: [[String]], numbersFrom: Int) -> String {
  let rule = heads.indices.map { $0 < numbersFrom ? "---" : "---:" }
  let lines = [heads.map(escaped)] + [rule] + rows.map { $0.map(escaped) }
  return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
}

/// Text that Markdown shows as it is: signs with a meaning are escaped, line ends become spaces.
func escaped(_ text: String) -> String {
  var result = ""
  let signs = Array(text.unicodeScalars)
  for (place, sign) in signs.enumerated() {
    switch sign {
    case "_" where place > 0 && place + 1 < signs.count && isWord(signs[place - 1]) && isWord(signs[place + 1]):
      result += "_"
    case "|", "*", "_", "`", "[", "]", "\\": result += "\\" + String(sign)
    case "<": result += "&lt;"
    case "&": result += "&amp;"
    case "\n", "\r", "\t": result += " "
    default: result.unicodeScalars.append(sign)
    }
  }
  return result
}

private func isWord(_ sign: Unicode.Scalar) -> Bool {
  sign.properties.isAlphabetic || sign.properties.numericType != nil
}
