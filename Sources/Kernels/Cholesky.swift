// Small symmetric systems in Double: ridge regression. Plain Swift, so every machine gives the same bits.

/// Solves A X = B for a symmetric positive definite A.
///
/// Shapes: `a` n × n row-major, of which only the upper triangle is read (it is overwritten by the factor U, A = Uᵀ U);
/// `b` n × columns row-major, overwritten by X.
/// - Throws: `notPositiveDefinite` where a pivot is not positive.
/// - Complexity: n³ / 3 multiplications.
public func choleskySolve(
  _ a: inout [Double], order n: Int, _ b: inout [Double], columns: Int
) throws(KernelError) {
  precondition(a.count == n * n && b.count == n * columns, "the sizes of a linear system must agree")
  let failed = a.withUnsafeMutableBufferPointer { a in
    b.withUnsafeMutableBufferPointer { b in solve(a, n, b, columns) }
  }
  if let failed { throw .notPositiveDefinite(row: failed) }
}

/// The row whose pivot failed, or nil.
private func solve(
  _ a: UnsafeMutableBufferPointer<Double>, _ n: Int, _ b: UnsafeMutableBufferPointer<Double>, _ columns: Int
) -> Int? {
  for pivot in 0..<n {
    let square = a[pivot * n + pivot]
    guard square > 0, square < .infinity else { return pivot }
    let inverse = 1 / square.squareRoot()
    for column in pivot..<n { a[pivot * n + column] *= inverse }
    for column in 0..<columns { b[pivot * columns + column] *= inverse }
    for row in pivot + 1..<max(n, pivot + 1) {
      let factor = a[pivot * n + row]
      for column in row..<n { a[row * n + column] -= factor * a[pivot * n + column] }
      for column in 0..<columns { b[row * columns + column] -= factor * b[pivot * columns + column] }
    }
  }
  for row in stride(from: n - 1, through: 0, by: -1) {
    let inverse = 1 / a[row * n + row]
    for later in row + 1..<max(n, row + 1) {
      let factor = a[row * n + later]
      for column in 0..<columns { b[row * columns + column] -= factor * b[later * columns + column] }
    }
    for column in 0..<columns { b[row * columns + column] *= inverse }
  }
  return nil
}
