// Small helpers of these tests: fixed numbers, error measures, a random sparse matrix.

import Kernels

/// Fixed numbers in [-1, 1).
func numbers(_ count: Int, stream: UInt64) -> [Float] {
  var random = CounterRandom(key: 99, stream: stream)
  return (0..<count).map { _ in 2 * random.unit() - 1 }
}

/// ‖ours − oracle‖ / ‖oracle‖.
func relativeError(_ ours: [Float], _ oracle: [Double]) -> Double {
  precondition(ours.count == oracle.count, "compared arrays have one length")
  var difference = 0.0
  var norm = 0.0
  for (left, right) in zip(ours, oracle) {
    difference += (Double(left) - right) * (Double(left) - right)
    norm += right * right
  }
  return (difference / max(norm, 1e-300)).squareRoot()
}

/// The bits of every element, so that NaN and -0 compare too.
func bits(_ x: [Float]) -> [UInt32] { x.map(\.bitPattern) }

/// A square matrix with 0 … 12 entries a row, some rows empty.
func randomMatrix(_ nodes: Int, seed: UInt64) -> SparseMatrix {
  var random = CounterRandom(key: seed, stream: 0)
  var starts: [Int32] = [0]
  var columns: [Int32] = []
  for _ in 0..<nodes {
    columns += random.permutation(nodes).prefix(random.below(min(nodes, 12) + 1)).sorted()
    starts.append(Int32(columns.count))
  }
  let values = numbers(columns.count, stream: seed)
  return SparseMatrix(rows: nodes, columns: nodes, rowStart: starts, column: columns, value: values)
}
