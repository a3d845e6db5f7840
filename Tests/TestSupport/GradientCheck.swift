// Gradients checked against central differences of a reference in Double.
//
// The step 1e-6 leaves about nine digits in Double, so the Float gradient's own rounding is what is measured.

/// Central differences and distances of arrays.
public enum GradientCheck {
  /// d value / d x, one central difference for each element.
  public static func differences(
    of x: [Double], step: Double = 1e-6, _ value: (_ x: [Double]) -> Double
  ) -> [Double] {
    var moved = x
    return x.indices.map { place in
      moved[place] = x[place] + step
      let above = value(moved)
      moved[place] = x[place] - step
      let below = value(moved)
      moved[place] = x[place]
      return (above - below) / (2 * step)
    }
  }

  /// ‖ours − truth‖ / ‖truth‖; the plain norm of ours where the truth is zero.
  public static func relativeError(_ ours: some Collection<Float>, _ truth: [Double]) -> Double {
    precondition(ours.count == truth.count, "arrays of \(ours.count) and \(truth.count) values cannot be compared")
    var (difference, size) = (0.0, 0.0)
    for (value, expected) in zip(ours, truth) {
      difference += (Double(value) - expected) * (Double(value) - expected)
      size += expected * expected
    }
    return size > 0 ? (difference / size).squareRoot() : difference.squareRoot()
  }

  /// Numbers between −1 and 1 that look random and are the same everywhere.
  public static func numbers(_ count: Int, seed: Int) -> [Double] {
    var state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // Through Float, so that the reference and the kernels see the same values.
      return Double(Float(Double(state >> 11) / Double(1 << 52) - 1))
    }
  }
}
