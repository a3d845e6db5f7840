// λ of a ridge, and the factor that makes log-probabilities of its scores, both chosen by inner folds of the training
// clips alone.
//
// λ: the largest UF1 + UAR over the clips of all inner groups pooled, the first on ties. The factor c: the largest mean
// log-likelihood of the same predictions by softmax(c · score), clips weighted as the ridge weighs them.

import Canonical
import ChebNet

/// The training clips as a ridge knows them. Those of a table come first in it, so held-out clips have no class here.
package struct RidgeClips {
  /// The class of each clip.
  package let classes: [Int]
  /// The subject of each clip.
  package let subjects: [String]

  /// Clips by class and subject.
  package init(classes: [Int], subjects: [String]) {
    self.classes = classes
    self.subjects = subjects
  }
}

/// What inner folds chose.
package struct RidgeChoice: Equatable {
  /// λ.
  package let lambda: Double
  /// c.
  package let factor: Double
  /// UF1 + UAR of the inner predictions; 0 where there was one subject and nothing to choose by.
  package let figure: Double

  /// The candidates.
  package static let lambdas = [0.01, 0.03, 0.1, 0.3, 1, 3]
  /// The candidates of c.
  package static let factors = [1.0, 2, 4, 8, 16]
  /// Without inner folds: one training subject.
  package static let unchosen = RidgeChoice(lambda: 1, factor: 4, figure: 0)

  init(lambda: Double, factor: Double, figure: Double) {
    self.lambda = lambda
    self.factor = factor
    self.figure = figure
  }

  /// Chooses for training clips.
  /// - Parameter check: called before each inner group, to end early.
  package init(
    _ table: RidgeTable, clips: RidgeClips, balanced: Bool, check: () throws(StageError) -> Void
  ) throws(StageError) {
    let groups = InnerGroups.groups(subjects: clips.subjects)
    guard groups.count > 1 else {
      self = Self.unchosen
      return
    }
    var scores = Self.lambdas.map { _ in ClipScores(clips: clips.classes.count, labels: table.labels) }
    let rows = table.clipOfRow.indices.filter { clips.classes.indices.contains(table.clipOfRow[$0]) }
    for group in 0..<groups.count {
      try check()
      let inner = rows.filter { groups.ofClip[table.clipOfRow[$0]] != group }
      let others = rows.filter { groups.ofClip[table.clipOfRow[$0]] == group }
      let problem = RidgeProblem(
        table, rows: inner, classes: inner.map { clips.classes[table.clipOfRow[$0]] }, balanced: balanced)
      let products = problem.products(with: others)
      for (place, lambda) in Self.lambdas.enumerated() {
        let found = problem.scores(try problem.solve(lambda: lambda), products: products)
        scores[place].add(found, clips: others.map { table.clipOfRow[$0] })
      }
    }
    let figures = scores.map {
      InnerGroups.figure(predicted: $0.predicted, classes: clips.classes, labels: table.labels)
    }
    let best = Self.first(figures)
    let weights = RidgeProblem.weights(clips.classes, labels: table.labels, balanced: balanced)
    let likelihoods = Self.factors.map {
      Self.likelihood(scores[best].means, factor: $0, classes: clips.classes, weights: weights)
    }
    self.init(lambda: Self.lambdas[best], factor: Self.factors[Self.first(likelihoods)], figure: figures[best])
  }

  /// The place of the largest; the first on ties.
  private static func first(_ figures: [Double]) -> Int {
    var best = 0
    for place in figures.indices where figures[place] > figures[best] { best = place }
    return best
  }

  private static func likelihood(
    _ scores: [[Double]], factor: Double, classes: [Int], weights: [Double]
  ) -> Double {
    var sum = 0.0
    for clip in scores.indices {
      sum += weights[clip] * Double(logProbabilities(scores[clip], factor: factor)[classes[clip]])
    }
    return sum
  }

  /// log softmax(c · scores).
  static func logProbabilities(_ scores: [Double], factor: Double) -> [Float] {
    var logarithms = scores.map { Float(factor * $0) }
    logarithms.withUnsafeMutableBufferPointer {
      if let base = $0.baseAddress { logSoftmax(base, classes: scores.count, into: base) }
    }
    return logarithms
  }

  /// The choice as a result says it.
  var json: JSON {
    ["lambda": .number(lambda), "factor": .number(factor), "inner_uf1_plus_uar": .number(figure)]
  }
}

/// Scores of clips: the mean over their rows.
struct ClipScores {
  private var sums: [[Double]]
  private var counts: [Int]

  init(clips: Int, labels: Int) {
    sums = [[Double]](repeating: [Double](repeating: 0, count: labels), count: clips)
    counts = [Int](repeating: 0, count: clips)
  }

  /// Adds scores [rows, labels] of rows of these clips.
  mutating func add(_ scores: [Double], clips: [Int]) {
    for (row, clip) in clips.enumerated() {
      for label in sums[clip].indices { sums[clip][label] += scores[row * sums[clip].count + label] }
      counts[clip] += 1
    }
  }

  /// The mean score of each label, for each clip.
  var means: [[Double]] {
    zip(sums, counts).map { sum, count in sum.map { $0 / Double(max(count, 1)) } }
  }

  /// The class of the largest score; the first on ties.
  var predicted: [Int] {
    means.map { scores in scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 } }
  }
}
