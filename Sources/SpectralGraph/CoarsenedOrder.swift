// The order of nodes that makes pooling consecutive, from the coarsest level down.

/// Real nodes of every level in coarsened order.
struct CoarsenedOrder {
  /// For each level, the node at each place of the order.
  private(set) var nodeOf: [[Int32]]
  /// For each level, the position (fake nodes counted) of each place of the order.
  private(set) var positionOf: [[Int32]]
  /// For each level, its number of positions.
  private(set) var positions: [Int]
  /// For each step, the place of the first child of every place of the coarser level, and the end.
  private(set) var firstChild: [[Int32]]

  /// The coarsest level stands in the order of its indices; children of a parent ascend.
  init(_ coarsening: Coarsening) {
    let last = coarsening.graphs[coarsening.graphs.count - 1].nodes
    nodeOf = [(0..<Int32(last)).map { $0 }]
    positionOf = nodeOf
    positions = [last]
    firstChild = []
    for matching in coarsening.matchings.reversed() { descend(matching) }
    nodeOf.reverse()
    positionOf.reverse()
    positions.reverse()
    firstChild.reverse()
  }

  private mutating func descend(_ matching: [Int32]) {
    let parents = nodeOf[nodeOf.count - 1]
    let parentPositions = positionOf[positionOf.count - 1]
    var kids = [[Int32]](repeating: [], count: parents.count)
    for (node, cluster) in matching.enumerated() { kids[Int(cluster)].append(Int32(node)) }
    var nodes: [Int32] = []
    var places: [Int32] = []
    var first: [Int32] = [0]
    for (parent, position) in zip(parents, parentPositions) {
      for (rank, kid) in kids[Int(parent)].enumerated() {
        nodes.append(kid)
        places.append(2 * position + Int32(rank))
      }
      first.append(Int32(nodes.count))
    }
    nodeOf.append(nodes)
    positionOf.append(places)
    positions.append(2 * positions[positions.count - 1])
    firstChild.append(first)
  }
}
