// The oracle's graphs reproduced from their choices: adjacency, eigenvalues, order, Laplacian; and our own matching.

import Kernels
import SpectralGraph
import Testing

@Suite("golden graphs")
struct GoldenGraphTests {
  @Test("the oracle's files are there")
  func found() { #expect(GoldenGraph.all.count >= 5) }

  @Test("sigma and the adjacency of every level", arguments: GoldenGraph.all)
  func adjacency(golden: GoldenGraph) {
    let pixels = golden.pixelGraph
    #expect(abs(pixels.sigma - golden.sigma) < 1e-12)
    let coarsening = Coarsening(graph: pixels.adjacency, matchings: golden.matchings)
    #expect(coarsening.graphs.map(\.nodes) == golden.real)
    var worst = 0.0
    for (graph, oracle) in zip(coarsening.graphs, golden.adjacency) {
      worst = max(worst, zip(graph.dense, oracle).map { abs($0 - $1) }.max() ?? .infinity)
    }
    print("\(golden): worst error of an adjacency \(worst)")
    #expect(worst < 1e-13)
  }

  @Test("largest eigenvalues, to 1e-10", arguments: GoldenGraph.all)
  func eigenvalues(golden: GoldenGraph) {
    let hierarchy = GraphHierarchy(pixelGraph: golden.pixelGraph, matchings: golden.matchings, lambdaMax: .computed)
    let worst = zip(hierarchy.levels, golden.lambdaMax).map { abs($0.lambdaMax - $1) }.max() ?? .infinity
    print("\(golden): worst error of an eigenvalue \(worst)")
    #expect(worst < 1e-10)
  }

  @Test("positions, order and rescaled Laplacians", arguments: GoldenGraph.all)
  func laplacians(golden: GoldenGraph) {
    let hierarchy = GraphHierarchy(pixelGraph: golden.pixelGraph, matchings: golden.matchings, lambdaMax: .computed)
    #expect(hierarchy.levels.map(\.positions) == golden.positions)
    for (level, order) in zip(hierarchy.levels, golden.order) {
      #expect(level.nodeOf == order.filter { $0 < level.nodes })
      #expect(level.positionOf == order.indices.filter { order[$0] < level.nodes }.map { Int32($0) })
    }
    var worst = 0.0
    for (level, oracle) in zip(hierarchy.levels, golden.laplacian) {
      let dense = level.laplacian.dense
      for row in 0..<level.nodes {
        for column in 0..<level.nodes {
          let place = Int(level.positionOf[row]) * level.positions + Int(level.positionOf[column])
          worst = max(worst, abs(Double(dense[row * level.nodes + column]) - oracle[place]))
        }
      }
    }
    print("\(golden): worst error of a Laplacian \(worst)")
    #expect(worst < 1e-7)
  }

  /// Goal: nearly as few single nodes as can be. Level by level on the oracle's own graphs, and all the way down.
  @Test(
    "our matching leaves at most 5 % more nodes than the oracle's, and pairs only neighbours",
    arguments: GoldenGraph.all)
  func matching(golden: GoldenGraph) {
    let pixels = golden.pixelGraph
    let theirs = Coarsening(graph: pixels.adjacency, matchings: golden.matchings)
    let ours = Coarsening(graph: pixels.adjacency, levels: golden.matchings.count)
    print("\(golden): nodes \(ours.graphs.map(\.nodes)), oracle \(golden.real)")
    for (level, real) in golden.real.enumerated() {
      #expect(Double(ours.graphs[level].nodes) <= Double(real) * 1.05)
      guard level < golden.matchings.count else { continue }
      expectPairsOfNeighbours(ours.graphs[level], ours.matchings[level])
      let single = Coarsening.match(theirs.graphs[level])
      #expect(Double((single.max() ?? -1) + 1) <= Double(golden.real[level + 1]) * 1.05)
      expectPairsOfNeighbours(theirs.graphs[level], single)
    }
  }
}

/// Clusters are 0 ..< count, of one node, or of two that share an edge.
func expectPairsOfNeighbours(_ graph: WeightedGraph, _ matching: [Int32]) {
  var members = [[Int]](repeating: [], count: Int(matching.max() ?? -1) + 1)
  for (node, cluster) in matching.enumerated() { members[Int(cluster)].append(node) }
  #expect(members.allSatisfy { $0.count == 1 || $0.count == 2 })
  for pair in members where pair.count == 2 {
    #expect(graph.edges(of: pair[0]).contains { graph.column[$0] == pair[1] })
  }
  // No two single nodes could have been paired.
  for single in members where single.count == 1 {
    let others = graph.edges(of: single[0]).map { Int(graph.column[$0]) }
    #expect(others.allSatisfy { members[Int(matching[$0])].count == 2 })
  }
}
