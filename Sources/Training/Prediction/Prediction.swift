// What a checkpoint says of one clip, and the mean of what several networks and a ridge say of it.

import ChebNet
import Kernels

/// What is said of a clip.
public struct Prediction: Sendable, Equatable {
  /// Mean log-probability of each label over the clip's rows and their mirrors, as a fit's result has it; of an average
  /// the mean over its networks, then of that and the ridge's.
  public let scores: [Double]
  /// The scores as probabilities: their exponentials, divided by their sum.
  public let probabilities: [Float]
  /// The place of the largest score; the first on ties.
  public let predicted: Int

  /// One network's, or one ridge's; a score has the digits that a result writes.
  init(scores: [Float]) {
    self.init(scores.map { Double("\($0)") ?? Double($0) }, asFloats: scores)
  }

  /// The average of networks, and then of them and a ridge. The sums are those of a report (`Averaging` of the other
  /// plane), in the same order on the same digits.
  /// - Precondition: a network or a ridge, and equally many scores.
  init(average networks: [Prediction], ridge: Prediction?) {
    var scores = ridge?.scores ?? []
    if !networks.isEmpty {
      scores = Self.mean(networks.map(\.scores))
      if let ridge { scores = Self.mean([scores, ridge.scores]) }
    }
    self.init(scores, asFloats: scores.map { Float($0) })
  }

  private init(_ scores: [Double], asFloats floats: [Float]) {
    self.scores = scores
    var logarithms = floats
    logSoftmax(floats, classes: floats.count, into: &logarithms)
    probabilities = logarithms.map { exponential($0) }
    predicted = scores.indices.reduce(0) { best, label in scores[label] > scores[best] ? label : best }
  }

  private static func mean(_ lists: [[Double]]) -> [Double] {
    lists[0].indices.map { label in lists.reduce(0) { $0 + $1[label] } / Double(lists.count) }
  }
}
