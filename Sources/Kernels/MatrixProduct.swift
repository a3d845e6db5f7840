// Dense products of any size by OpenBLAS, on one thread; plain loops in class `generic`. Layers have shapes that suit
// `panelProduct` better; this is for what does not.

import COpenBLAS

/// C = alpha · op(A) op(B) + beta · C, all row-major.
///
/// op(A) is m × k and op(B) k × n, each the transposed of what lies in memory where asked; C is m × n.
/// `lda`, `ldb`, `ldc` are the floats from one row in memory to the next. With beta = 0 C is only written, never read.
/// - Precondition: sizes are not negative and rows do not overlap.
public func gemm(
  transposeA: Bool = false, transposeB: Bool = false, m: Int, n: Int, k: Int, alpha: Float = 1,
  a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int, beta: Float = 0,
  c: UnsafeMutablePointer<Float>, ldc: Int
) {
  precondition(m >= 0 && n >= 0 && k >= 0, "a matrix cannot have a negative size")
  precondition(lda >= (transposeA ? m : k) && ldb >= (transposeB ? k : n) && ldc >= n, "rows must not overlap")
  if m == 0 || n == 0 { return }
  if NumericClass.selected == .generic || k == 0 {
    PlainKernels.gemm(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
    return
  }
  openBLAS(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

/// The same by OpenBLAS, whatever class is selected: the start-up check compares it with the plain loops.
func openBLAS(
  _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ alpha: Float, _ a: UnsafePointer<Float>,
  _ lda: Int, _ b: UnsafePointer<Float>, _ ldb: Int, _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int
) {
  _ = oneThread
  cblas_sgemm(
    CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(m), Int32(n),
    Int32(k), alpha, a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
}

/// The core type whose kernels OpenBLAS runs.
var openBLASCore: String { String(cString: openblas_get_corename()) }

/// OpenBLAS reads its variables when it is loaded; a process that was not re-executed still must not thread.
private let oneThread: Bool = {
  openblas_set_num_threads(1)
  return true
}()
