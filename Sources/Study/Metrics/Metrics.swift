// The figures of the field, from counts: accuracy, UF1, UAR, Cohen's kappa, and each class by itself.
//
// Predictions of all folds are pooled first; the mean of per-fold figures is another, lower and noisier number.
// No figure is ever NaN: what has a zero denominator is 0, and the documentation of each says so.

/// Precision, recall and F1 of one class.
public struct ClassMetrics: Hashable, Sendable {
  /// The class.
  public let label: String
  /// Right predictions of the class over all predictions of it; 0 where it was never predicted.
  public let precision: Double
  /// Right predictions of the class over all clips of it; 0 where there is none.
  public let recall: Double
  /// 2 TP / (2 TP + FP + FN); 0 where the class neither occurs nor was predicted.
  public let f1: Double
  /// How many clips of the class there are.
  public let support: Int
}

/// The figures of one confusion matrix.
public struct Metrics: Hashable, Sendable {
  /// Right predictions over all; 0 where there is no clip.
  public let accuracy: Double
  /// Mean F1 over the labels that occur as truth (unweighted F1); 0 where there is no clip.
  public let uf1: Double
  /// Mean recall over the labels that occur as truth (unweighted average recall); 0 where there is no clip.
  public let uar: Double
  /// Cohen's kappa: agreement beyond chance; 0 where chance agreement is 1 (one label only), where it is undefined.
  public let kappa: Double
  /// Balanced accuracy: the same figure as UAR, under the name of other fields.
  public var balancedAccuracy: Double { uar }
  /// Every label of the matrix with its figures, in the matrix's order.
  public let perClass: [ClassMetrics]

  /// The figures of a matrix.
  public init(_ matrix: ConfusionMatrix) {
    let support = matrix.support
    let predictions = matrix.predictions
    let classes = matrix.labels.enumerated().map { place, label in
      ClassMetrics(
        label: label, hits: matrix.counts[place][place], support: support[place], predictions: predictions[place])
    }
    let occurring = classes.filter { $0.support > 0 }
    accuracy = Self.ratio(matrix.correct, matrix.total)
    uf1 = occurring.isEmpty ? 0 : occurring.reduce(0) { $0 + $1.f1 } / Double(occurring.count)
    uar = occurring.isEmpty ? 0 : occurring.reduce(0) { $0 + $1.recall } / Double(occurring.count)
    kappa = Self.kappa(correct: matrix.correct, support: support, predictions: predictions)
    perClass = classes
  }

  /// (p_o − p_e) / (1 − p_e), multiplied by n² so that all but the last step is exact.
  private static func kappa(correct: Int, support: [Int], predictions: [Int]) -> Double {
    let total = support.reduce(0, +)
    let chance = zip(support, predictions).reduce(0) { $0 + $1.0 * $1.1 }
    return ratio(total * correct - chance, total * total - chance)
  }

  fileprivate static func ratio(_ part: Int, _ whole: Int) -> Double {
    whole == 0 ? 0 : Double(part) / Double(whole)
  }
}

extension ClassMetrics {
  fileprivate init(label: String, hits: Int, support: Int, predictions: Int) {
    self.label = label
    precision = Metrics.ratio(hits, predictions)
    recall = Metrics.ratio(hits, support)
    f1 = Metrics.ratio(2 * hits, support + predictions)
    self.support = support
  }
}

/// A figure over several seeds.
public struct Spread: Hashable, Sendable {
  /// The mean; 0 of nothing.
  public let mean: Double
  /// The sample deviation (n − 1); 0 of fewer than two values.
  public let deviation: Double

  /// The mean and the sample deviation of values, summed in the order given.
  public init(_ values: [Double]) {
    guard let first = values.first else {
      (mean, deviation) = (0, 0)
      return
    }
    // Around the first value, so that equal values give exactly themselves and a deviation of exactly zero.
    let count = Double(values.count)
    let centre = first + values.reduce(0) { $0 + ($1 - first) } / count
    let squares = values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    mean = centre
    deviation = values.count < 2 ? 0 : (squares / (count - 1)).squareRoot()
  }
}
