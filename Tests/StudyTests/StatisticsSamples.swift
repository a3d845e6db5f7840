// Predictions for the tests of the statistics.

import Study

enum StatisticsSamples {
  /// Clips of one seed: `(subject, true label, predicted label)` by places.
  static func clips(_ rows: [(subject: String, truth: Int, predicted: Int)], labels: Int = 2) -> PredictedClips {
    PredictedClips(
      labels: (0..<labels).map { "label\($0)" },
      clips: rows.enumerated().map { place, row in
        PredictedClip(
          fold: row.subject, subject: row.subject, clip: "clip\(place)", truth: row.truth, predicted: [row.predicted])
      })
  }

  /// Random clips of a few subjects with one prediction per seed.
  static func random(_ draw: inout MetricsDraw, subjects: Int, clips: Int, labels: Int, seeds: Int) -> PredictedClips {
    PredictedClips(
      labels: (0..<labels).map { "label\($0)" },
      clips: (0..<clips).map { place in
        let subject = "s\(draw.below(subjects))"
        let truth = draw.below(labels)
        let predicted = (0..<seeds).map { _ in draw.below(3) > 0 ? truth : draw.below(labels) }
        return PredictedClip(fold: subject, subject: subject, clip: "c\(place)", truth: truth, predicted: predicted)
      }, seeds: seeds)
  }

  /// The same clips with other predictions.
  static func changed(_ draw: inout MetricsDraw, _ method: PredictedClips) -> PredictedClips {
    PredictedClips(
      labels: method.labels,
      clips: method.clips.map { clip in
        PredictedClip(
          fold: clip.fold, subject: clip.subject, clip: clip.clip, truth: clip.truth,
          predicted: clip.predicted.map { draw.below(2) > 0 ? $0 : draw.below(method.labels.count) })
      }, seeds: method.seeds)
  }
}
