import Study
import Testing

@Suite("figures of a confusion matrix")
struct MetricsTests {
  /// TP 2, FP 1, FN 1 for a; TP 3, FP 1, FN 1 for b; the class c occurs twice and is never predicted.
  @Test("a case worked by hand")
  func byHand() {
    let metrics = Metrics(ConfusionMatrix(labels: ["a", "b", "c"], counts: [[2, 1, 0], [1, 3, 0], [1, 1, 0]]))
    #expect(abs(metrics.accuracy - 5.0 / 9) < 1e-15)
    #expect(abs(metrics.uf1 - (4.0 / 7 + 6.0 / 9 + 0) / 3) < 1e-15)
    #expect(abs(metrics.uar - (2.0 / 3 + 3.0 / 4 + 0) / 3) < 1e-15)
    // chance: (3·4 + 4·5 + 2·0) / 81; kappa: (5/9 − 32/81) / (1 − 32/81) = 13/49
    #expect(abs(metrics.kappa - 13.0 / 49) < 1e-15)
    #expect(metrics.perClass[0].precision == 0.5)
    #expect(metrics.perClass[1].recall == 0.75)
    #expect(metrics.perClass[2].f1 == 0)
    #expect(metrics.perClass.map(\.support) == [3, 4, 2])
    #expect(metrics.perClass.map(\.label) == ["a", "b", "c"])
  }

  @Test("a class that never occurs is left out of the means, but its predictions still cost the others")
  func absentClass() {
    let metrics = Metrics(ConfusionMatrix(labels: ["a", "b", "c"], counts: [[3, 1, 0], [0, 0, 0], [0, 2, 2]]))
    #expect(abs(metrics.uf1 - (6.0 / 7 + 4.0 / 6) / 2) < 1e-15)
    #expect(metrics.uar == 0.625)
    #expect(metrics.perClass[1].precision == 0)
  }

  @Test("no clip, one clip and one class give numbers, never NaN")
  func degenerate() {
    let empty = Metrics(ConfusionMatrix(labels: ["a", "b"]))
    #expect([empty.accuracy, empty.uf1, empty.uar, empty.kappa] == [0, 0, 0, 0])
    let none = Metrics(ConfusionMatrix(labels: []))
    #expect(none.uf1 == 0 && none.perClass.isEmpty)
    let single = Metrics(ConfusionMatrix(labels: ["a", "b"], counts: [[1, 0], [0, 0]]))
    #expect([single.accuracy, single.uf1, single.uar, single.kappa] == [1, 1, 1, 0])
    let wrong = Metrics(ConfusionMatrix(labels: ["a", "b"], counts: [[0, 1], [0, 0]]))
    #expect([wrong.accuracy, wrong.uf1, wrong.uar, wrong.kappa] == [0, 0, 0, 0])
  }

  @Test("always answering the majority has UAR 1 / C and kappa 0")
  func majority() {
    let metrics = Metrics(ConfusionMatrix(labels: ["a", "b", "c"], counts: [[88, 0, 0], [32, 0, 0], [25, 0, 0]]))
    #expect(metrics.accuracy == 88.0 / 145)
    #expect(metrics.uar == 1.0 / 3)
    #expect(metrics.kappa == 0)
  }

  /// Goal: the closed forms equal the definitions. Method: random matrices of random size, many zeros.
  @Test("random matrices agree with the definitions, in any order of the labels", arguments: 1...60)
  func definitions(seed: UInt64) {
    var draw = MetricsDraw(state: seed)
    let classes = 1 + draw.below(5)
    let counts = (0..<classes).map { _ in (0..<classes).map { _ in max(0, draw.below(12) - 4) } }
    let labels = (0..<classes).map { "label\($0)" }
    let metrics = Metrics(ConfusionMatrix(labels: labels, counts: counts))
    for place in 0..<classes where metrics.perClass[place].precision + metrics.perClass[place].recall > 0 {
      let one = metrics.perClass[place]
      #expect(abs(one.f1 - 2 * one.precision * one.recall / (one.precision + one.recall)) < 1e-12)
    }
    for figure in [metrics.accuracy, metrics.uf1, metrics.uar] { #expect((0...1).contains(figure)) }
    #expect(metrics.kappa <= 1 && metrics.kappa.isFinite)
    let order = draw.permutation(classes)
    let turned = Metrics(
      ConfusionMatrix(labels: order.map { labels[$0] }, counts: order.map { row in order.map { counts[row][$0] } }))
    #expect(abs(turned.uf1 - metrics.uf1) < 1e-12)
    #expect(abs(turned.uar - metrics.uar) < 1e-12)
    #expect(turned.kappa == metrics.kappa)
  }

  @Test("pooling two folds is adding their matrices, clip by clip")
  func pooled() {
    var draw = MetricsDraw(state: 5)
    var whole = ConfusionMatrix(labels: ["a", "b", "c"])
    var parts = [whole, whole]
    for clip in 0..<97 {
      let (truth, predicted) = (draw.below(3), draw.below(3))
      whole.add(truth: truth, predicted: predicted)
      parts[clip % 2].add(truth: truth, predicted: predicted)
    }
    #expect(parts[0] + parts[1] == whole)
    #expect(whole.total == 97)
    #expect(whole.correct == (0..<3).reduce(0) { $0 + whole.counts[$1][$1] })
    #expect(whole.support.reduce(0, +) == 97 && whole.predictions.reduce(0, +) == 97)
  }
}

@Suite("figures over seeds")
struct MetricsSpreadTests {
  @Test("the deviation is that of a sample, and 0 of one seed")
  func byHand() {
    let spread = Spread([0.5, 0.75, 1])
    #expect(spread.mean == 0.75)
    #expect(spread.deviation == 0.25)
    #expect(Spread([0.7]).deviation == 0)
    #expect(Spread([0.7]).mean == 0.7)
    #expect(Spread([]).mean == 0)
  }

  @Test("equal values have exactly their own mean and no deviation", arguments: 1...9)
  func equal(count: Int) {
    let spread = Spread(Array(repeating: 0.1, count: count))
    #expect(spread.mean == 0.1)
    #expect(spread.deviation == 0)
  }
}

/// A small generator of the tests' own, the same on every machine.
struct MetricsDraw {
  var state: UInt64

  mutating func below(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }

  mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for place in order.indices.dropFirst().reversed() { order.swapAt(place, below(place + 1)) }
    return order
  }
}
