// The three figures that get an interval and a test, from bare counts: the numbers of `Metrics`, thousands of times.

/// Accuracy, UF1 and UAR.
public struct HeadlineFigures: Hashable, Sendable {
  /// Right predictions over all.
  public let accuracy: Double
  /// Mean F1 over the labels that occur as truth.
  public let uf1: Double
  /// Mean recall over the labels that occur as truth.
  public let uar: Double

  /// Three figures.
  public init(accuracy: Double, uf1: Double, uar: Double) {
    self.accuracy = accuracy
    self.uf1 = uf1
    self.uar = uar
  }

  /// The figures of a method: the mean over its seeds.
  public init(_ method: PredictedClips) {
    let counts = SubjectCounts(method, matrices: method.seeds)
    self.init(meanOver: counts.matrices, of: counts.total, classes: counts.classes)
  }

  /// The mean over matrices that stand one behind the other: the figures of `Metrics` and the mean of `Spread`, bit for
  /// bit.
  init(meanOver matrices: Int, of cells: [Int], classes: Int) {
    let first = HeadlineFigures(cells, from: 0, classes: classes)
    var (accuracy, uf1, uar) = (0.0, 0.0, 0.0)
    for matrix in 1..<max(1, matrices) {
      let figures = HeadlineFigures(cells, from: matrix * classes * classes, classes: classes)
      accuracy += figures.accuracy - first.accuracy
      uf1 += figures.uf1 - first.uf1
      uar += figures.uar - first.uar
    }
    let count = Double(matrices)
    self.init(
      accuracy: first.accuracy + accuracy / count, uf1: first.uf1 + uf1 / count, uar: first.uar + uar / count)
  }

  private init(_ cells: [Int], from start: Int, classes: Int) {
    var (total, correct, occurring) = (0, 0, 0)
    var (f1, recall) = (0.0, 0.0)
    for label in 0..<classes {
      let row = start + label * classes
      var (support, predictions) = (0, 0)
      for other in 0..<classes {
        support += cells[row + other]
        predictions += cells[start + other * classes + label]
      }
      let hits = cells[row + label]
      total += support
      correct += hits
      guard support > 0 else { continue }
      occurring += 1
      f1 += Double(2 * hits) / Double(support + predictions)
      recall += Double(hits) / Double(support)
    }
    self.init(
      accuracy: total > 0 ? Double(correct) / Double(total) : 0, uf1: occurring > 0 ? f1 / Double(occurring) : 0,
      uar: occurring > 0 ? recall / Double(occurring) : 0)
  }

  /// What the first has more than the second.
  static func - (first: HeadlineFigures, second: HeadlineFigures) -> HeadlineFigures {
    HeadlineFigures(
      accuracy: first.accuracy - second.accuracy, uf1: first.uf1 - second.uf1, uar: first.uar - second.uar)
  }
}
