// Sparse matrix times features: the hop of a Chebyshev layer (Eq. 3).
//
// A product may make some rows only, so that the dense product can take a block of them while it lies in the L1 cache.
// Every element is one sum over the row's entries in the order of their columns, whatever the width: avx2 and avx512
// fuse each step and agree bit by bit.

import CKernels

/// y = M x.
///
/// Shapes: `x` M.columns × width, `y` M.rows × width, rows `xStride` and `yStride` floats apart.
/// - Precondition: `y` does not overlap `x`.
public func sparseProduct(
  _ m: SparseMatrix, _ x: UnsafePointer<Float>, stride xStride: Int, width: Int,
  into y: UnsafeMutablePointer<Float>, stride yStride: Int
) {
  hop(m, 0..<m.rows, Strided(x, xStride), nil, width, y, yStride)
}

/// y = 2 M t1 − t2, the Chebyshev recurrence T_k = 2 L T_{k−1} − T_{k−2}.
///
/// Shapes: all M.rows × width, rows the given strides apart; M is square.
/// - Precondition: `y` does not overlap `t1`; it may be the same memory as `t2` (with the same stride).
public func chebyshevStep(
  _ m: SparseMatrix, _ t1: UnsafePointer<Float>, stride t1Stride: Int, _ t2: UnsafePointer<Float>,
  stride t2Stride: Int, width: Int, into y: UnsafeMutablePointer<Float>, stride yStride: Int
) {
  precondition(m.rows == m.columns, "the Chebyshev recurrence needs a square matrix")
  hop(m, 0..<m.rows, Strided(t1, t1Stride), Strided(t2, t2Stride), width, y, yStride)
}

/// y = M x with rows side by side without gaps: `x` M.columns × width, `y` M.rows × width.
/// - Parameter rows: which rows of `y` are set; all where it is nil. The others stay.
public func sparseProduct(
  _ m: SparseMatrix, rows: Range<Int>? = nil, _ x: UnsafePointer<Float>, width: Int,
  into y: UnsafeMutablePointer<Float>
) {
  hop(m, rows ?? 0..<m.rows, Strided(x, width), nil, width, y, width)
}

/// y = 2 M t1 − t2 with rows without gaps; `y` may be `t2`.
/// - Parameter rows: which rows of `y` are set; all where it is nil. The others stay.
public func chebyshevStep(
  _ m: SparseMatrix, rows: Range<Int>? = nil, _ t1: UnsafePointer<Float>, _ t2: UnsafePointer<Float>, width: Int,
  into y: UnsafeMutablePointer<Float>
) {
  precondition(m.rows == m.columns, "the Chebyshev recurrence needs a square matrix")
  hop(m, rows ?? 0..<m.rows, Strided(t1, width), Strided(t2, width), width, y, width)
}

/// Features whose rows lie `stride` floats apart.
struct Strided {
  let pointer: UnsafePointer<Float>
  let stride: Int

  init(_ pointer: UnsafePointer<Float>, _ stride: Int) {
    self.pointer = pointer
    self.stride = stride
  }

  /// The row's first float.
  func row(_ row: Int) -> UnsafePointer<Float> { pointer + row * stride }
}

/// Some rows of y = M x, or of y = 2 M x − t2.
private func hop(
  _ m: SparseMatrix, _ rows: Range<Int>, _ x: Strided, _ t2: Strided?, _ width: Int, _ y: UnsafeMutablePointer<Float>,
  _ yStride: Int
) {
  checkShape(width, min(x.stride, t2?.stride ?? x.stride), yStride)
  precondition(rows.lowerBound >= 0 && rows.upperBound <= m.rows, "rows of another matrix")
  let first = rows.lowerBound
  let (earlier, target) = (t2?.row(first), y + first * yStride)
  m.rowStart.withUnsafeBufferPointer { starts in
    guard let start = starts.baseAddress.map({ $0 + first }) else { return }
    switch NumericClass.selected {
    case .generic: PlainKernels.hop(m, rows, x, t2, width, y, yStride)
    case .avx2:
      microfold_hop_avx2(
        start, m.column, m.value, rows.count, x.pointer, x.stride, earlier, t2?.stride ?? 0, width, target, yStride)
    case .avx512:
      microfold_hop_avx512(
        start, m.column, m.value, rows.count, x.pointer, x.stride, earlier, t2?.stride ?? 0, width, target, yStride)
    }
  }
}

private func checkShape(_ width: Int, _ inputStride: Int, _ outputStride: Int) {
  precondition(width > 0, "a sparse product needs at least one column of features")
  precondition(inputStride >= width && outputStride >= width, "rows of features must not overlap")
}
