// Coarsening, order and Laplacians: by hand on small graphs, by property on large ones.

import Kernels
import SpectralGraph
import Testing

@Suite("graph hierarchy")
struct HierarchyTests {
  /// A path 0 – 1 – 2 – 3 with a heavy middle. The ends have the lightest degrees and are served first: 0 with 1, 3
  /// with 2.
  @Test("a path of four pairs its ends, and sums what is left")
  func path() {
    let path = WeightedGraph(dense: [0, 1, 0, 0, 1, 0, 5, 0, 0, 5, 0, 1, 0, 0, 1, 0], nodes: 4)
    let coarsening = Coarsening(graph: path, levels: 2)
    #expect(coarsening.matchings == [[0, 0, 1, 1], [0, 0]])
    #expect(coarsening.graphs[1].dense == [0, 5, 5, 0])
    #expect(coarsening.graphs[2].dense == [0])
  }

  @Test("a star keeps all but one pair single, and ties go to the lower index")
  func star() {
    let star = WeightedGraph(dense: [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], nodes: 4)
    #expect(Coarsening.match(star) == [0, 0, 1, 2])
  }

  /// Two heavy triangles joined by a light path 0 – 3 – 4 – 5: the path's middle pairs first and each triangle leaves
  /// one single (0 and 5). Node 0 then takes 3, whose partner 4 takes 5.
  @Test("a single node takes over a partner whose own partner finds another")
  func rescue() {
    let edges: [(Int, Int, Double)] = [
      (0, 1, 9), (0, 2, 9), (1, 2, 9), (0, 3, 0.5), (3, 4, 1), (4, 5, 0.5), (5, 6, 9), (5, 7, 9), (6, 7, 9),
    ]
    var dense = [Double](repeating: 0, count: 64)
    for (first, second, weight) in edges {
      dense[first * 8 + second] = weight
      dense[second * 8 + first] = weight
    }
    #expect(Coarsening.match(WeightedGraph(dense: dense, nodes: 8)) == [0, 1, 1, 0, 2, 2, 3, 3])
  }

  @Test("children of a parent are consecutive and cover the level below", arguments: [7, 16, 29], [0, 2])
  func children(side: Int, stochastic: Int) {
    let spec = GraphSpec(side: side, nearest: 8, stochastic: stochastic, thresholdSquared: 20)
    let hierarchy = GraphHierarchy(spec: spec, levels: 4)
    #expect(hierarchy.inputOrder.sorted() == (0..<Int32(side * side)).map { $0 })
    for level in 0...4 {
      for steps in 0...(4 - level) {
        let offsets = hierarchy.children(from: level, steps: steps)
        #expect(offsets.first == 0 && offsets.last == Int32(hierarchy.levels[level].nodes))
        #expect(offsets.count == hierarchy.levels[level + steps].nodes + 1)
        #expect(zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 && $1 - $0 <= 1 << steps })
        expectSameParents(hierarchy, level, steps, offsets)
      }
    }
    #expect(hierarchy.levels[4].positions == hierarchy.levels[4].nodes)
  }

