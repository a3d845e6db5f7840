// Dense products against sums in Double: every transposition, gaps between rows, odd sizes.

import Kernels
import Testing

@Suite("matrix product")
struct MatrixProductTests {
  static let sizes = [
    (1, 1, 1), (2, 3, 5), (7, 5, 3), (17, 31, 13), (61, 19, 157), (1, 37, 512), (149, 64, 97), (5, 1, 7),
  ]

  @Test("gemm matches sums in Double", arguments: sizes, [(false, false), (true, false), (false, true), (true, true)])
  func oracle(size: (Int, Int, Int), transposed: (Bool, Bool)) {
    let product = Product(size: size, transposed: transposed)
    for (alpha, beta) in [(1, 0), (0.5, 1), (-2, 0.25)] as [(Float, Float)] {
      let oracle = product.oracle(alpha, beta)
      #expect(relativeError(product.selected(alpha, beta), oracle) < 2e-6)
      #expect(relativeError(product.plain(alpha, beta), oracle) < 2e-6)
    }
  }

  @Test("with beta zero the old values do not matter, not even NaN")
  func betaZero() {
    var c: [Float] = [.nan, .nan]
    gemm(m: 1, n: 2, k: 1, a: [3], lda: 1, b: [4, 5], ldb: 2, c: &c, ldc: 2)
    #expect(c == [12, 15])
    c = [.nan, .nan]
    PlainKernels.gemm(false, false, 1, 2, 1, 1, [3], 1, [4, 5], 2, 0, &c, 2)
    #expect(c == [12, 15])
  }

  @Test("an empty inner size scales C alone")
  func emptyInner() {
    var c: [Float] = [2, 4]
    gemm(m: 1, n: 2, k: 0, a: [0], lda: 0, b: [0], ldb: 2, beta: 0.5, c: &c, ldc: 2)
    #expect(c == [1, 2])
  }

  @Test("rows that overlap trap")
  func overlap() async {
    await #expect(processExitsWith: .failure) {
      var c: [Float] = [0, 0]
      gemm(m: 1, n: 2, k: 2, a: [1, 2], lda: 1, b: [1, 2, 3, 4], ldb: 2, c: &c, ldc: 2)
    }
  }
}

/// One product with gaps of 2, 1 and 4 floats behind the rows of A, B and C.
private struct Product {
  let m: Int, n: Int, k: Int
  let transposeA: Bool, transposeB: Bool
  let lda: Int, ldb: Int, ldc: Int
  let a: [Float], b: [Float], c: [Float]

  init(size: (Int, Int, Int), transposed: (Bool, Bool)) {
    (m, n, k) = size
    (transposeA, transposeB) = transposed
    lda = (transposeA ? m : k) + 2
    ldb = (transposeB ? k : n) + 1
    ldc = n + 4
    a = numbers((transposeA ? k : m) * lda, stream: 31)
    b = numbers((transposeB ? n : k) * ldb, stream: 32)
    c = numbers(m * ldc, stream: 33)
  }

  private func inner(_ all: [Float]) -> [Float] { all.indices.filter { $0 % ldc < n }.map { all[$0] } }

  func selected(_ alpha: Float, _ beta: Float) -> [Float] {
    var result = c
    gemm(
      transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: alpha, a: a, lda: lda, b: b, ldb: ldb,
      beta: beta, c: &result, ldc: ldc)
    return inner(result)
  }

  func plain(_ alpha: Float, _ beta: Float) -> [Float] {
    var result = c
    PlainKernels.gemm(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, &result, ldc)
    return inner(result)
  }

  func oracle(_ alpha: Float, _ beta: Float) -> [Double] {
    var result: [Double] = []
    for row in 0..<m {
      for column in 0..<n {
        var sum = 0.0
        for index in 0..<k {
          let left = transposeA ? a[index * lda + row] : a[row * lda + index]
          let right = transposeB ? b[column * ldb + index] : b[index * ldb + column]
          sum += Double(left) * Double(right)
        }
        result.append(Double(alpha) * sum + Double(beta) * Double(c[row * ldc + column]))
      }
    }
    return result
  }
}
