// Support vector machines: solutions that are known in closed form, kernels, missing classes, equal bits.

import Dispatch
import Foundation
import Kernels
import Testing
import Training

@Suite("Support vector machines")
struct SupportVectorTests {
  private func decision(_ x: Float, train: [Float], classes: [Int32], penalty: Double) throws -> Float {
    try SupportVectors(.linear, penalty: penalty).scores(
      train: train.map { [$0] }, classes: classes, labels: 2, test: [[x]])[0][0]
  }

  /// Rows at 1 and -1. Hard margin: w = 1, b = 0. With C = 0.1 both multipliers are C: w = 2 C. Three rows at -1 have
  /// weight 4 / 6 each and the one at 1 has 4 / 2: the sums on both sides are 2 C, so w = 4 C; without weights 2 C.
  @Test("two points, by hand: hard margin, bounded, weighted")
  func byHand() throws {
    #expect(try abs(decision(0.5, train: [1, -1], classes: [0, 1], penalty: 100) - 0.5) < 1e-4)
    #expect(try abs(decision(0.5, train: [1, -1], classes: [0, 1], penalty: 0.1) - 0.1) < 1e-6)
    #expect(try abs(decision(0.5, train: [1, -1, -1, -1], classes: [0, 1, 1, 1], penalty: 0.1) - 0.2) < 1e-6)
  }

  @Test("classes in three corners are told apart, each by its own machine")
  func corners() throws {
    let centres: [(Float, Float)] = [(2, 0), (-1, 2), (-1, -2)]
    var random = CounterRandom(key: 3, stream: 9)
    var rows: [[Float]] = []
    for place in 0..<30 {
      let centre = centres[place % 3]
      rows.append([centre.0 + 0.3 * random.normal(), centre.1 + 0.3 * random.normal()])
    }
    let classes = (0..<30).map { Int32($0 % 3) }
    for kernel in [SupportVectors.Kernel.linear, .polynomial(degree: 3), .radial] {
      let found = try SupportVectors(kernel, penalty: 10).scores(
        train: rows, classes: classes, labels: 3, test: centres.map { [$0.0, $0.1] })
      for (label, scores) in found.enumerated() {
        #expect(scores[label] > 0 && scores.count { $0 > 0 } == 1, "\(kernel) \(scores)")
      }
    }
  }

  @Test("curved kernels learn what no line divides")
  func crossed() throws {
    let rows: [[Float]] = [[1, 1], [-1, -1], [1, -1], [-1, 1]]
    func right(_ kernel: SupportVectors.Kernel) throws -> Int {
      let found = try SupportVectors(kernel, penalty: 100).scores(
        train: rows, classes: [0, 0, 1, 1], labels: 2, test: rows)
      return zip(found, [0, 0, 1, 1]).count { scores, label in scores[label] > 0.5 && scores[1 - label] < -0.5 }
    }
    #expect(try right(.polynomial(degree: 2)) == 4 && right(.radial) == 4 && right(.linear) < 4)
  }

  @Test("a class without training rows is never the answer; a lone class always is")
  func missingClasses() throws {
    let machine = SupportVectors(.linear, penalty: 1)
    let found = try machine.scores(train: [[0], [1]], classes: [0, 2], labels: 3, test: [[0], [1]])
    #expect(found.allSatisfy { $0[1] == -Float.greatestFiniteMagnitude })
    #expect(found[0][0] > found[0][2] && found[1][2] > found[1][0])
    let lone = try machine.scores(train: [[0], [1]], classes: [1, 1], labels: 3, test: [[5]])
    #expect(lone == [[-Float.greatestFiniteMagnitude, 0, -Float.greatestFiniteMagnitude]])
  }

  @Test("rows that are not numbers are refused in one line")
  func notNumbers() {
    let error = #expect(throws: StageError.self) {
      try SupportVectors(.linear, penalty: 1).scores(
        train: [[.nan], [1]], classes: [0, 1], labels: 2, test: [[0]])
    }
    #expect(error?.description.contains("finite numbers only") ?? false)
  }

  /// 12 rows are predicted, since OpenCV would share ten and more among its threads.
  @Test("equal bits, again and on several threads at once")
  func bits() throws {
    var random = CounterRandom(key: 8, stream: 2)
    let rows = (0..<52).map { _ in (0..<31).map { _ in random.normal() } }
    let classes = (0..<40).map { Int32($0 % 4) }
    for kernel in [SupportVectors.Kernel.linear, .polynomial(degree: 3), .radial] {
      let machine = SupportVectors(kernel, penalty: 3)
      let once = try machine.scores(train: Array(rows[..<40]), classes: classes, labels: 4, test: Array(rows[40...]))
      let same = Same()
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        let again = try? machine.scores(
          train: Array(rows[..<40]), classes: classes, labels: 4, test: Array(rows[40...]))
        same.add(again == once)
      }
      #expect(same.all == [Bool](repeating: true, count: 8), "\(kernel)")
    }
  }

  /// Answers of several threads.
  private final class Same: @unchecked Sendable {
    private let lock = NSLock()
    private var answers: [Bool] = []
    func add(_ answer: Bool) { lock.withLock { answers.append(answer) } }
    var all: [Bool] { lock.withLock { answers } }
  }

  @Test("rows are centred, and their mean square length becomes 1")
  func scale() {
    let rows: [[Float]] = [[1, 5], [3, 5], [8, 5]]
    let scale = RowScale(rows)
    let scaled = rows.map(scale.apply)
    #expect(abs(scaled.reduce(0) { $0 + $1[0] }) < 1e-6 && scaled.allSatisfy { $0[1] == 0 })
    #expect(abs(scaled.reduce(0) { $0 + $1[0] * $1[0] } / 3 - 1) < 1e-6)
    #expect(RowScale([[2, 2], [2, 2]]).apply([3, 2]) == [1, 0])
  }
}
