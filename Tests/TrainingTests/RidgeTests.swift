// The ridge against a case worked by hand, against its primal equations, and its inner folds against their promises.

import Kernels
import Testing
import Training

@Suite("Ridge")
struct RidgeTests {
  /// A table of rows, each a clip of its own.
  private func table(_ blocks: [[[Float]]], labels: Int) -> RidgeTable {
    let count = blocks[0].count
    return RidgeTable(
      blocks: blocks.map { rows in
        var builder = GramBuilder(count: count)
        builder.add(rows.flatMap(\.self), width: rows[0].count)
        return RidgeTable.Block(gram: builder.finish(), entries: Array(0..<count))
      }, clipOfRow: Array(0..<count), labels: labels)
  }

  private func random(_ count: Int, _ width: Int, stream: UInt64) -> [[Float]] {
    var random = CounterRandom(key: 4, stream: stream)
    return (0..<count).map { _ in (0..<width).map { _ in random.normal() } }
  }

  @Test("inner products are sums over all columns, whatever rows stand beside them", arguments: [1, 3, 6, 9])
  func products(count: Int) {
    let rows = random(9, 300, stream: 1)
    let all = table([rows], labels: 2).blocks[0].gram
    let some = table([Array(rows.prefix(count))], labels: 2).blocks[0].gram
    for i in 0..<count {
      for j in 0..<count {
        let expected = zip(rows[i], rows[j]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let (product, same) = (some.products[i * count + j], all.products[i * 9 + j])
        #expect(abs(product - expected) < 1e-9)
        #expect(product == same)
      }
    }
  }

  /// Goal: every constant. Method: rows 0 and 4 of one class, 8 of the other, one column. The score of the first label
  /// is its mean plus x / s · Σ x y / s / (Σ x² / s² + λ) of centred x and y: mean 4, s² = 32 / 3, Σ x y = −4,
  /// Σ x² = 3 s².
  @Test("three rows of one column, by hand")
  func byHand() throws {
    let rows: [[Float]] = [[0], [4], [8]]
    let table = table([rows], labels: 2)
    let problem = RidgeProblem(table, rows: [0, 1, 2], classes: [0, 0, 1], balanced: false)
    let found = problem.scores(try problem.solve(lambda: 2), products: problem.products(with: [0, 1, 2]))
    let square = 32.0 / 3
    for row in 0..<3 {
      let expected = 2.0 / 3 + Double(rows[row][0] - 4) * (-4 / square) / (3 + 2)
      #expect(abs(found[row * 2] - expected) < 1e-12)
      #expect(abs(found[row * 2 + 1] + expected - 1) < 1e-12)
    }
    // Balanced: weights 3/4, 3/4, 3/2; mean 5; shares ½; Σ w (x − 5)² = 33 = 3 s²; Σ w (x − 5)(y − ½) = −4.5.
    let balanced = RidgeProblem(table, rows: [0, 1, 2], classes: [0, 0, 1], balanced: true)
    let scores = balanced.scores(try balanced.solve(lambda: 2), products: balanced.products(with: [0, 1, 2]))
    for row in 0..<3 {
      let expected = 0.5 + Double(rows[row][0] - 5) * (-4.5 / 11) / (3 + 2)
      #expect(abs(scores[row * 2] - expected) < 1e-12, "\(scores)")
    }
  }

  /// Goal: weights, centring, two blocks, and held-out rows. Method: the weighted normal equations of the primal, whose
  /// intercept is a column without a penalty.
  @Test("the dual of two blocks is the primal", arguments: [true, false])
  func primal(balanced: Bool) throws {
    let (first, second) = (random(12, 5, stream: 2), random(12, 7, stream: 3).map { $0.map { 30 * $0 + 4 } })
    let classes = [0, 0, 0, 0, 0, 1, 1, 2, 2]
    let table = table([first, second], labels: 3)
    let problem = RidgeProblem(table, rows: Array(0..<9), classes: classes, balanced: balanced)
    let solution = try problem.solve(lambda: 0.3)
    let found = problem.scores(solution, products: problem.products(with: [9, 10, 11]))
    let weights = balanced ? classes.map { [9.0 / 15, 9.0 / 6, 9.0 / 6][$0] } : [Double](repeating: 1, count: 9)
    let columns = [first, second].map { block in scaled(block, weights) }
    let rows = (0..<12).map { columns[0][$0] + columns[1][$0] + [1] }
    let width = 13
    var normal = [Double](repeating: 0, count: width * width)
    var targets = [Double](repeating: 0, count: width * 3)
    for (row, label) in classes.enumerated() {
      for i in 0..<width {
        for j in 0..<width { normal[i * width + j] += weights[row] * rows[row][i] * rows[row][j] }
        targets[i * 3 + label] += weights[row] * rows[row][i]
      }
    }
    for i in 0..<width - 1 { normal[i * width + i] += 0.3 }
    try choleskySolve(&normal, order: width, &targets, columns: 3)
    for other in 0..<3 {
      for label in 0..<3 {
        let expected = (0..<width).reduce(0.0) { $0 + rows[9 + other][$1] * targets[$1 * 3 + label] }
        let score = found[other * 3 + label]
        #expect(abs(score - expected) < 1e-9)
      }
    }
  }

  /// Minus the weighted mean, over the root mean square of the centred rows' norms and √2.
  private func scaled(_ block: [[Float]], _ weights: [Double]) -> [[Double]] {
    let total = weights.reduce(0, +)
    let means = block[0].indices.map { column in
      weights.indices.reduce(0.0) { $0 + weights[$1] * Double(block[$1][column]) } / total
    }
    let centred = block.map { row in row.indices.map { Double(row[$0]) - means[$0] } }
    let square = weights.indices.reduce(0.0) { sum, row in
      sum + weights[row] * centred[row].reduce(0) { $0 + $1 * $1 } / total
    }
    return centred.map { $0.map { $0 / (2 * square).squareRoot() } }
  }

  @Test("balanced classes weigh the same, classes that do not occur are not counted")
  func weights() {
    let balanced = RidgeProblem.weights([0, 0, 0, 2], labels: 3, balanced: true)
    let expected: [Double] = [4.0 / 6, 4.0 / 6, 4.0 / 6, 2]
    #expect(balanced == expected)
    let plain = RidgeProblem.weights([0, 0, 0, 2], labels: 3, balanced: false)
    #expect(plain == [1, 1, 1, 1])
  }

  /// Goal: an entry that stands for a row and its mirror. Method: rows of 6 columns, mirrored by reversing them with
  /// the sign turned; both as rows of one clip, against their means with two copies.
  @Test("the mean of a row and its mirror is the ridge on both")
  func mirrors() throws {
    let rows = random(10, 6, stream: 5).map { row in row.indices.map { row[$0] + Float($0) } }
    let mirrored = rows.map { row in row.reversed().map { -$0 } }
    let both = zip(rows, mirrored).flatMap { [$0, $1] }
    let classes = [0, 0, 0, 1, 1, 1, 1, 2]
    let explicit = table([both], labels: 3)
    let long = RidgeProblem(explicit, rows: Array(0..<16), classes: classes.flatMap { [$0, $0] }, balanced: true)
    let expected = long.scores(try long.solve(lambda: 0.1), products: long.products(with: [16, 17, 18, 19]))
    var builder = GramBuilder(count: 10)
    builder.add(zip(rows, mirrored).flatMap { zip($0, $1).map { ($0 + $1) / 2 } }, width: 6)
    builder.set(squares: rows.map { $0.reduce(0) { $0 + Double($1) * Double($1) } })
    let means = RidgeTable(
      blocks: [RidgeTable.Block(gram: builder.finish(copies: 2), entries: Array(0..<10))], clipOfRow: Array(0..<10),
      labels: 3)
    let short = RidgeProblem(means, rows: Array(0..<8), classes: classes, balanced: true)
    let found = short.scores(try short.solve(lambda: 0.1), products: short.products(with: [8, 9]))
    for clip in 0..<2 {
      for label in 0..<3 {
        let mean: Double = (expected[clip * 6 + label] + expected[clip * 6 + 3 + label]) / 2
        let score = found[clip * 3 + label]
        #expect(abs(score - mean) < 1e-6)
      }
    }
  }

  @Test("rows that are all alike answer with the shares of the classes")
  func alike() throws {
    let table = table([[[1, 2], [1, 2], [1, 2]]], labels: 2)
    let problem = RidgeProblem(table, rows: [0, 1, 2], classes: [0, 1, 1], balanced: false)
    let found = problem.scores(try problem.solve(lambda: 0.01), products: problem.products(with: [0]))
    for (score, share) in zip(found, [1.0 / 3, 2.0 / 3]) { #expect(abs(score - share) < 1e-9) }
  }
}

@Suite("Inner folds")
struct InnerFoldTests {
  @Test("subjects go to groups by size, then by name, each to the smallest group")
  func groups() {
    let subjects = ["c", "a", "a", "a", "b", "b", "d", "e", "e"]
    let found = InnerGroups.groups(subjects: subjects)
    // a (3) → 0, b (2) → 1, e (2) → 2, c (1) → 3, d (1) → 3.
    #expect(found.ofClip == [3, 0, 0, 0, 1, 1, 3, 2, 2] && found.count == 4)
    #expect(InnerGroups.groups(subjects: ["x", "y", "y"]).ofClip == [1, 0, 0])
  }

  @Test("UF1 + UAR by hand: labels without a clip do not count")
  func figure() {
    // Label 0: F1 2·1/(2+1), recall ½; label 1: F1 2·1/(1+2), recall 1.
    let found = InnerGroups.figure(predicted: [0, 1, 1], classes: [0, 0, 1], labels: 3)
    let expected: Double = (2.0 / 3 + 0.5 + 2.0 / 3 + 1.0) / 2
    #expect(abs(found - expected) < 1e-12)
  }

  /// Goal: no held-out row moves λ or the factor. Method: rows behind the training clips are exchanged for others.
  @Test("the choice does not see rows of other clips, and is among the candidates")
  func choice() throws {
    var random = CounterRandom(key: 9, stream: 1)
    let classes = (0..<24).map { $0 % 3 }
    let train = classes.map { label in (0..<20).map { $0 == label ? 2 + random.normal() : random.normal() } }
    var choices: [RidgeChoice] = []
    for other in [Float(0), 50] {
      let rows = train + [[Float](repeating: other, count: 20)]
      var builder = GramBuilder(count: 25)
      builder.add(rows.flatMap(\.self), width: 20)
      let table = RidgeTable(
        blocks: [RidgeTable.Block(gram: builder.finish(), entries: Array(0..<25))], clipOfRow: Array(0..<25),
        labels: 3)
      let clips = RidgeClips(classes: classes, subjects: (0..<24).map { "s\($0 / 4)" })
      choices.append(try RidgeChoice(table, clips: clips, balanced: true) {})
    }
    #expect(choices[0] == choices[1])
    #expect(RidgeChoice.lambdas.contains(choices[0].lambda) && RidgeChoice.factors.contains(choices[0].factor))
    #expect(choices[0].figure > 1.2, "the classes are told apart")
  }

  @Test("one training subject leaves nothing to choose by")
  func oneSubject() throws {
    var builder = GramBuilder(count: 2)
    builder.add([1, 2], width: 1)
    let table = RidgeTable(
      blocks: [RidgeTable.Block(gram: builder.finish(), entries: [0, 1])], clipOfRow: [0, 1], labels: 2)
    let clips = RidgeClips(classes: [0, 1], subjects: ["s", "s"])
    #expect(try RidgeChoice(table, clips: clips, balanced: false) {} == .unchosen)
  }
}
