// The sections that hold figures: what was run, the headline table, the confusion matrices, the classes.

import Study

extension Summary {
  /// What was run: the study, the protocol, the sets, every parameter.
  var whatWasRun: [Markup] {
    let parameters = parameters
    let rows = grid.enumerated().map { place, configuration -> [Markup] in
      let seeds = configuration.seeds.map(String.init).joined(separator: ", ")
      return [name(configuration.name), .text(seeds)] + parameters.differing.map { .text($0.texts[place]) }
    }
    var parts = [definitions(facts, "facts")]
    parts += input.notes.map { tag("p", [:], tag("b", [:], "Note: "), .text($0)) }
    let differing = parameters.differing.isEmpty ? "" : ", and the parameters in which they differ"
    parts.append(
      PageTable(
        caption: (input.candidates.isEmpty ? "Configurations" : "Candidates") + differing,
        heads: ["configuration", "seeds"] + parameters.differing.map(\.name),
        rows: rows
      ).markup)
    if !parameters.shared.isEmpty {
      parts.append(
        tag("h3", [:], .text(parameters.differing.isEmpty ? "Parameters" : "Parameters of all configurations")))
      parts.append(definitions(parameters.shared.map { ($0.name, $0.text) }, "parameters"))
    }
    return parts
  }

  /// The headline table: every configuration beside every baseline.
  var results: [Markup] {
    let rows = methods.enumerated().map { place, method -> [Markup] in
      let mark = mark(place).map { [tag("span", ["class": "mark"], .text($0))] } ?? []
      let title = [name(method.name)] + mark
      let clips = method.matrices.map(\.total).max() ?? 0
      return [
        .group(title), figureCell(method, \.accuracy, method.intervals?.accuracy),
        figureCell(method, \.uf1, method.intervals?.uf1), figureCell(method, \.uar, method.intervals?.uar),
        figureCell(method, \.kappa), .text(String(clips)),
      ]
    }
    let over = configurations.contains { $0.seeds.count > 1 } ? ", mean ± deviation over seeds" : ""
    let table = PageTable(
      caption: "Pooled over folds\(over); below it the 95 % interval", stamps: stamps,
      heads: ["method", "accuracy", "UF1", "UAR", "kappa", "clips"], rows: rows,
      groups: [(0, "Configurations"), (configurations.count, "Baselines on the same folds")]
    )
    return [tag("div", ["class": "results"], table.markup)]
  }

  private func figureCell(
    _ method: MethodSummary, _ value: (Metrics) -> Double, _ interval: Interval? = nil
  ) -> Markup {
    var content = [method.hasFigures ? spreadMarkup(method.spread(value), seeds: method.figures.count) : "–"]
    if let interval { content.append(tag("span", ["class": "interval"], .text(written(interval)))) }
    if method.isIncomplete { content.append(incompleteMark) }
    return .group(content)
  }

  /// The methods shown in full: a few configurations, or the highest of many, and the strongest baseline.
  var detailed: (shown: [MethodSummary], folded: [MethodSummary]) {
    let simple = Self.highest(baselines).map { [$0] } ?? []
    guard configurations.count > 4 else { return (configurations + simple, []) }
    let best = Self.highest(configurations)?.name ?? configurations[0].name
    return (configurations.filter { $0.name == best } + simple, configurations.filter { $0.name != best })
  }

  /// Confusion matrices as heat maps.
  var confusionMatrices: [Markup] {
    let detailed = detailed
    var parts = [
      tag("p", [:], "Rows are true labels, columns predicted ones. The shade is the share of the row."),
      tag("div", ["class": pairClass], detailed.shown.map(confusionTable)),
    ]
    if !detailed.folded.isEmpty {
      parts.append(
        tag(
          "details", [:], tag("summary", [:], .text(count(detailed.folded.count, "more configuration"))),
          tag("div", ["class": pairClass], detailed.folded.map(confusionTable))))
    }
    return parts
  }

  /// Matrices of many labels stand below each other: beside each other they would be cut.
  private var pairClass: String { input.labels.count > 4 ? "pair wide" : "pair" }

  private func confusionTable(_ method: MethodSummary) -> Markup {
    let matrix = method.pooled
    let support = matrix.support
    let rows = matrix.labels.indices.map { truth -> [Markup] in
      [.text(matrix.labels[truth])]
        + matrix.counts[truth].enumerated().map { predicted, clips in
          let share = support[truth] > 0 ? Double(clips) / Double(support[truth]) : 0
          let percentage = support[truth] > 0 ? percent(share) : "–"
          return heatCell(
            share, tag("b", [:], .text(String(clips))), tag("small", [:], .text(percentage)), isMain: predicted == truth
          )
        }
    }
    let seeds = method.seeds.count > 1 ? ", counts of \(method.seeds.count) seeds added up" : ""
    let missing = method.isIncomplete ? " (incomplete)" : ""
    let table = PageTable(
      caption: "\(method.name)\(missing)\(seeds)", stamps: stamps, heads: ["true \\ predicted"] + matrix.labels,
      rows: rows)
    return tag("div", ["class": "confusion"], table.markup)
  }

  /// Precision, recall and F1 of every class.
  var classes: [Markup] {
    let detailed = detailed
    let shown = classTable(detailed.shown)
    guard !detailed.folded.isEmpty else { return [shown] }
    let summary = tag("summary", [:], .text(count(detailed.folded.count, "more configuration")))
    return [shown, tag("details", [:], summary, classTable(detailed.folded))]
  }

  private func classTable(_ methods: [MethodSummary]) -> Markup {
    let rows = methods.flatMap { method in
      input.labels.enumerated().map { place, label -> [Markup] in
        func cell(_ value: (Metrics) -> Double) -> Markup {
          let spread = method.spread(value)
          return barCell(method.hasFigures ? spreadMarkup(spread, seeds: method.figures.count) : "–", spread.mean)
        }
        return [
          .text(label), cell(\.perClass[place].precision), cell(\.perClass[place].recall),
          cell(\.perClass[place].f1), .text(String(method.matrices.map { $0.support[place] }.max() ?? 0)),
        ]
      }
    }
    return PageTable(
      caption: "Each class by itself", stamps: stamps, heads: ["class", "precision", "recall", "F1", "clips"],
      rows: rows,
      groups: methods.enumerated().map { place, method in
        (place * input.labels.count, .group([.text(method.name)] + (method.isIncomplete ? [incompleteMark] : [])))
      }
    ).markup
  }
}
