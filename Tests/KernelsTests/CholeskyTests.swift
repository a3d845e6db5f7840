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
