// The loops of the roofs by numeric class.

import CKernels
import Kernels

/// One thread's loops; what they compute goes to a sum that nobody reads, so that no loop is left out.
struct RoofLoops {
  private let sum = AlignedFloats(count: 1)

  /// Floats of a vector.
  private static var lanes: Int {
    switch NumericClass.selected {
    case .generic: 4
    case .avx2: 8
    case .avx512: 16
    }
  }

  /// Floats that a loop takes at once: twelve vectors.
  static var block: Int { 12 * lanes }

  /// Multiply-adds on registers, `block` in each round.
  func fma(rounds: Int) {
    switch NumericClass.selected {
    case .generic: sum.pointer.pointee += PlainRoofs.fma(rounds: rounds)
    case .avx2: sum.pointer.pointee += microfold_roof_fma_avx2(rounds)
    case .avx512: sum.pointer.pointee += microfold_roof_fma_avx512(rounds)
    }
  }

  /// Two loads for every multiply-add, all of both arrays `passes` times.
  /// - Precondition: the arrays are equally long, a multiple of `block`.
  func pairs(_ x: AlignedFloats, _ y: AlignedFloats, passes: Int) {
    precondition(x.count == y.count && x.count % Self.block == 0, "the loop takes whole blocks")
    let (x, y, count) = (x.pointer, y.pointer, x.count)
    switch NumericClass.selected {
    case .generic: sum.pointer.pointee += PlainRoofs.pairs(x, y, count: count, passes: passes)
    case .avx2: sum.pointer.pointee += microfold_roof_pairs_avx2(x, y, count, passes)
    case .avx512: sum.pointer.pointee += microfold_roof_pairs_avx512(x, y, count, passes)
    }
  }

  /// a = b + s c, once over `count` floats.
  func triad(count: Int, _ b: UnsafePointer<Float>, _ c: UnsafePointer<Float>, _ a: UnsafeMutablePointer<Float>) {
    switch NumericClass.selected {
    case .generic: PlainRoofs.triad(count: count, 0.5, b, c, a)
    case .avx2: microfold_roof_triad_avx2(count, 0.5, b, c, a)
    case .avx512: microfold_roof_triad_avx512(count, 0.5, b, c, a)
    }
  }
}
