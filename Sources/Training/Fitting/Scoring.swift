// From rows to clips: a clip's score is the mean of its rows' log-probabilities, and of their mirrors' where rows
// were mirrored in training.

import ChebNet
import Kernels

/// Scores of clips.
struct Scoring {
  let context: StageContext
  let mirror: Bool
  /// Rows of one evaluation.
  static let batch = 32

  /// The mean log-probability of each class, for every clip of the selection that the rows belong to.
  func scores(on source: some BatchRows, clips: Int, classes: Int) throws(StageError) -> [[Float]] {
    var sums = [[Double]](repeating: [Double](repeating: 0, count: classes), count: clips)
    var counts = [Int](repeating: 0, count: clips)
    var scores = [Float](repeating: 0, count: Self.batch * classes)
    for mirrored in mirror ? [false, true] : [false] {
      for start in stride(from: 0, to: source.clipOfRow.count, by: Self.batch) {
        try context.checkCancelled()
        let numbers = start..<min(start + Self.batch, source.clipOfRow.count)
        for row in numbers { source.put(row: row, view: RowView(mirrored: mirrored), at: row - start) }
        Self.score(source, count: numbers.count, classes: classes, into: &scores)
        guard scores[..<(numbers.count * classes)].allSatisfy(\.isFinite) else {
          throw .numeric("a trained network answers numbers that are not finite; try a smaller optimiser.rate")
        }
        for row in numbers {
          let clip = source.clipOfRow[row]
          for label in 0..<classes { sums[clip][label] += Double(scores[(row - start) * classes + label]) }
          counts[clip] += 1
        }
      }
    }
    return zip(sums, counts).map { sum, count in sum.map { Float($0 / Double(max(count, 1))) } }
  }

  /// Log-probabilities of the first rows of a batch.
  private static func score(
    _ source: some BatchRows, count: Int, classes: Int, into scores: UnsafeMutablePointer<Float>
  ) {
    source.logits(count: count, into: scores)
    for row in 0..<count { logSoftmax(scores + row * classes, classes: classes, into: scores + row * classes) }
  }

  /// The class of the largest score; the first on ties.
  static func predicted(_ scores: [Float]) -> Int {
    var best = 0
    for label in scores.indices where scores[label] > scores[best] { best = label }
    return best
  }

  /// The fraction of clips whose largest score is their class.
  static func accuracy(_ scores: [[Float]], classes: [Int32]) -> Double {
    let right = zip(scores, classes).count { predicted($0.0) == Int($0.1) }
    return Double(right) / Double(max(classes.count, 1))
  }
}
