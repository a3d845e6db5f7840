// An oracle for eigenvalues: Jacobi's rotations, slow and sure.

import SpectralGraph

/// I − D^(−1/2) A D^(−1/2), dense.
func normalised(_ graph: WeightedGraph) -> [Double] {
  let degrees = graph.degrees
  var dense = graph.dense
  for row in 0..<graph.nodes {
    for column in 0..<graph.nodes {
      let place = row * graph.nodes + column
      if dense[place] != 0 { dense[place] /= -(degrees[row] * degrees[column]).squareRoot() }
      if row == column { dense[place] += 1 }
    }
  }
  return dense
}

/// The eigenvalues of a dense symmetric matrix, ascending.
func eigenvalues(_ matrix: [Double], _ n: Int) -> [Double] {
  var a = matrix
  for _ in 0..<60 {
    var off = 0.0
    for row in 0..<n { for column in 0..<row { off += a[row * n + column] * a[row * n + column] } }
    if off < 1e-26 { break }
    for p in 0..<n { for q in (p + 1)..<max(n, p + 1) { rotate(&a, n, p, q) } }
  }
  return (0..<n).map { a[$0 * n + $0] }.sorted()
}

private func rotate(_ a: inout [Double], _ n: Int, _ p: Int, _ q: Int) {
  let beside = a[p * n + q]
  if abs(beside) < 1e-300 { return }
  let angle = (a[q * n + q] - a[p * n + p]) / (2 * beside)
  let tangent = (angle < 0 ? -1 : 1) / (abs(angle) + (angle * angle + 1).squareRoot())
  let cosine = 1 / (tangent * tangent + 1).squareRoot()
  let sine = tangent * cosine
  for k in 0..<n {
    let (left, right) = (a[k * n + p], a[k * n + q])
    a[k * n + p] = cosine * left - sine * right
    a[k * n + q] = sine * left + cosine * right
  }
  for k in 0..<n {
    let (upper, lower) = (a[p * n + k], a[q * n + k])
    a[p * n + k] = cosine * upper - sine * lower
    a[q * n + k] = sine * upper + cosine * lower
  }
}
