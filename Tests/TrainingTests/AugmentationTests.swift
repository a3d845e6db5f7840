// Shifts and mixtures of training rows: what they are, by hand; and what they leave alone.

import Canonical
import ChebNet
import Kernels
import SpectralGraph
import Testing
import Training

/// Images of noise, shifted as asked.
private struct NoiseRows: RowSource {
  let width = 16
  let clipOfRow = [0, 0, 1, 2]

  func write(row: Int, view: RowView, into target: UnsafeMutablePointer<Float>) {
    var random = CounterRandom(key: 8, stream: UInt64(row))
    for pixel in 0..<width { target[pixel] = random.normal() }
    view.shift(UnsafeMutableBufferPointer(start: target, count: width), side: 4)
  }
}

@Suite("Augmentation")
struct AugmentationTests {
  private func model() -> Model {
    let graphs = [1, 2].map {
      GraphHierarchy(spec: GraphSpec(side: 4, nearest: $0, stochastic: 1, thresholdSquared: 4), levels: 1)
    }
    let network = NetworkSpec(
      layers: [LayerSpec(order: 3, filters: 2, coarsenings: 1)], dense: nil, dropout: 0, inputs: 1)
    let model = Model(graphs: graphs, network: network, classes: 2, entry: .images)
    model.initialise(key: 9)
    return model
  }

  @Test("a shift moves whole pixels and repeats the border")
  func shift() {
    func moved(_ right: Int, _ down: Int) -> [Float] {
      var image: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
      image.withUnsafeMutableBufferPointer { RowView(right: right, down: down).shift($0, side: 3) }
      return image
    }
    #expect(moved(1, 0) == [1, 1, 2, 4, 4, 5, 7, 7, 8])
    #expect(moved(0, -1) == [4, 5, 6, 7, 8, 9, 7, 8, 9])
    #expect(moved(-2, 1) == [3, 3, 3, 3, 3, 3, 6, 6, 6])
    #expect(moved(9, 9) == [1, 1, 1, 1, 1, 1, 1, 1, 1])
  }

  @Test("shifts of an epoch reach every pixel up to the most, differ by epoch and repeat")
  func shifts() {
    let randomness = Randomness(Digest(of: [1]))
    let first = randomness.shifts(epoch: 0, rows: 2_000, most: 2)
    #expect(Set(first.map(\.right)) == [-2, -1, 0, 1, 2] && Set(first.map(\.down)) == [-2, -1, 0, 1, 2])
    #expect(first.map(\.right) != first.map(\.down))
    #expect(first.map(\.right) == randomness.shifts(epoch: 0, rows: 2_000, most: 2).map(\.right))
    #expect(first.map(\.right) != randomness.shifts(epoch: 1, rows: 2_000, most: 2).map(\.right))
  }

  /// Beta(a, a) has mean ½ and variance 1 / (4 (2a + 1)).
  @Test("shares of mixtures have the moments of their distribution", arguments: [0.05, 0.2, 1, 4])
  func beta(alpha: Double) {
    var random = CounterRandom(key: 3, stream: UInt64(alpha * 100))
    let draws = (0..<40_000).map { _ in random.beta(alpha) }
    let mean = draws.reduce(0, +) / 40_000
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40_000
    #expect(draws.allSatisfy { (0...1).contains($0) })
    #expect(abs(mean - 0.5) < 0.01)
    #expect(abs(variance * 4 * (2 * alpha + 1) - 1) < 0.03, "variance \(variance)")
  }

  @Test("partners are the rows of the same step, each once")
  func partners() {
    let mixture = Randomness(Digest(of: [2])).mixture(step: 5, rows: 9, alpha: 0.4)
    #expect(mixture.partners.sorted() == Array(0..<9) && mixture.shares.count == 9)
    #expect(mixture.partners != Randomness(Digest(of: [2])).mixture(step: 6, rows: 9, alpha: 0.4).partners)
  }

  /// Goal: a mixture of bases is the basis of the mixture. Method: rows mixed before they enter the network against
  /// bases mixed after, one of them of a shifted image, with and without memory; and a second batch after the first.
  @Test("rows mixed by their bases give the logits of mixed images", arguments: [0, 1 << 20])
  func bases(limit_bytes: Int) {
    let model = model()
    let kept = KeptBases(NoiseRows(), of: model, mirror: false, capacity: 4, limit_bytes: limit_bytes)
    let copied = CopiedRows(NoiseRows(), of: model, capacity: 4)
    for batch in 0..<3 {
      var images = [[Float]](repeating: [Float](repeating: 0, count: 16), count: 4)
      for row in 0..<4 {
        let view = RowView(right: row == 2 ? 1 : 0, down: batch - 1)
        kept.put(row: row, view: view, at: row)
        copied.put(row: row, view: view, at: row)
        NoiseRows().write(row: row, view: view, into: &images[row])
      }
      let mixture = Mixture(partners: [2, 3, 1, 0], shares: [0.25, 1, 0, 0.7])
      kept.mix(mixture)
      copied.mix(mixture)
      var mixed: [Float] = []
      for row in 0..<4 {
        let (own, other, share) = (images[row], images[mixture.partners[row]], mixture.shares[row])
        for pixel in 0..<16 { mixed.append(share * own[pixel] + (1 - share) * other[pixel]) }
      }
      var logits = [[Float]](repeating: [Float](repeating: 0, count: 8), count: 3)
      kept.logits(count: 4, into: &logits[0])
      copied.logits(count: 4, into: &logits[1])
      model.logits(rows: mixed, count: 4, into: &logits[2])
      for other in [0, 1] { #expect(zip(logits[other], logits[2]).allSatisfy { abs($0 - $1) < 1e-5 }) }
      #expect(Set(logits[2]).count == 6, "row 2 became row 1, all others differ")
    }
  }

  static let kinds: [JSON] = [["shift": 2], ["mixup": 0.4], ["shift": 1, "mixup": 1]]

  @Test("an augmented fit gives the same bytes with other threads and other memory", arguments: kinds)
  func reproducible(augmentation: JSON) throws {
    let study = try SmallStudy()
    let plain = study.fit(transfer: "scratch", rows: SmallStudy.rows(["temporal"], mirror: true))
    let stage = plain.with(augmentation, at: "augmentation")
    let first = try compute(stage: stage, inputs: study.inputs())
    let little = StageInputs(sets: ["target": study.target], threads: 2, bases_bytes: 5_000) { _ in nil }
    #expect(try compute(stage: stage, inputs: little) == first)
  }

  @Test("features may be mixed, images alone shifted")
  func transfers() throws {
    let study = try SmallStudy()
    let test = StageTests.Case(transfer: "frozen", fusion: "rows", graphs: 1, mirror: true)
    let (fit, artifacts) = try study.chain(test)
    let mixed = fit.with(["mixup": 0.4], at: "augmentation")
    #expect(try compute(stage: mixed, inputs: study.inputs(artifacts)).artifact != nil)
    let error = #expect(throws: StageError.self) {
      try compute(stage: fit.with(["shift": 1], at: "augmentation"), inputs: study.inputs(artifacts))
    }
    #expect(error?.description.contains("transfer frozen reads features") == true)
  }
}