  /// Position k of the coarser level holds positions k · 2^steps ..< (k + 1) · 2^steps of the finer one.
  private func expectSameParents(_ hierarchy: GraphHierarchy, _ level: Int, _ steps: Int, _ offsets: [Int32]) {
    let fine = hierarchy.levels[level].positionOf
    let coarse = hierarchy.levels[level + steps].positionOf
    for parent in 0..<offsets.count - 1 {
      for child in offsets[parent]..<offsets[parent + 1] { #expect(fine[Int(child)] >> steps == coarse[parent]) }
    }
  }

  @Test("rescaled Laplacians are symmetric with a spectrum in [-1, 1]", arguments: [LambdaMax.computed, .two])
  func laplacians(lambdaMax: LambdaMax) {
    let spec = GraphSpec(side: 9, nearest: 8, stochastic: 2, thresholdSquared: 20, lambdaMax: lambdaMax)
    for level in GraphHierarchy(spec: spec, levels: 3).levels {
      let dense = level.laplacian.dense.map { Double($0) }
      for row in 0..<level.nodes {
        for column in 0..<level.nodes {
          #expect(dense[row * level.nodes + column] == dense[column * level.nodes + row])
        }
      }
      let values = eigenvalues(dense, level.nodes)
      #expect(abs(values[0] + 1) < 1e-6)
      #expect(lambdaMax == .two || abs(values[level.nodes - 1] - 1) < 1e-6)
      #expect(values[level.nodes - 1] < 1 + 1e-6)
    }
  }

  /// A pure 4-neighbour grid is bipartite, so its λmax is 2 exactly; n nodes all joined have n / (n − 1).
  @Test("known largest eigenvalues")
  func known() {
    let grid = PixelGraph(spec: GraphSpec(side: 40, nearest: 4, stochastic: 0, thresholdSquared: 1))
    let level = GraphHierarchy(pixelGraph: grid, matchings: [], lambdaMax: .computed).levels[0]
    print("bipartite grid of 1600 nodes: largest eigenvalue off by \(abs(level.lambdaMax - 2))")
    #expect(abs(level.lambdaMax - 2) < 1e-10)
    let complete = PixelGraph(spec: GraphSpec(side: 2, nearest: 3, stochastic: 0, thresholdSquared: 2))
    let all = WeightedGraph(dense: (0..<49).map { $0 % 8 == 0 ? 0 : 1 }, nodes: 7)
    #expect(abs(largest(all) - 7.0 / 6) < 1e-12)
    #expect(largest(complete.adjacency) > 1.2)
    #expect(largest(WeightedGraph(dense: [0], nodes: 1)) == 1)
    #expect(abs(largest(WeightedGraph(dense: [0, 3, 3, 0], nodes: 2)) - 2) < 1e-12)
  }

  @Test("largest eigenvalues of every level match Jacobi's method", arguments: [(4, 0, 8), (8, 2, 20), (4, 6, 20)])
  func jacobi(nearest: Int, stochastic: Int, square: Int) {
    let spec = GraphSpec(side: 11, nearest: nearest, stochastic: stochastic, thresholdSquared: square)
    let coarsening = Coarsening(graph: PixelGraph(spec: spec).adjacency, levels: 5)
    var worst = 0.0
    for graph in coarsening.graphs {
      worst = max(worst, abs(largest(graph) - (eigenvalues(normalised(graph), graph.nodes).last ?? 0)))
    }
    print("\(nearest)+\(stochastic): worst error of an eigenvalue \(worst)")
    #expect(worst < 1e-10)
  }

  @Test("a graph of side 128 builds, every pixel once, in the same way twice")
  func large() {
    let clock = ContinuousClock()
    let spec = GraphSpec(side: 128, nearest: 8, stochastic: 2, thresholdSquared: 20)
    var built: [GraphHierarchy] = []
    let time = clock.measure { built = [GraphHierarchy(spec: spec, levels: 8)] }
    built.append(GraphHierarchy(spec: spec, levels: 8))
    print("side 128, 8 levels: \(time), nodes \(built[0].levels.map(\.nodes)), λ \(built[0].levels.map(\.lambdaMax))")
    #expect(built[0].levels[0].nodes == 16_384)
    #expect(zip(built[0].levels, built[1].levels).allSatisfy { $0.laplacian == $1.laplacian })
  }

  @Test("a matching of three nodes and pooling out of the hierarchy trap")
  func traps() async {
    await #expect(processExitsWith: .failure) {
      let graph = WeightedGraph(dense: [0, 1, 1, 1, 0, 1, 1, 1, 0], nodes: 3)
      _ = Coarsening(graph: graph, matchings: [[0, 0, 0]])
    }
    await #expect(processExitsWith: .failure) {
      let spec = GraphSpec(side: 2, nearest: 2, stochastic: 0, thresholdSquared: 1)
      _ = GraphHierarchy(spec: spec, levels: 1).children(from: 1, steps: 1)
    }
    await #expect(processExitsWith: .failure) { _ = WeightedGraph(dense: [0, 1, 2, 0], nodes: 2) }
  }

  private func largest(_ graph: WeightedGraph) -> Double { graph.largestLaplacianEigenvalue }
}
