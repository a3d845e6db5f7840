// Coarsening: pairs of neighbours become one node of the next graph, level by level (Graclus, Dhillon 2007).
//
// Pairs maximise the normalised cut w (1/d_i + 1/d_j); ties go to the lower index. Nodes of few and light edges are
// served first, and a node left single takes over a partner whose own partner finds another, so that few stay single.
// A coarser graph sums the weights between clusters; weights within a cluster are dropped.

/// The graphs of every level and which nodes merged.
public struct Coarsening: Sendable {
  /// Level 0 is the finest; one more graph than `matchings`.
  public let graphs: [WeightedGraph]
  /// For each step, the cluster (node of the next level) of every node; one or two nodes a cluster.
  public let matchings: [[Int32]]

  /// Coarsens `levels` times by our own matching.
  public init(graph: WeightedGraph, levels: Int) {
    precondition(levels >= 0, "a graph cannot be coarsened a negative number of times")
    var graphs = [graph]
    var matchings: [[Int32]] = []
    for level in 0..<levels {
      let matching = Self.match(graphs[level])
      graphs.append(Self.merge(graphs[level], by: matching))
      matchings.append(matching)
    }
    self.graphs = graphs
    self.matchings = matchings
  }

  /// Coarsens by given matchings.
  /// - Precondition: each level names a cluster for every node, clusters are 0 ..< count, of one or two nodes.
  public init(graph: WeightedGraph, matchings: [[Int32]]) {
    var graphs = [graph]
    for (level, matching) in matchings.enumerated() { graphs.append(Self.merge(graphs[level], by: matching)) }
    self.graphs = graphs
    self.matchings = matchings
  }

  /// The next graph: weights between clusters summed in the order of the rows, without a diagonal.
  static func merge(_ graph: WeightedGraph, by matching: [Int32]) -> WeightedGraph {
    precondition(matching.count == graph.nodes, "a matching names a cluster for every node")
    let clusters = Int(matching.max() ?? -1) + 1
    var sizes = [Int](repeating: 0, count: clusters)
    for cluster in matching {
      precondition(cluster >= 0, "a cluster cannot be negative")
      sizes[Int(cluster)] += 1
    }
    precondition(sizes.allSatisfy { $0 == 1 || $0 == 2 }, "a cluster has one or two nodes")
    var entries: [WeightedGraph.Entry] = []
    entries.reserveCapacity(graph.column.count)
    for node in 0..<graph.nodes {
      for edge in graph.edges(of: node) {
        let other = matching[Int(graph.column[edge])]
        entries.append(.init(row: matching[node], column: other, weight: graph.weight[edge]))
      }
    }
    return WeightedGraph(nodes: clusters, entries: entries, merge: +)
  }
}
