// Eq. 2: the normalised Laplacian L = I − D^(−1/2) A D^(−1/2), its largest eigenvalue, and 2 L / λmax − I.
//
// A node without edges has L_ii = 1: its row of D^(−1/2) A D^(−1/2) is zero, and nothing is divided by its degree.

import Kernels

extension WeightedGraph {
  /// λmax of the normalised Laplacian, to about 1e-11; 1 where no node has an edge.
  public var largestLaplacianEigenvalue: Double { Laplacian(self).largestEigenvalue() }
}

/// The normalised Laplacian of one graph.
struct Laplacian {
  let graph: WeightedGraph
  /// d_i^(−1/2), zero for a node without edges.
  let scale: [Double]

  init(_ graph: WeightedGraph) {
    self.graph = graph
    scale = graph.degrees.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
  }

  /// y = L x.
  func multiply(_ x: [Double], into y: inout [Double]) {
    for node in 0..<graph.nodes {
      var sum = 0.0
      for edge in graph.edges(of: node) {
        let other = Int(graph.column[edge])
        sum += graph.weight[edge] * scale[other] * x[other]
      }
      y[node] = x[node] - scale[node] * sum
    }
  }

  /// 2 L / λ − I with rows and columns in another order: row m is node `nodeOf[m]`. Exact zeros are not stored.
  func rescaled(by lambda: Double, nodeOf: [Int32]) -> SparseMatrix {
    var place = [Int32](repeating: 0, count: graph.nodes)
    for (row, node) in nodeOf.enumerated() { place[Int(node)] = Int32(row) }
    var starts: [Int32] = [0]
    var columns: [Int32] = []
    var values: [Float] = []
    for node in nodeOf.map({ Int($0) }) {
      var row: [(column: Int32, value: Float)] = [(place[node], Float(2 / lambda - 1))]
      for edge in graph.edges(of: node) {
        let other = Int(graph.column[edge])
        row.append((place[other], Float(-2 / lambda * (scale[node] * graph.weight[edge] * scale[other]))))
      }
      row.sort { $0.column < $1.column }
      for entry in row where entry.value != 0 {
        columns.append(entry.column)
        values.append(entry.value)
      }
      starts.append(Int32(columns.count))
    }
    return SparseMatrix(rows: graph.nodes, columns: graph.nodes, rowStart: starts, column: columns, value: values)
  }
}
