// Nested selection: what a fold chooses by the inner folds of its own training subjects.

/// What one fold chose with one seed.
public struct NestedChoice: Sendable, Equatable {
  /// Index into the study's configurations.
  public let configuration: Int
  /// UF1 of every configuration, pooled over the inner folds.
  public let uf1: [Double]
  /// UAR of every configuration, pooled over the inner folds.
  public let uar: [Double]

  /// The configuration with the largest UF1 + UAR on the inner folds' clips, the first on ties.
  ///
  /// - Parameters:
  ///   - candidates: for every configuration its predictions of all inner folds.
  ///   - labels: the labels in their order.
  ///   - isLeft: whether a candidate may be chosen; nil: all may.
  /// - Precondition: at least one candidate may be chosen.
  public init(among candidates: [[ScoredClip]], labels: [String], isLeft: [Bool]? = nil) {
    let eligible = candidates.indices.filter { isLeft?[$0] ?? true }
    precondition(!eligible.isEmpty, "a choice needs something to choose from")
    let metrics = candidates.map { clips in
      var matrix = ConfusionMatrix(labels: labels)
      for clip in clips { matrix.add(truth: clip.label, predicted: clip.predicted) }
      return Metrics(matrix)
    }
    uf1 = metrics.map(\.uf1)
    uar = metrics.map(\.uar)
    let sums = metrics.map { $0.uf1 + $0.uar }
    configuration = eligible.reduce(eligible[0]) { best, place in sums[place] > sums[best] ? place : best }
  }

  /// The choice by the inner cells of one fold and seed, or of everybody and one seed.
  ///
  /// - Parameters:
  ///   - cells: the inner cells, of every configuration.
  ///   - configurations: how many configurations there are, at least one.
  ///   - labels: the labels in their order.
  ///   - isLeft: whether a configuration is left at the end of a race; nil: all are.
  ///   - predictions: what a cell says of the clips that it is tested on.
  public init(
    cells: [Cell], configurations: Int, labels: [String], isLeft: [Bool]? = nil,
    predictions: (Cell) throws -> [ScoredClip]
  ) rethrows {
    var candidates = [[ScoredClip]](repeating: [], count: configurations)
    for cell in cells where isLeft?[cell.configuration] ?? true {
      candidates[cell.configuration] += try predictions(cell)
    }
    self.init(among: candidates, labels: labels, isLeft: isLeft)
  }
}
