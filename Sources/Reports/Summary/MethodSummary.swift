// One line of the headline table and all that hangs on it: a configuration over its seeds, or a baseline.

import Study

/// A configuration or a baseline, counted.
struct MethodSummary {
  /// Its name.
  let name: String
  /// Its seeds, in the order of `matrices`; one for a baseline.
  let seeds: [Int]
  /// One matrix per seed, pooled over folds.
  let matrices: [ConfusionMatrix]
  /// One entry per fold of the plan.
  let folds: [FoldSummary]
  /// One entry per held-out subject, in the order of their names.
  let subjects: [SubjectSummary]
  /// What has no result, in canonical order.
  let failed: [FailedCell]
  /// Its clips over all seeds; nil where a fold is missing.
  let clips: PredictedClips?
  /// The 95 % intervals of its figures; nil where a fold is missing, or where there is no clip.
  let intervals: BootstrapIntervals?

  /// Whether a fold is missing in any seed, so that every figure below misses it.
  var isIncomplete: Bool { folds.contains(where: \.isIncomplete) }

  /// The figures of every seed that has any clip.
  var figures: [Metrics] { matrices.filter { $0.total > 0 }.map(Metrics.init) }

  /// Whether there is any figure at all.
  var hasFigures: Bool { matrices.contains { $0.total > 0 } }

  /// One figure over the seeds.
  func spread(_ figure: (Metrics) -> Double) -> Spread { Spread(figures.map(figure)) }

  /// The matrices of all seeds, added up.
  var pooled: ConfusionMatrix {
    matrices.dropFirst().reduce(matrices[0]) { $0 + $1 }
  }
}

/// One fold of one method.
struct FoldSummary {
  /// The fold.
  let fold: FoldFacts
  /// Right predictions by seed; nil where the fold has no result.
  let correct: [Int?]

  /// Whether a seed has no result.
  var isIncomplete: Bool { correct.contains { $0 == nil } }

  /// The share of right predictions over the seeds that have a result; nil where none has.
  var accuracy: Double? {
    let known = correct.compactMap { $0 }
    guard !known.isEmpty, fold.clips > 0 else { return nil }
    return Double(known.reduce(0, +)) / Double(known.count * fold.clips)
  }
}

/// One subject of one method, over all seeds.
struct SubjectSummary {
  /// The subject.
  let subject: String
  /// Predicted clips, by seed.
  var clips: [Int]
  /// Right predictions, by seed.
  var correct: [Int]

  /// The share of right predictions in one seed, over the seeds that have any clip.
  var accuracy: Spread? {
    let shares = zip(correct, clips).filter { $0.1 > 0 }.map { Double($0.0) / Double($0.1) }
    return shares.isEmpty ? nil : Spread(shares)
  }
}
