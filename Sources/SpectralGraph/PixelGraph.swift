// Algorithm 1 and Eq. 1: the p + q stochastic graph on the pixels of an image.
//
// Node i is row i / side, column i % side; pixels lie one apart. Candidates of a node are the pixels within the
// threshold, nearest first and lower index first; p are taken from the front and q drawn from the rest, each node
// from its own random stream. A node at a border that has fewer takes all there are.

import Kernels

/// A graph on the pixels of an image.
public struct PixelGraph: Sendable {
  /// What it was made from.
  public let spec: GraphSpec
  /// The neighbours that each node chose: nearest first, then the drawn ones.
  public let chosen: [[Int32]]
  /// σ of Eq. 1, in pixels.
  public let sigma: Double
  /// a_ij = exp(−d² / σ²) on chosen pairs, made symmetric by the larger of both directions.
  public let adjacency: WeightedGraph

  /// Chooses neighbours by Algorithm 1.
  public init(spec: GraphSpec) {
    let offsets = Self.offsets(thresholdSquared: spec.thresholdSquared, side: spec.side)
    let chosen = (0..<spec.side * spec.side).map { Self.neighbours(of: $0, offsets: offsets, spec: spec) }
    self.init(spec: spec, chosen: chosen)
  }

  /// Takes neighbours as given; `nearest`, `stochastic`, threshold and seed of `spec` are not looked at.
  /// - Precondition: one list per pixel, of other pixels of the image.
  public init(spec: GraphSpec, chosen: [[Int32]]) {
    precondition(chosen.count == spec.side * spec.side, "every pixel needs its list of neighbours")
    self.spec = spec
    self.chosen = chosen
    sigma = Self.sigma(spec: spec, chosen: chosen)
    var entries: [WeightedGraph.Entry] = []
    for (node, others) in chosen.enumerated() {
      for other in others {
        precondition(other >= 0 && other < chosen.count && other != node, "a neighbour is another pixel of the image")
        let square = Double(Self.squaredDistance(node, Int(other), side: spec.side))
        let weight = exponential(-square / (sigma * sigma))
        entries.append(.init(row: Int32(node), column: other, weight: weight))
        entries.append(.init(row: other, column: Int32(node), weight: weight))
      }
    }
    adjacency = WeightedGraph(nodes: chosen.count, entries: entries, merge: max)
  }

  /// Squared distance of two pixels.
  public static func squaredDistance(_ first: Int, _ second: Int, side: Int) -> Int {
    let rows = first / side - second / side
    let columns = first % side - second % side
    return rows * rows + columns * columns
  }

  /// Displacements within the threshold by (d², index): within one distance, rows then columns ascend like indices.
  private static func offsets(thresholdSquared: Int, side: Int) -> [(row: Int, column: Int)] {
    var reach = 0
    while reach + 1 < side && (reach + 1) * (reach + 1) <= thresholdSquared { reach += 1 }
    var found: [(square: Int, row: Int, column: Int)] = []
    for row in -reach...reach {
      for column in -reach...reach {
        let square = row * row + column * column
        if square > 0 && square <= thresholdSquared { found.append((square, row, column)) }
      }
    }
    return found.sorted { ($0.square, $0.row, $0.column) < ($1.square, $1.row, $1.column) }.map { ($0.row, $0.column) }
  }

  private static func neighbours(of node: Int, offsets: [(row: Int, column: Int)], spec: GraphSpec) -> [Int32] {
    let inside = 0..<spec.side
    let (row, column) = node.quotientAndRemainder(dividingBy: spec.side)
    let candidates = offsets.compactMap { offset -> Int32? in
      guard inside.contains(row + offset.row), inside.contains(column + offset.column) else { return nil }
      return Int32((row + offset.row) * spec.side + column + offset.column)
    }
    var rest = Array(candidates.dropFirst(spec.nearest))
    var random = CounterRandom(key: spec.seed, stream: UInt64(node))
    let drawn = min(spec.stochastic, rest.count)
    for place in 0..<drawn { rest.swapAt(place, place + random.below(rest.count - place)) }
    return Array(candidates.prefix(spec.nearest)) + rest.prefix(drawn)
  }

  private static func sigma(spec: GraphSpec, chosen: [[Int32]]) -> Double {
    let side = spec.side
    var sum = 0.0
    for node in 0..<side * side {
      let farthest =
        switch spec.sigma {
        case .selected: chosen[node].map { squaredDistance(node, Int($0), side: side) }.max() ?? 0
        case .pixel: cornerDistance(node, side: side)
        }
      sum += Double(farthest).squareRoot()
    }
    return sum / Double(side * side)
  }

  /// Squared distance to the farthest pixel, which is a corner.
  private static func cornerDistance(_ node: Int, side: Int) -> Int {
    let row = max(node / side, side - 1 - node / side)
    let column = max(node % side, side - 1 - node % side)
    return row * row + column * column
  }
}
