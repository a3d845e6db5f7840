// Algorithm 1 and Eq. 1 on graphs small enough to work by hand, and their properties on larger ones.

import Glibc
import Kernels
import SpectralGraph
import Testing

@Suite("pixel graph")
struct PixelGraphTests {
  @Test("a corner, an edge and a middle pixel choose by distance, then index")
  func nearest() {
    let graph = PixelGraph(spec: GraphSpec(side: 3, nearest: 4, stochastic: 0, thresholdSquared: 8))
    #expect(graph.chosen[4] == [1, 3, 5, 7])
    #expect(graph.chosen[0] == [1, 3, 4, 2])
    #expect(graph.chosen[5] == [2, 4, 8, 1])
  }

  @Test("too few candidates at a border: all there are")
  func fewer() {
    let graph = PixelGraph(spec: GraphSpec(side: 4, nearest: 8, stochastic: 5, thresholdSquared: 2))
    #expect(graph.chosen[0] == [1, 4, 5])
    #expect(graph.chosen.map(\.count).max() == 8)
  }

  @Test("the threshold 2√5 offers 68 candidates and 2√2 offers 24", arguments: [(20, 68), (8, 24)])
  func candidates(square: Int, count: Int) {
    let graph = PixelGraph(spec: GraphSpec(side: 11, nearest: 1_000, stochastic: 0, thresholdSquared: square))
    #expect(graph.chosen[60].count == count)
    let distances = graph.chosen[60].map { (PixelGraph.squaredDistance(60, Int($0), side: 11), $0) }
    #expect(zip(distances, distances.dropFirst()).allSatisfy { $0 < $1 })
  }

  /// σ of a 2 × 2 image with 2 + 0 is 1, since both neighbours lie one apart; the farthest pixel lies √2 away.
  @Test("sigma by either reading, and weights of Eq. 1", arguments: [(Sigma.selected, 1.0), (.pixel, 2.0)])
  func weights(reading: Sigma, square: Double) {
    let spec = GraphSpec(side: 2, nearest: 2, stochastic: 0, thresholdSquared: 1, sigma: reading)
    let graph = PixelGraph(spec: spec)
    #expect(abs(graph.sigma * graph.sigma - square) < 1e-12)
    let w = graph.adjacency.dense[1]
    #expect(abs(w - exp(-1 / square)) < 1e-15)
    #expect(graph.adjacency.dense == [0, w, w, 0, w, 0, 0, w, w, 0, 0, w, 0, w, w, 0])
  }

  @Test("p + q distinct neighbours within the threshold, and a symmetric adjacency", arguments: [1, 2, 3] as [UInt64])
  func properties(seed: UInt64) {
    let spec = GraphSpec(side: 13, nearest: 5, stochastic: 3, thresholdSquared: 13, seed: seed)
    let graph = PixelGraph(spec: spec)
    for (node, others) in graph.chosen.enumerated() {
      #expect(others.count == 8 && Set(others).count == 8 && !others.contains(Int32(node)))
      #expect(others.allSatisfy { PixelGraph.squaredDistance(node, Int($0), side: 13) <= 13 })
    }
    let dense = graph.adjacency.dense
    for row in 0..<169 {
      for column in 0..<169 {
        #expect(dense[row * 169 + column] == dense[column * 169 + row])
        let isEdge = graph.chosen[row].contains(Int32(column)) || graph.chosen[column].contains(Int32(row))
        #expect((dense[row * 169 + column] > 0) == isEdge)
      }
    }
  }

  @Test("the seed decides the draw and nothing else does")
  func seeds() {
    func chosen(_ seed: UInt64, _ stochastic: Int = 2) -> [[Int32]] {
      PixelGraph(
        spec: GraphSpec(side: 9, nearest: 8, stochastic: stochastic, thresholdSquared: 20, seed: seed)
      ).chosen
    }
    #expect(chosen(1) == chosen(1) && chosen(1) != chosen(2))
    #expect(chosen(1, 0) == chosen(2, 0))
  }

  /// Goal: every farther candidate is drawn equally often. 600 seeds, 16 candidates, 2 draws: 75 each, deviation 8.
  @Test("the stochastic draw is fair")
  func fair() {
    var counts = [Int32: Int]()
    for seed in 0..<600 as Range<UInt64> {
      let spec = GraphSpec(side: 7, nearest: 8, stochastic: 2, thresholdSquared: 8, seed: seed)
      for other in PixelGraph(spec: spec).chosen[24].suffix(2) { counts[other, default: 0] += 1 }
    }
    #expect(counts.count == 16 && counts.values.allSatisfy { abs($0 - 75) < 40 })
  }

  @Test("a pixel without neighbours keeps numbers finite")
  func isolated() {
    let hierarchy = GraphHierarchy(
      spec: GraphSpec(side: 3, nearest: 0, stochastic: 0, thresholdSquared: 1), levels: 2)
    #expect(hierarchy.levels.allSatisfy { $0.nodes == 9 && $0.lambdaMax == 1 })
    #expect(hierarchy.levels.allSatisfy { $0.laplacian.value == [Float](repeating: 1, count: 9) })
  }

  @Test("a side of nothing and a neighbour outside trap")
  func traps() async {
    await #expect(processExitsWith: .failure) {
      _ = GraphSpec(side: 0, nearest: 1, stochastic: 0, thresholdSquared: 1)
    }
    await #expect(processExitsWith: .failure) {
      let spec = GraphSpec(side: 1, nearest: 1, stochastic: 0, thresholdSquared: 1)
      _ = PixelGraph(spec: spec, chosen: [[7]])
    }
  }
}
