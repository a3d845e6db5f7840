// The largest eigenvalue by the Lanczos method, in Double, from a fixed start.
//
// Without reorthogonalisation the method makes copies of eigenvalues it has found, but the largest one stays right
// (Paige 1972), and three vectors are all the memory. The largest Ritz value only grows towards λmax, so it has
// arrived when it stops.

import Kernels

extension Laplacian {
  /// The largest eigenvalue, to about 1e-11; 1 for a graph without edges.
  func largestEigenvalue() -> Double {
    let nodes = graph.nodes
    guard !graph.column.isEmpty else { return 1 }
    var random = CounterRandom(key: 0x6C61_6E63_7A6F_73, stream: UInt64(nodes))
    var current = (0..<nodes).map { _ in Double(random.normal()) }
    normalise(&current)
    var earlier = [Double](repeating: 0, count: nodes)
    var product = earlier
    var diagonal: [Double] = []
    var beside: [Double] = []
    var largest = 0.0
    while diagonal.count < Self.stepsAtMost {
      multiply(current, into: &product)
      let alpha = dot(product, current)
      diagonal.append(alpha)
      let beta = beside.last ?? 0
      for node in 0..<nodes { product[node] -= alpha * current[node] + beta * earlier[node] }
      let rest = normalise(&product)
      let ended = rest < 1e-13
      if ended || diagonal.count % Self.stepsBetweenLooks == 0 {
        let found = Self.largestEigenvalue(diagonal: diagonal, beside: beside)
        if ended || found - largest < 1e-13 { return max(found, largest) }
        largest = found
      }
      beside.append(rest)
      (earlier, current, product) = (current, product, earlier)
    }
    return largest
  }

  private static let stepsBetweenLooks = 24
  private static let stepsAtMost = 6_000

  /// Divides by the norm and returns it.
  @discardableResult
  private func normalise(_ x: inout [Double]) -> Double {
    let norm = dot(x, x).squareRoot()
    if norm > 0 { for node in x.indices { x[node] /= norm } }
    return norm
  }

  private func dot(_ x: [Double], _ y: [Double]) -> Double {
    var sum = 0.0
    for node in x.indices { sum += x[node] * y[node] }
    return sum
  }

  /// The largest eigenvalue of a symmetric tridiagonal matrix by bisection on Sturm counts.
  static func largestEigenvalue(diagonal: [Double], beside: [Double]) -> Double {
    var low = diagonal.max() ?? 0
    var high = low
    for row in diagonal.indices {
      let before = row > 0 ? abs(beside[row - 1]) : 0
      let after = row < diagonal.count - 1 ? abs(beside[row]) : 0
      high = max(high, diagonal[row] + before + after)
    }
    while true {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { return high }
      if isAboveAll(middle, diagonal, beside) { high = middle } else { low = middle }
    }
  }

  /// Whether every pivot of T − x I is negative, so that no eigenvalue lies at or above x.
  private static func isAboveAll(_ x: Double, _ diagonal: [Double], _ beside: [Double]) -> Bool {
    var pivot = diagonal[0] - x
    for row in 1..<max(diagonal.count, 1) {
      if pivot >= 0 { return false }
      pivot = diagonal[row] - x - beside[row - 1] * beside[row - 1] / pivot
    }
    return pivot < 0
  }
}
