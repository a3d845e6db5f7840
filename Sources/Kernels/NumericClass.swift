// The numeric class: an instruction set and a BLAS core type that together fix the bits of every result.
//
// A study names its class, every digest covers it, and a worker proves it with the probe. Raise `revision` whenever
// the bits of a class change. The choice of kernels is one atomic number for the whole process.

import CKernels
import Synchronization

/// Which kernels compute.
public enum NumericClass: String, CaseIterable, Sendable {
  /// Plain Swift loops, any processor.
  case generic
  /// AVX2 and FMA kernels, OpenBLAS core type Haswell: any laboratory machine of the last ten years.
  case avx2
  /// AVX-512 kernels, OpenBLAS core type SkylakeX.
  case avx512

  /// Raised when the bits of a class change.
  public static let revision: Int = 2

  /// The name with its revision, as digests and messages carry it: `avx2.1`.
  public var name: String { "\(rawValue).\(Self.revision)" }

  /// Reads `avx2` or `avx2.1`; nil for another class or another revision.
  public init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.rawValue == name || $0.name == name }) else { return nil }
    self = found
  }

  /// Whether this processor (and its operating system) can run the class.
  public var isSupported: Bool {
    switch self {
    case .generic: true
    case .avx2: microfold_has_avx2() != 0
    case .avx512: microfold_has_avx512() != 0
    }
  }

  /// The class with the widest vectors that this processor has.
  public static var fastestSupported: NumericClass {
    if Self.avx512.isSupported { return .avx512 }
    return Self.avx2.isSupported ? .avx2 : .generic
  }

  /// Chooses the kernels of the whole process from now on.
  /// - Precondition: the class is supported.
  public static func select(_ numericClass: NumericClass) {
    precondition(numericClass.isSupported, "numeric class \(numericClass.rawValue) needs a newer processor")
    selection.store(numericClass.code, ordering: .relaxed)
  }

  /// The kernels in use: `avx2` until `select` was called, `generic` where the processor has no AVX2.
  public static var selected: NumericClass {
    switch selection.load(ordering: .relaxed) {
    case 1: .avx2
    case 2: .avx512
    default: .generic
    }
  }

  private var code: Int {
    switch self {
    case .generic: 0
    case .avx2: 1
    case .avx512: 2
    }
  }
}

private let selection = Atomic<Int>(NumericClass.avx2.isSupported ? 1 : 0)
