// What `score` says of predictions, as JSON and as text.

import Canonical
import Study

/// All figures of one method's predictions.
public struct Score: Sendable {
  private let clips: PredictedClips
  private let metrics: Metrics
  private let matrix: ConfusionMatrix
  private let intervals: BootstrapIntervals

  /// The figures of clips with one prediction each.
  /// - Precondition: there is a clip.
  public init(_ clips: PredictedClips) {
    guard let intervals = BootstrapIntervals(clips) else { preconditionFailure("nothing to score") }
    self.clips = clips
    self.intervals = intervals
    matrix = clips.matrices[0]
    metrics = Metrics(matrix)
  }

  /// One object; the form is described in ARCHITECTURE.md.
  public var json: JSON {
    var members: [String: JSON] = [
      "n": .integer(matrix.total), "subjects": .integer(clips.subjects.count),
      "labels": .array(matrix.labels.map(JSON.string)), "accuracy": .number(metrics.accuracy),
      "uf1": .number(metrics.uf1), "uar": .number(metrics.uar), "balanced_accuracy": .number(metrics.balancedAccuracy),
      "kappa": .number(metrics.kappa), "interval": intervals.json,
      "confusion": .array(matrix.counts.map { .array($0.map(JSON.integer)) }),
      "per_class": object(metrics.perClass) { ($0.label, $0.json) },
      "per_subject": object(clips.bySubject) { subject, clips in
        (subject, ["n": .integer(clips.clips.count), "correct": .integer(clips.matrices[0].correct)])
      },
    ]
    let sets = clips.bySet
    if sets.count > 1 { members["per_set"] = object(sets) { ($0.set, $0.clips.setJSON) } }
    return .object(members)
  }

  /// Lines for a person.
  public var lines: [String] {
    let figures = [
      ["", "", "95 % interval"],
      ["accuracy", fixed(metrics.accuracy, 3), written(intervals.accuracy)],
      ["UF1", fixed(metrics.uf1, 3), written(intervals.uf1)],
      ["UAR (balanced accuracy)", fixed(metrics.uar, 3), written(intervals.uar)],
      ["kappa", fixed(metrics.kappa, 3), ""],
    ]
    let classes = metrics.perClass.map { one in
      [one.label, fixed(one.precision, 3), fixed(one.recall, 3), fixed(one.f1, 3), String(one.support)]
    }
    let confusion = matrix.labels.indices.map { [matrix.labels[$0]] + matrix.counts[$0].map(String.init) }
    let subjects = clips.bySubject.map { subject, clips in
      [subject, String(clips.clips.count), String(clips.matrices[0].correct)]
    }
    return ["\(count(matrix.total, "clip")) of \(count(subjects.count, "subject"))", ""] + aligned(figures) + [""]
      + aligned([["class", "precision", "recall", "F1", "clips"]] + classes) + [""]
      + aligned([["true \\ predicted"] + matrix.labels] + confusion) + [""] + setLines
      + aligned([["subject", "clips", "correct"]] + subjects) + ["", note]
  }

  private var setLines: [String] {
    let sets = clips.bySet
    guard sets.count > 1 else { return [] }
    let rows = sets.map { set, clips in
      let figures = HeadlineFigures(clips)
      return [set, String(clips.clips.count)] + [figures.accuracy, figures.uf1, figures.uar].map { fixed($0, 3) }
    }
    return aligned([["set", "clips", "accuracy", "UF1", "UAR"]] + rows) + [""]
  }

  private var note: String {
    clips.subjects.count == 1
      ? "Of one subject no interval can be told: nothing else could have been drawn."
      : "Intervals: \(BootstrapIntervals.resamples) bootstrap resamples of the subjects. UF1 and UAR are means over "
        + "the labels that occur as truth."
  }
}

/// An object with one member for each element.
private func object<Element>(_ elements: [Element], _ member: (Element) -> (String, JSON)) -> JSON {
  .object(Dictionary(elements.map(member)) { first, _ in first })
}

extension PredictedClips {
  fileprivate var setJSON: JSON {
    let figures = HeadlineFigures(self)
    return [
      "n": .integer(clips.count), "accuracy": .number(figures.accuracy), "uf1": .number(figures.uf1),
      "uar": .number(figures.uar),
    ]
  }
}

extension ClassMetrics {
  fileprivate var json: JSON {
    [
      "precision": .number(precision), "recall": .number(recall), "f1": .number(f1), "support": .integer(support),
    ]
  }
}

extension Interval {
  /// Both ends: `[low, high]`.
  var json: JSON { [.number(low), .number(high)] }
}

extension BootstrapIntervals {
  /// The three intervals by the names of their figures.
  var json: JSON { ["accuracy": accuracy.json, "uf1": uf1.json, "uar": uar.json] }
}

/// Rows of cells as lines, the first column to the left and the others to the right.
func aligned(_ rows: [[String]]) -> [String] {
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
  return rows.map { row in
    let cells = row.enumerated().map { place, text in
      let space = String(repeating: " ", count: widths[place] - text.count)
      return place == 0 ? text + space : space + text
    }
    let line = cells.joined(separator: "  ")
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}
