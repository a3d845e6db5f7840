// Ridge on the onset → apex flow: as good as any network on small sets, so it stands in every report.
//
// One-hot labels, an intercept that is not penalised (features and labels are centred by their training means), the
// dual form: with n clips and many more pixels, K = X Xᵀ + λ I is n × n. All in Double.

import Clips
import Kernels

/// A linear ridge on the flow from onset to apex.
struct Ridge {
  /// What is done to the flow (three channels, as stored).
  enum Features {
    case raw
    /// Each image and channel minus its mean, over (its deviation + 1e-3).
    case image
    /// Each pixel and channel minus its mean, over (its deviation + 1e-3), over the training clips.
    case pixel
  }

  let features: Features
  let lambda: Double

  init(_ features: Features, lambda: Double) {
    self.features = features
    self.lambda = lambda
  }

  /// Scores: the fitted one-hot values of each class.
  func scores(train: ClipSelection, test: ClipSelection) throws(StageError) -> [[Float]] {
    var rows: [[Double]] = []
    for position in train.clips.indices { rows.append(try flow(train, position)) }
    let means = Self.means(rows)
    let scale = features == .pixel ? Self.inverseDeviations(rows, means) : nil
    for place in rows.indices { Self.centre(&rows[place], means, scale) }
    let weights = try solve(rows, classes: train.classes, labels: train.labels.count)
    let shares = train.clipsOfLabel.map { Double($0) / Double(rows.count) }
    var scores: [[Float]] = []
    for position in test.clips.indices {
      var row = try flow(test, position)
      Self.centre(&row, means, scale)
      var score = shares
      for (place, other) in rows.enumerated() {
        let product = Self.dot(row, other)
        for label in score.indices { score[label] += product * weights[place * score.count + label] }
      }
      scores.append(score.map { Float($0) })
    }
    return scores
  }

  /// The dual weights [n, labels] of centred rows: (X Xᵀ + λ I)⁻¹ (Y − mean Y).
  private func solve(_ rows: [[Double]], classes: [Int32], labels: Int) throws(StageError) -> [Double] {
    let count = rows.count
    var gram = [Double](repeating: 0, count: count * count)
    for row in 0..<count {
      for column in 0...row {
        let product = Self.dot(rows[row], rows[column])
        gram[row * count + column] = product
        gram[column * count + row] = product
      }
      gram[row * count + row] += lambda
    }
    var targets = [Double](repeating: 0, count: count * labels)
    for label in 0..<labels {
      let share = Double(classes.count { Int($0) == label }) / Double(count)
      for row in 0..<count { targets[row * labels + label] = (Int(classes[row]) == label ? 1 : 0) - share }
    }
    do { try choleskySolve(&gram, order: count, &targets, columns: labels) } catch {
      throw .numeric("the ridge equations have no solution (\(error)); use a larger ridge_lambda")
    }
    return targets
  }

  /// The onset → apex flow of a clip: three planes.
  private func flow(_ selection: ClipSelection, _ position: Int) throws(StageError) -> [Double] {
    guard let field = selection.set.apexFlow(clip: selection.clips[position]) else {
      throw .data("\(selection.name(position)) has no flow from onset to apex, so a ridge cannot be asked of this set")
    }
    var values = field.map { Double($0) }
    guard features == .image else { return values }
    let pixels = selection.set.side * selection.set.side
    for start in stride(from: 0, to: values.count, by: pixels) {
      let plane = values[start..<start + pixels]
      let mean = plane.reduce(0, +) / Double(pixels)
      let variance = plane.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pixels)
      let scale = 1 / (variance.squareRoot() + ImageReader.smallDeviation)
      for pixel in plane.indices { values[pixel] = (values[pixel] - mean) * scale }
    }
    return values
  }

  private static func means(_ rows: [[Double]]) -> [Double] {
    var sum = [Double](repeating: 0, count: rows.first?.count ?? 0)
    for row in rows { for column in row.indices { sum[column] += row[column] } }
    return sum.map { $0 / Double(rows.count) }
  }

  private static func inverseDeviations(_ rows: [[Double]], _ means: [Double]) -> [Double] {
    var squares = [Double](repeating: 0, count: means.count)
    for row in rows {
      for column in row.indices { squares[column] += (row[column] - means[column]) * (row[column] - means[column]) }
    }
    return squares.map { 1 / (($0 / Double(rows.count)).squareRoot() + ImageReader.smallDeviation) }
  }

  private static func centre(_ row: inout [Double], _ means: [Double], _ scale: [Double]?) {
    for column in row.indices { row[column] -= means[column] }
    if let scale { for column in row.indices { row[column] *= scale[column] } }
  }

  /// The inner product in eight lanes, added in lane order: quick, and the same on every machine.
  static func dot(_ left: [Double], _ right: [Double]) -> Double {
    precondition(left.count == right.count, "rows of one ridge have one length")
    var lanes = SIMD8<Double>.zero
    let whole = left.count / 8 * 8
    left.withUnsafeBufferPointer { left in
      right.withUnsafeBufferPointer { right in
        for start in stride(from: 0, to: whole, by: 8) {
          var a = SIMD8<Double>.zero
          var b = SIMD8<Double>.zero
          for lane in 0..<8 {
            a[lane] = left[start + lane]
            b[lane] = right[start + lane]
          }
          lanes += a * b
        }
      }
    }
    var sum = 0.0
    for lane in 0..<8 { sum += lanes[lane] }
    for place in whole..<left.count { sum += left[place] * right[place] }
    return sum
  }
}
