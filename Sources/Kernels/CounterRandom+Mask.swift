// Many yes-or-no draws at once: the mask of dropout.

import CKernels

extension CounterRandom {
  /// Sets each of `count` floats to zero with probability `share`, else to `factor`; one draw a float, in order.
  ///
  /// The same as asking `unit() < share` each time, in every numeric class.
  /// - Precondition: 0 ≤ `share` < 1.
  public mutating func mask(
    _ target: UnsafeMutablePointer<Float>, count: Int, share: Float, factor: Float
  ) {
    precondition(share >= 0 && share < 1, "a share of what is dropped lies from 0 to below 1")
    // A unit has 24 bits: it is below the share where they are below the share's 24 bits, rounded up.
    let threshold = UInt32((share * 0x1p24).rounded(.up))
    switch NumericClass.selected {
    case .generic: PlainKernels.mask(count, base, index, threshold, factor, target)
    case .avx2: microfold_mask_avx2(count, base, index, threshold, factor, target)
    case .avx512: microfold_mask_avx512(count, base, index, threshold, factor, target)
    }
    index &+= UInt64(count)
  }
}

extension PlainKernels {
  /// Draws `index` and those after it against a threshold; see `CounterRandom.mask`.
  package static func mask(
    _ count: Int, _ base: UInt64, _ index: UInt64, _ threshold: UInt32, _ factor: Float,
    _ target: UnsafeMutablePointer<Float>
  ) {
    for place in 0..<count {
      let draw = CounterRandom.draw(base: base, at: index &+ UInt64(place))
      target[place] = UInt32(truncatingIfNeeded: draw >> 40) < threshold ? 0 : factor
    }
  }
}
