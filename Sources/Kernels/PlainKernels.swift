// The plain Swift twin of every C kernel: the oracle of the tests and the whole of numeric class `generic`.
//
// Written for reading, not for speed. Nothing is fused and nothing reordered: each sum runs in index order.

/// Plain loops, one function per C kernel.
package enum PlainKernels {
  /// y = M x; see `sparseProduct`.
  package static func sparseProduct(
    _ m: SparseMatrix, _ x: UnsafePointer<Float>, _ xStride: Int, _ width: Int, _ y: UnsafeMutablePointer<Float>,
    _ yStride: Int
  ) {
    hop(m, 0..<m.rows, Strided(x, xStride), nil, width, y, yStride)
  }

  /// y = 2 M t1 − t2; see `chebyshevStep`.
  package static func chebyshevStep(
    _ m: SparseMatrix, _ t1: UnsafePointer<Float>, _ t1Stride: Int, _ t2: UnsafePointer<Float>, _ t2Stride: Int,
    _ width: Int, _ y: UnsafeMutablePointer<Float>, _ yStride: Int
  ) {
    hop(m, 0..<m.rows, Strided(t1, t1Stride), Strided(t2, t2Stride), width, y, yStride)
  }

  /// Some rows of y = M x, or of y = 2 M x − t2.
  static func hop(
    _ m: SparseMatrix, _ rows: Range<Int>, _ x: Strided, _ t2: Strided?, _ width: Int,
    _ y: UnsafeMutablePointer<Float>, _ yStride: Int
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { sum in
      guard let start = sum.baseAddress else { return }
      for row in rows {
        for column in 0..<width { start[column] = 0 }
        addRow(m, row, x.pointer, x.stride, width, start)
        let target = y + row * yStride
        if let earlier = t2?.row(row) {
          for column in 0..<width { target[column] = 2 * start[column] - earlier[column] }
        } else {
          for column in 0..<width { target[column] = start[column] }
        }
      }
    }
  }

  private static func addRow(
    _ m: SparseMatrix, _ row: Int, _ x: UnsafePointer<Float>, _ stride: Int, _ width: Int,
    _ sum: UnsafeMutablePointer<Float>
  ) {
    for entry in Int(m.rowStart[row])..<Int(m.rowStart[row + 1]) {
      let source = x + Int(m.column[entry]) * stride
      let value = m.value[entry]
      for column in 0..<width { sum[column] += value * source[column] }
    }
  }

  /// C = alpha · op(A) op(B) + beta · C, row-major; see `gemm`.
  package static func gemm(
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Float, _ a: UnsafePointer<Float>,
    _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(n * (transposeB ? k + 1 : 1), 1)) { memory in
      guard let sum = memory.baseAddress else { return }
      var rows = b
      var step = ldb
      if transposeB {
        let flipped = sum + n
        for column in 0..<n { for row in 0..<k { flipped[row * n + column] = b[column * ldb + row] } }
        rows = UnsafePointer(flipped)
        step = n
      }
      for row in 0..<m {
        for column in 0..<n { sum[column] = 0 }
        for inner in 0..<k {
          let factor = transposeA ? a[inner * lda + row] : a[row * lda + inner]
          let source = rows + inner * step
          for column in 0..<n { sum[column] += factor * source[column] }
        }
        let target = c + row * ldc
        for column in 0..<n { target[column] = alpha * sum[column] + (beta == 0 ? 0 : beta * target[column]) }
      }
    }
  }
}
