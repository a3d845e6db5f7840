// The sections about folds and subjects, about what is missing, and the paper's table.

import Canonical
import Study

extension Summary {
  /// The picture of the folds and the table of subjects.
  func folds(_ picture: FoldPicture) -> [Markup] {
    [figure(picture), subjectTable]
  }

  private func figure(_ picture: FoldPicture) -> Markup {
    switch picture {
    case .absent(let why): return tag("p", ["class": "alert"], "No picture of the folds: \(why).")
    case .drawn(let svg, let width, let bars, let marks):
      let legend =
        bars.enumerated().map { place, name in
          tag("li", [:], tag("span", ["class": "swatch", "style": "background:var(--c\(place + 1))"]), .text(name))
        }
        + marks.map { mark in tag("li", [:], tag("span", ["class": "sign"], .text(mark.sign)), .text(mark.text)) }
      return tag(
        "figure", ["style": "--chart:\(width)px"],
        tag("figcaption", [:], [.text(figureCaption)] + stamps.map { tag("strong", ["class": "stamp"], .text($0)) }),
        tag("ul", ["class": "legend"], legend),
        tag("div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": figureCaption], .raw(svg)))
    }
  }

  private var figureCaption: String {
    let over = configurations.contains { $0.seeds.count > 1 } ? ", mean over seeds" : ""
    return "Accuracy of each held-out subject in percent\(over); the number of clips stands after the name"
  }

  private var subjectTable: Markup {
    let rows = (configurations.first?.subjects ?? []).indices.map { place -> [Markup] in
      let subject = methods[0].subjects[place].subject
      let clips = methods.compactMap { $0.subjects[place].clips.max() }.max() ?? 0
      return [.text(subject), .text(String(clips))] + methods.map { subjectCell($0.subjects[place], $0) }
    }
    return PageTable(
      caption: "Accuracy of each held-out subject in percent; the shade is the accuracy", stamps: stamps,
      heads: ["subject", "clips"] + methods.map { $0.name + ($0.isIncomplete ? " (incomplete)" : "") }, rows: rows
    ).markup
  }

  private func subjectCell(_ subject: SubjectSummary, _ method: MethodSummary) -> Markup {
    guard let accuracy = subject.accuracy else {
      let isMissing = method.folds.contains { $0.isIncomplete && $0.fold.subjects.contains(subject.subject) }
      return tag("td", ["class": "n missing"], isMissing ? "incomplete" : "–")
    }
    let seeds = subject.clips.count { $0 > 0 }
    let mark: Markup = seeds < subject.clips.count ? incompleteMark : ""
    let spread = spreadMarkup(accuracy, seeds: accuracy.deviation > 0 ? seeds : 1, decimals: 0, scale: 100)
    return heatCell(accuracy.mean, spread, mark)
  }

  /// Every cell without a result, with its reason.
  var failedCells: Markup {
    let ofConfigurations = configurations.flatMap { rows(of: $0.failed, name: $0.name) }
    return PageTable(
      caption: "Folds without a result, and why", heads: ["method", "seed", "fold", "stage", "why"],
      rows: ofConfigurations + rows(of: baselines.first?.failed ?? [], name: "baselines"), numbersFrom: 5
    ).markup
  }

  private func rows(of failed: [FailedCell], name: String) -> [[Markup]] {
    failed.map { cell in
      [
        .text(name), .text(cell.seed.map(String.init) ?? "–"), .text(input.folds[cell.fold].name),
        tag("code", [:], .text(cell.stage.short)), .text(cell.reason),
      ]
    }
  }

  /// One of the paper's tables with our figures in it.
  func paperSection(_ paper: PaperTable) -> [Markup] {
    let shown = PageTable(
      caption: "\(paper.caption), in percent, as printed; ours behind it where a configuration stands there"
        .capitalisedFirst,
      stamps: stamps, heads: paperHeads(paper), rows: paperRows(paper).map { $0.map { .text($0) } }
    )
    return [shown.markup] + paperNotes(paper).map { tag("p", [:], .text($0)) }
  }

  /// Configurations that stand in none of the paper's tables.
  var besidePaperSection: [Markup] {
    let shown = PageTable(
      caption: "Ours", stamps: stamps, heads: ["configuration", "accuracy (%)"],
      rows: besidePaper.map { [.text($0.name), .text($0.accuracy)] })
    return [shown.markup]
  }
}
