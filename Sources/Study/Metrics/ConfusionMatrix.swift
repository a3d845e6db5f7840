// Counts of (true, predicted) label pairs. All figures of a report come from such counts, so their order cannot matter.

/// A confusion matrix: rows are true labels, columns predicted ones, both in the given order.
public struct ConfusionMatrix: Hashable, Sendable {
  /// The labels, in the order of rows and columns.
  public let labels: [String]
  /// labels × labels counts.
  public private(set) var counts: [[Int]]

  /// An empty matrix.
  public init(labels: [String]) {
    self.labels = labels
    counts = Array(repeating: Array(repeating: 0, count: labels.count), count: labels.count)
  }

  /// A matrix of given counts.
  /// - Precondition: one row and one column per label, no count below zero.
  public init(labels: [String], counts: [[Int]]) {
    precondition(counts.count == labels.count, "a confusion matrix has one row per label")
    for row in counts {
      precondition(row.count == labels.count, "a confusion matrix has one column per label")
      precondition(row.allSatisfy { $0 >= 0 }, "a confusion matrix counts, so nothing is below zero")
    }
    self.labels = labels
    self.counts = counts
  }

  /// Counts one clip, both labels given by their places in `labels`.
  public mutating func add(truth: Int, predicted: Int) {
    counts[truth][predicted] += 1
  }

  /// Adds the counts of another matrix over the same labels.
  public static func + (left: ConfusionMatrix, right: ConfusionMatrix) -> ConfusionMatrix {
    precondition(left.labels == right.labels, "matrices over different labels cannot be added")
    let sums = zip(left.counts, right.counts).map { rows in zip(rows.0, rows.1).map(+) }
    return ConfusionMatrix(labels: left.labels, counts: sums)
  }

  /// How many clips were counted.
  public var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }

  /// How many were predicted right.
  public var correct: Int { labels.indices.reduce(0) { $0 + counts[$1][$1] } }

  /// How many clips have each label as truth.
  public var support: [Int] { counts.map { $0.reduce(0, +) } }

  /// How many clips were predicted as each label.
  public var predictions: [Int] {
    labels.indices.map { column in counts.reduce(0) { $0 + $1[column] } }
  }
}
