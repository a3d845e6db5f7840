// An undirected weighted graph in Double: what adjacency is while graphs are built.

/// A symmetric adjacency by rows (CSR) without loops; the columns of each row ascend.
public struct WeightedGraph: Sendable, Equatable {
  /// Number of nodes.
  public let nodes: Int
  /// Where each node's edges start; one more entry than nodes.
  public let rowStart: [Int32]
  /// The other node of each edge; every edge stands in both of its rows.
  public let column: [Int32]
  /// The weight of each edge.
  public let weight: [Double]

  /// One directed entry of an adjacency.
  struct Entry {
    var row: Int32
    var column: Int32
    var weight: Double
  }

  /// The graph of these entries; those at one place are merged in the order given, loops are left out.
  ///
  /// Callers give both directions of every edge.
  init(nodes: Int, entries: [Entry], merge: (Double, Double) -> Double) {
    var starts = [Int32](repeating: 0, count: nodes + 1)
    for entry in entries where entry.row != entry.column { starts[Int(entry.row) + 1] += 1 }
    for node in 0..<nodes { starts[node + 1] += starts[node] }
    var next = starts
    var slots = [Int32](repeating: 0, count: Int(starts[nodes]))
    for (index, entry) in entries.enumerated() where entry.row != entry.column {
      slots[Int(next[Int(entry.row)])] = Int32(index)
      next[Int(entry.row)] += 1
    }
    var rowStart: [Int32] = [0]
    var column: [Int32] = []
    var weight: [Double] = []
    for node in 0..<nodes {
      // By column, then as given: equal places stay in a fixed order, so their sum has fixed bits.
      let row = slots[Int(starts[node])..<Int(starts[node + 1])].sorted {
        (entries[Int($0)].column, $0) < (entries[Int($1)].column, $1)
      }
      let first = column.count
      for slot in row {
        let entry = entries[Int(slot)]
        if column.count > first, column[column.count - 1] == entry.column {
          weight[weight.count - 1] = merge(weight[weight.count - 1], entry.weight)
        } else {
          column.append(entry.column)
          weight.append(entry.weight)
        }
      }
      rowStart.append(Int32(column.count))
    }
    self.nodes = nodes
    self.rowStart = rowStart
    self.column = column
    self.weight = weight
  }

  /// The graph of a dense symmetric matrix (nodes × nodes, row-major); its diagonal is ignored.
  /// - Precondition: the matrix is square and symmetric, weights are not negative.
  public init(dense: [Double], nodes: Int) {
    precondition(dense.count == nodes * nodes, "a dense adjacency has nodes × nodes weights")
    var entries: [Entry] = []
    for row in 0..<nodes {
      for column in 0..<nodes where dense[row * nodes + column] != 0 {
        let weight = dense[row * nodes + column]
        precondition(weight > 0 && weight == dense[column * nodes + row], "an adjacency is symmetric and positive")
        entries.append(Entry(row: Int32(row), column: Int32(column), weight: weight))
      }
    }
    self.init(nodes: nodes, entries: entries) { left, _ in left }
  }

  /// The places of a node's edges in `column` and `weight`.
  public func edges(of node: Int) -> Range<Int> { Int(rowStart[node])..<Int(rowStart[node + 1]) }

  /// Sum of the weights at every node, in the order of the columns.
  public var degrees: [Double] {
    (0..<nodes).map { node in edges(of: node).reduce(0) { $0 + weight[$1] } }
  }

  /// All weights as nodes × nodes, row-major.
  public var dense: [Double] {
    var all = [Double](repeating: 0, count: nodes * nodes)
    for node in 0..<nodes { for edge in edges(of: node) { all[node * nodes + Int(column[edge])] = weight[edge] } }
    return all
  }
}
