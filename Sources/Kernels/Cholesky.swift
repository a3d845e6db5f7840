// Small symmetric systems in Double: ridge regression. Plain Swift, so every machine gives the same bits.
//
// Eight pivots are subtracted from the rest at a time, one after the other, so that the rest is read and written an
// eighth as often; every number is the same chain of operations as with one pivot at a time.

/// Solves A X = B for a symmetric positive definite A.
///
/// Shapes: `a` n × n row-major, of which only the upper triangle is read (it is overwritten by the factor U, A = Uᵀ U);
/// `b` n × columns row-major, overwritten by X.
/// - Throws: `notPositiveDefinite` where a pivot is not positive.
/// - Complexity: n³ / 6 multiplications.
public func choleskySolve(
  _ a: inout [Double], order n: Int, _ b: inout [Double], columns: Int
) throws(KernelError) {
  precondition(a.count == n * n && b.count == n * columns, "the sizes of a linear system must agree")
  let failed = a.withUnsafeMutableBufferPointer { a in
    b.withUnsafeMutableBufferPointer { b in solve(a, n, b, columns) }
  }
  if let failed { throw .notPositiveDefinite(row: failed) }
}

private let pivotsAtOnce = 8

/// The row whose pivot failed, or nil.
private func solve(
  _ a: UnsafeMutableBufferPointer<Double>, _ n: Int, _ b: UnsafeMutableBufferPointer<Double>, _ columns: Int
) -> Int? {
  for first in stride(from: 0, to: n, by: pivotsAtOnce) {
    let pivots = first..<min(first + pivotsAtOnce, n)
    for pivot in pivots {
      let square = a[pivot * n + pivot]
      guard square > 0, square < .infinity else { return pivot }
      let inverse = 1 / square.squareRoot()
      for column in pivot..<n { a[pivot * n + column] *= inverse }
      for column in 0..<columns { b[pivot * columns + column] *= inverse }
      for row in pivot + 1..<pivots.upperBound { subtract(pivot..<pivot + 1, from: row, a, n) }
      for row in pivot + 1..<max(n, pivot + 1) {
        let factor = a[pivot * n + row]
        for column in 0..<columns { b[row * columns + column] -= factor * b[pivot * columns + column] }
      }
    }
    for row in pivots.upperBound..<n { subtract(pivots, from: row, a, n) }
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

/// Takes finished pivot rows, each times its number above the row's diagonal, from the rest of a row.
private func subtract(_ pivots: Range<Int>, from row: Int, _ a: UnsafeMutableBufferPointer<Double>, _ n: Int) {
  guard let base = a.baseAddress, pivots.count == pivotsAtOnce else {
    for pivot in pivots {
      let factor = a[pivot * n + row]
      for column in row..<n { a[row * n + column] -= factor * a[pivot * n + column] }
    }
    return
  }
  let first = base + pivots.lowerBound * n
  let target = base + row * n
  let factors = (0..<pivotsAtOnce).reduce(into: SIMD8<Double>.zero) { $0[$1] = first[$1 * n + row] }
  let whole = row + (n - row) / 8 * 8
  for column in stride(from: row, to: whole, by: 8) {
    let place = UnsafeMutableRawPointer(target + column)
    var low = place.loadUnaligned(as: SIMD4<Double>.self)
    var high = place.loadUnaligned(fromByteOffset: 32, as: SIMD4<Double>.self)
    for pivot in 0..<pivotsAtOnce {
      let source = UnsafeRawPointer(first + pivot * n + column)
      low -= factors[pivot] * source.loadUnaligned(as: SIMD4<Double>.self)
      high -= factors[pivot] * source.loadUnaligned(fromByteOffset: 32, as: SIMD4<Double>.self)
    }
    place.storeBytes(of: low, as: SIMD4<Double>.self)
    place.storeBytes(of: high, toByteOffset: 32, as: SIMD4<Double>.self)
  }
  for column in whole..<n {
    for pivot in 0..<pivotsAtOnce { target[column] -= factors[pivot] * first[pivot * n + column] }
  }
}
