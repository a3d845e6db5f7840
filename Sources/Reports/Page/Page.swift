// report.html: one file that opens anywhere, without a network and without a script.
//
// Order: what came out, what was run, the figures, the pictures, how it was computed, how to read it.

import Study

extension Summary {
  /// The whole of report.html; `chart` is the picture of the folds, or why there is none.
  func page(chart: FoldPicture) -> String {
    var sections: [(name: String, title: String, content: [Markup])] = [
      ("run", "What was run", whatWasRun),
      ("results", "Results", results),
      ("difference", "Is the difference real?", differenceSection),
      ("confusion", "Confusion matrices", confusionMatrices),
      ("classes", "Classes", classes),
      ("folds", "Folds", folds(chart)),
    ]
    if !input.choices.isEmpty { sections.append(("choices", "What each fold chose", choices)) }
    if input.race != nil { sections.append(("race", "The race", raceSection)) }
    if !input.flow.isEmpty { sections.append(("flow", "Mean and variance of the flow", flowSection)) }
    for paper in paperTables {
      sections.append(("paper-\(paper.number)", "The paper's Table \(paper.number)", paperSection(paper)))
    }
    if !paperTables.isEmpty, !besidePaper.isEmpty {
      sections.append(("beside", "In none of the paper's tables", besidePaperSection))
    }
    if !methods.allSatisfy(\.failed.isEmpty) { sections.append(("failed", "Not computed", [failedCells])) }
    sections.append(("computing", "How it was computed", computing))
    sections.append(("reading", "How to read these numbers", [definitions(readingNotes, "reading")]))
    let links = sections.map { tag("a", ["href": "#\($0.name)"], .text($0.title)) }
    let body = tag(
      "body", [:],
      [header, tag("nav", ["aria-label": "Sections"], links), tag("main", [:], sections.map(section)), footer])
    let head = tag(
      "head", [:], tag("meta", ["charset": "utf-8"]),
      tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
      tag("title", [:], "\(input.studyName) – Microfold report"), tag("style", [:], .raw("\n" + styleSheet + "\n")))
    return "<!DOCTYPE html>\n" + tag("html", ["lang": "en"], head, body).html
  }

  private var header: Markup {
    var badges: [Markup] = ["Microfold report"]
    if isIncomplete { badges.append(tag("strong", ["class": "stamp"], "incomplete")) }
    badges += stamps.map { tag("strong", ["class": "stamp"], .text($0)) }
    var parts = [
      tag("p", ["class": "kicker"], badges), tag("h1", [:], .text(input.studyName)),
      tag("p", ["class": "lead"], .text(headline.joined(separator: " "))),
    ]
    if let alert { parts.append(tag("p", ["class": "alert"], .text(alert))) }
    for alarm in input.run.alarms { parts.append(tag("p", ["class": "alert"], "Alarm: \(alarm)")) }
    parts.append(definitions(tiles, "tiles"))
    return tag("header", [:], parts)
  }

  private var tiles: [(term: String, text: String)] {
    var tiles: [(term: String, text: String)] = []
    if let best = Self.highest(configurations) {
      let selected = configurations.count > 1 ? " (selected on test)" : ""
      tiles.append(("UF1, \(best.name)\(selected)", written(best.spread(\.uf1), seeds: best.figures.count)))
      tiles.append(("UAR, \(best.name)\(selected)", written(best.spread(\.uar), seeds: best.figures.count)))
    }
    if let simple = Self.highest(baselines) {
      tiles.append(("UF1, strongest baseline: \(simple.name)", written(simple.spread(\.uf1), seeds: 1)))
    }
    tiles.append(("stages in the plan; \(input.stages.naive) without sharing", String(input.stages.plan)))
    return tiles
  }

  private var footer: Markup {
    tag(
      "footer", [:], "Written by Microfold \(input.run.version), numeric class \(input.run.numericClass). ",
      "The same figures for programs: report.json, folds.csv, predictions.csv.")
  }
}
