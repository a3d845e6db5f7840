// What a stage keeps of its rows is what it would make again, whatever the limit of memory.

import ChebNet
import Kernels
import SpectralGraph
import Testing
import Training

/// Images of noise that count how often they are made; a mirror is the negative.
private final class CountedRows: RowSource {
  let width = 16
  let clipOfRow = [0, 0, 1, 2, 2]
  var made = 0

  func write(row: Int, view: RowView, into target: UnsafeMutablePointer<Float>) {
    made += 1
    var random = CounterRandom(key: 4, stream: UInt64(row))
    for pixel in 0..<width { target[pixel] = (view.mirrored ? -1 : 1) * random.normal() }
  }
}

@Suite("Bases that are kept")
struct KeptBasesTests {
  private let model: Model

  init() {
    let graph = GraphHierarchy(
      spec: GraphSpec(side: 4, nearest: 2, stochastic: 1, thresholdSquared: 4), levels: 1)
    let network = NetworkSpec(
      layers: [LayerSpec(order: 3, filters: 2, coarsenings: 1)], dense: nil, dropout: 0, inputs: 1)
    model = Model(graphs: [graph], network: network, classes: 2, entry: .images)
    model.initialise(key: 9)
  }

  /// Room for the bases of some rows and their mirrors decides how many of the 30 wanted images are made.
  @Test("an image is made once as far as memory goes, and again beyond it", arguments: 0...6)
  func madeOnce(rows: Int) {
    let source = CountedRows()
    let other = CopiedRows(CountedRows(), of: model, capacity: 2)
    let row_bytes = 2 * 4 * model.basisWidth
    let kept = KeptBases(source, of: model, mirror: true, capacity: 2, limit_bytes: rows * row_bytes)
    #expect(kept.clipOfRow == source.clipOfRow)
    for _ in 0..<3 {
      for row in 0..<5 {
        var logits = [[Float]](repeating: [Float](repeating: 0, count: 4), count: 2)
        for (place, mirrored) in [true, false].enumerated() {
          kept.put(row: row, view: RowView(mirrored: mirrored), at: place)
          other.put(row: row, view: RowView(mirrored: mirrored), at: place)
        }
        kept.logits(count: 2, into: &logits[0])
        other.logits(count: 2, into: &logits[1])
        #expect(logits[0] == logits[1])
      }
    }
    #expect(source.made == 2 * min(rows, 5) + 6 * max(5 - rows, 0))
  }

  @Test("a fit gives the same bytes with and without memory for bases", arguments: [0, 20_000])
  func sameBytes(limit_bytes: Int) throws {
    let study = try SmallStudy()
    let stage = study.fit(transfer: "scratch", rows: SmallStudy.rows(["temporal"], mirror: true))
    let little = StageInputs(sets: ["target": study.target], bases_bytes: limit_bytes) { _ in nil }
    #expect(try compute(stage: stage, inputs: little) == compute(stage: stage, inputs: try study.inputs()))
  }
}
