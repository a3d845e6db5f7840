// What can go wrong in arithmetic on data from outside. Wrong shapes are our own mistakes and trap instead.

/// Why a kernel could not give an answer.
public enum KernelError: Error, Equatable, CustomStringConvertible {
  /// Cholesky met a pivot that is not positive: the matrix is not positive definite (or holds a NaN).
  case notPositiveDefinite(row: Int)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .notPositiveDefinite(let row):
      "the matrix is not positive definite (pivot of row \(row)): raise the ridge term, or look for NaN in the data"
    }
  }
}

/// Why this process may not compute in a numeric class.
public enum NumericClassError: Error, Equatable, CustomStringConvertible {
  /// OpenBLAS differs from the plain loops: its kernels are wrong on this processor.
  case wrongProduct(core: String, shape: String, error: Float)
  /// OpenBLAS did not take the core type that the class asks for.
  case wrongCore(wanted: String, found: String)
  /// A vector kernel differs from its plain twin.
  case wrongKernel(name: String, error: Float)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .wrongProduct(let core, let shape, let error):
      "OpenBLAS (core \(core)) computes a wrong product \(shape), relative error \(error): use numeric class generic"
    case .wrongCore(let wanted, let found):
      "OpenBLAS runs core \(found) where the numeric class needs \(wanted): use a class that this processor supports"
    case .wrongKernel(let name, let error):
      "the vector kernel \(name) differs from the plain one by \(error): use numeric class generic"
    }
  }
}
