// Sparse matrix times features: the hop of a Chebyshev layer (Eq. 3).
//
// Rows of features lie `stride` floats apart, so that T_0 … T_{K-1} of a layer can stand side by side in one block
// [nodes, K · width] and meet the weights in a single dense product. Every element is one sum over the row's entries
// in the order of their columns, whatever the width: avx2 and avx512 fuse each step and agree bit by bit.

import CKernels

/// y = M x.
///
/// Shapes: `x` M.columns × width, `y` M.rows × width, rows `xStride` and `yStride` floats apart.
/// - Precondition: `y` does not overlap `x`.
public func sparseProduct(
  _ m: SparseMatrix, _ x: UnsafePointer<Float>, stride xStride: Int, width: Int,
  into y: UnsafeMutablePointer<Float>, stride yStride: Int
) {
  checkShape(width, xStride, yStride)
  switch NumericClass.selected {
  case .generic: PlainKernels.sparseProduct(m, x, xStride, width, y, yStride)
  case .avx2:
    microfold_hop_avx2(
      m.rowStart, m.column, m.value, m.rows, x, xStride, nil, 0, width, y, yStride)
  case .avx512:
    microfold_hop_avx512(
      m.rowStart, m.column, m.value, m.rows, x, xStride, nil, 0, width, y, yStride)
  }
}

/// y = 2 M t1 − t2, the Chebyshev recurrence T_k = 2 L T_{k−1} − T_{k−2}.
///
/// Shapes: all M.rows × width, rows the given strides apart; M is square.
/// - Precondition: `y` does not overlap `t1`; it may be the same memory as `t2` (with the same stride).
public func chebyshevStep(
  _ m: SparseMatrix, _ t1: UnsafePointer<Float>, stride t1Stride: Int, _ t2: UnsafePointer<Float>,
  stride t2Stride: Int, width: Int, into y: UnsafeMutablePointer<Float>, stride yStride: Int
) {
  checkShape(width, min(t1Stride, t2Stride), yStride)
  precondition(m.rows == m.columns, "the Chebyshev recurrence needs a square matrix")
  switch NumericClass.selected {
  case .generic: PlainKernels.chebyshevStep(m, t1, t1Stride, t2, t2Stride, width, y, yStride)
  case .avx2:
    microfold_hop_avx2(
      m.rowStart, m.column, m.value, m.rows, t1, t1Stride, t2, t2Stride, width, y, yStride)
  case .avx512:
    microfold_hop_avx512(
      m.rowStart, m.column, m.value, m.rows, t1, t1Stride, t2, t2Stride, width, y, yStride)
  }
}

/// y = M x with rows side by side without gaps: `x` M.columns × width, `y` M.rows × width.
public func sparseProduct(
  _ m: SparseMatrix, _ x: UnsafePointer<Float>, width: Int, into y: UnsafeMutablePointer<Float>
) {
  sparseProduct(m, x, stride: width, width: width, into: y, stride: width)
}

/// y = 2 M t1 − t2 with rows without gaps; `y` may be `t2`.
public func chebyshevStep(
  _ m: SparseMatrix, _ t1: UnsafePointer<Float>, _ t2: UnsafePointer<Float>, width: Int,
  into y: UnsafeMutablePointer<Float>
) {
  chebyshevStep(m, t1, stride: width, t2, stride: width, width: width, into: y, stride: width)
}

private func checkShape(_ width: Int, _ inputStride: Int, _ outputStride: Int) {
  precondition(width > 0, "a sparse product needs at least one column of features")
  precondition(inputStride >= width && outputStride >= width, "rows of features must not overlap")
}
