// Solving symmetric systems.

import Kernels
import Testing

@Suite("cholesky")
struct CholeskyTests {
  /// Method: A = Gᵀ G + I of random G, X known, B = A X.
  @Test("a known solution comes back", arguments: [1, 2, 7, 31, 97])
  func solves(n: Int) throws {
    let g = numbers(n * n, stream: UInt64(n)).map { Double($0) }
    let known = numbers(n * 3, stream: 5).map { Double($0) }
    var a = [Double](repeating: 0, count: n * n)
    for row in 0..<n {
      for column in 0..<n {
        a[row * n + column] = (0..<n).reduce(row == column ? 1 : 0) { $0 + g[$1 * n + row] * g[$1 * n + column] }
      }
    }
    var b = (0..<n * 3).map { place in
      (0..<n).reduce(0) { $0 + a[place / 3 * n + $1] * known[$1 * 3 + place % 3] }
    }
    try choleskySolve(&a, order: n, &b, columns: 3)
    let worst = zip(b, known).map { abs($0 - $1) }.max() ?? 0
    print("cholesky \(n): worst error \(worst)")
    #expect(worst < 1e-10)
  }

  /// Goal: eight pivots at a time change no bit. Method: the same operations one pivot at a time.
  @Test("the bits are those of one pivot at a time", arguments: [7, 8, 9, 40, 61])
  func oneByOne(n: Int) throws {
    let g = numbers(n * n, stream: 3).map { Double($0) }
    var a = g.indices.map { place in
      (0..<n).reduce(place / n == place % n ? 1.0 : 0) { $0 + g[$1 * n + place / n] * g[$1 * n + place % n] }
    }
    var b = numbers(n * 2, stream: 4).map { Double($0) }
    var (plain, right) = (a, b)
    for pivot in 0..<n {
      let inverse = 1 / plain[pivot * n + pivot].squareRoot()
      for column in pivot..<n { plain[pivot * n + column] *= inverse }
      for column in 0..<2 { right[pivot * 2 + column] *= inverse }
      for row in pivot + 1..<max(n, pivot + 1) {
        let factor = plain[pivot * n + row]
        for column in row..<n { plain[row * n + column] -= factor * plain[pivot * n + column] }
        for column in 0..<2 { right[row * 2 + column] -= factor * right[pivot * 2 + column] }
      }
    }
    for row in (0..<n).reversed() {
      for later in row + 1..<max(n, row + 1) {
        for column in 0..<2 { right[row * 2 + column] -= plain[row * n + later] * right[later * 2 + column] }
      }
      for column in 0..<2 { right[row * 2 + column] *= 1 / plain[row * n + row] }
    }
    try choleskySolve(&a, order: n, &b, columns: 2)
    #expect(b == right)
  }

  @Test("a matrix that is not positive definite is refused with its row")
  func indefinite() {
    #expect(throws: KernelError.notPositiveDefinite(row: 1)) {
      var a: [Double] = [1, 2, 2, 1]
      var b: [Double] = [1, 1]
      try choleskySolve(&a, order: 2, &b, columns: 1)
    }
    #expect(throws: KernelError.notPositiveDefinite(row: 0)) {
      var a: [Double] = [.nan]
      var b: [Double] = [1]
      try choleskySolve(&a, order: 1, &b, columns: 1)
    }
    #expect("\(KernelError.notPositiveDefinite(row: 1))".contains("row 1"))
  }
}
