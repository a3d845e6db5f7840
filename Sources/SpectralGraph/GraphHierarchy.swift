// A graph with its coarser levels, ready for a network: real nodes only, in an order that makes pooling consecutive.
//
// Positions are those of the balanced binary tree of coarsening: the parent at position k has its children at 2k and
// 2k + 1, and where a child is missing the position belongs to a fake node. Fake nodes are never stored or computed:
// level l keeps its real nodes in the order of their positions, so the children of a parent stay neighbours. The
// coarsest level has no fake nodes.

import Kernels

/// One level of a hierarchy.
public struct GraphLevel: Sendable {
  /// Number of real nodes.
  public let nodes: Int
  /// 2 L / λmax − I on the real nodes in coarsened order (Eq. 2), nodes × nodes.
  public let laplacian: SparseMatrix
  /// The largest eigenvalue that rescaled it.
  public let lambdaMax: Double
  /// Number of positions, fake nodes included.
  public let positions: Int
  /// The position of each real node; ascending.
  public let positionOf: [Int32]
  /// The index of each real node in this level's own graph (`Coarsening.graphs`).
  public let nodeOf: [Int32]
}

/// The graphs of one network, finest first.
public struct GraphHierarchy: Sendable {
  /// Pixels along each side of the image.
  public let side: Int
  /// `levels[0]` is the pixel graph, each next one half as large, about.
  public let levels: [GraphLevel]
  /// The pixel of each real node of level 0 in coarsened order.
  public var inputOrder: [Int32] { levels[0].nodeOf }
  /// For each step, the first child of every node of the coarser level, and the end.
  let firstChild: [[Int32]]

  /// Builds graph, coarsening and Laplacians.
  ///
  /// `levels` is how many times the graph is coarsened: the sum of the network's s.
  public init(spec: GraphSpec, levels: Int) {
    let pixels = PixelGraph(spec: spec)
    self.init(side: spec.side, coarsening: Coarsening(graph: pixels.adjacency, levels: levels), spec.lambdaMax)
  }

  /// Takes graph and matchings as given.
  /// - Precondition: the matchings fit the graph, level by level.
  public init(pixelGraph: PixelGraph, matchings: [[Int32]], lambdaMax: LambdaMax) {
    let coarsening = Coarsening(graph: pixelGraph.adjacency, matchings: matchings)
    self.init(side: pixelGraph.spec.side, coarsening: coarsening, lambdaMax)
  }

  private init(side: Int, coarsening: Coarsening, _ lambdaMax: LambdaMax) {
    let order = CoarsenedOrder(coarsening)
    self.side = side
    firstChild = order.firstChild
    levels = coarsening.graphs.indices.map { level in
      let laplacian = Laplacian(coarsening.graphs[level])
      let lambda = lambdaMax == .two ? 2 : laplacian.largestEigenvalue()
      return GraphLevel(
        nodes: laplacian.graph.nodes, laplacian: laplacian.rescaled(by: lambda, nodeOf: order.nodeOf[level]),
        lambdaMax: lambda, positions: order.positions[level], positionOf: order.positionOf[level],
        nodeOf: order.nodeOf[level])
    }
  }

  /// A hierarchy whose parts were checked.
  init(side: Int, levels: [GraphLevel], firstChild: [[Int32]]) {
    self.side = side
    self.levels = levels
    self.firstChild = firstChild
  }

  /// Which nodes of `level` each node of level + steps pools.
  ///
  /// Node j of the coarser level pools nodes `offsets[j] ..< offsets[j + 1]` of the finer one; the result has one
  /// entry more than the coarser level has nodes. With no steps every node is its own child.
  /// - Precondition: both levels exist.
  public func children(from level: Int, steps: Int) -> [Int32] {
    precondition(level >= 0 && steps >= 0 && level + steps < levels.count, "pooling leaves the hierarchy")
    var offsets = (0...Int32(levels[level + steps].nodes)).map { $0 }
    for step in stride(from: level + steps - 1, through: level, by: -1) {
      offsets = offsets.map { firstChild[step][Int($0)] }
    }
    return offsets
  }
}
