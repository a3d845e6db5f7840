// Whether the drawn micro set is worth learning: hard from pixels, possible from movement.

import Clips
import Kernels
import Testing

@Suite("synthesis: difficulty")
struct SynthesisDifficultyTests {
  private static let labels = Expression.allCases

  /// Goal: no short cut through appearance. Method: nearest class mean of apex pixels, leave one subject out.
  @Test("nearest-mean pixels, leave-one-subject-out, stay under 0.45 UF1")
  func pixels() throws {
    let rows = SynthesisDrawn.clips.map { $0.sample.apex.map { Double($0) / 255 } }
    let score = try uf1 { train, test in
      let means = Self.labels.map { label in
        Self.mean(train.filter { SynthesisDrawn.clips[$0].sample.expression == label }.map { rows[$0] })
      }
      return test.map { row in
        Self.labels.indices.min { Self.distance(rows[row], means[$0]) < Self.distance(rows[row], means[$1]) } ?? 0
      }
    }
    print("synthesis: nearest-mean pixels UF1 \(score)")
    #expect(score < 0.45)
  }

  /// Goal: the movement tells the label. Method: balanced ridge on onset → apex flow, each plane standardised.
  @Test("a ridge on the flow from onset to apex, leave-one-subject-out, reaches 0.75 UF1")
  func movement() throws {
    let rows = SynthesisDrawn.clips.map { Self.standardised($0.flow) }
    let score = try uf1 { train, test in try Self.ridge(rows, train: train, test: test) }
    print("synthesis: ridge on flow UF1 \(score)")
    #expect(score > 0.75)
  }

  // MARK: - Classifiers

  private func uf1(_ predict: (_ train: [Int], _ test: [Int]) throws -> [Int]) throws -> Double {
    let clips = SynthesisDrawn.clips
    var predicted = [Int](repeating: -1, count: clips.count)
    for subject in Set(clips.map(\.sample.subject)).sorted() {
      let test = clips.indices.filter { clips[$0].sample.subject == subject }
      let train = clips.indices.filter { clips[$0].sample.subject != subject }
      for (row, label) in zip(test, try predict(train, test)) { predicted[row] = label }
    }
    let scores = Self.labels.indices.map { label in
      let truth = clips.map { $0.sample.expression == Self.labels[label] }
      let right = clips.indices.count { truth[$0] && predicted[$0] == label }
      return 2 * Double(right) / Double(truth.count { $0 } + predicted.count { $0 == label })
    }
    return scores.reduce(0, +) / Double(scores.count)
  }

  private static func mean(_ rows: [[Double]]) -> [Double] {
    var sum = [Double](repeating: 0, count: rows[0].count)
    for row in rows { for place in row.indices { sum[place] += row[place] } }
    return sum.map { $0 / Double(rows.count) }
  }

  private static func distance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }

  private static func product(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for place in a.indices { sum += a[place] * b[place] }
    return sum
  }

  /// Each plane minus its mean, by its deviation; scaled so that a row has about unit length.
  private static func standardised(_ flow: FlowField) -> [Double] {
    let area = flow.side * flow.side
    return (0..<3).flatMap { plane in
      let values = flow.planes[plane * area..<(plane + 1) * area].map(Double.init)
      let mean = values.reduce(0, +) / Double(area)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(area)
      let scale = 1 / (variance.squareRoot() + 1e-3) / Double(3 * area).squareRoot()
      return values.map { ($0 - mean) * scale }
    }
  }

  /// Kernel form of ridge regression onto one-hot labels, classes balanced by weights √(n / (C n_c)), λ = 0.3.
  private static func ridge(_ rows: [[Double]], train: [Int], test: [Int]) throws -> [Int] {
    let clips = SynthesisDrawn.clips
    let centre = mean(train.map { rows[$0] })
    func centred(_ row: Int) -> [Double] { zip(rows[row], centre).map { $0 - $1 } }
    let weights = train.map { row in
      let equals = train.count { clips[$0].sample.expression == clips[row].sample.expression }
      return (Double(train.count) / Double(labels.count * equals)).squareRoot()
    }
    let scaled = train.indices.map { place in centred(train[place]).map { $0 * weights[place] } }
    var gram = scaled.indices.flatMap { a in scaled.indices.map { product(scaled[a], scaled[$0]) + (a == $0 ? 0.3 : 0) }
    }
    let square = weights.reduce(0) { $0 + $1 * $1 }
    let shares = labels.map { label in
      train.indices.reduce(0) { sum, place in
        sum + (clips[train[place]].sample.expression == label ? weights[place] * weights[place] : 0)
      } / square
    }
    var dual = train.indices.flatMap { place in
      labels.indices.map { label in
        ((clips[train[place]].sample.expression == labels[label] ? 1 : 0) - shares[label]) * weights[place]
      }
    }
    try choleskySolve(&gram, order: train.count, &dual, columns: labels.count)
    return test.map { row in
      let products = scaled.map { product($0, centred(row)) }
      let scores = labels.indices.map { label in
        products.indices.reduce(shares[label]) { $0 + products[$1] * dual[$1 * labels.count + label] }
      }
      return scores.indices.max { scores[$0] < scores[$1] } ?? 0
    }
  }
}
