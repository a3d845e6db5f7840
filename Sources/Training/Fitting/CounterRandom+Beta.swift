// Numbers of the Beta distribution, for the shares of mixtures, by our own logarithm and exponential, so that every
// machine draws the same.

import Kernels

extension CounterRandom {
  /// A number of Beta(alpha, alpha), in 0…1: X / (X + Y) of two gamma numbers, by their logarithms, so that a small
  /// alpha does not underflow.
  package mutating func beta(_ alpha: Double) -> Double {
    let (first, second) = (logGamma(alpha), logGamma(alpha))
    return 1 / (1 + exponential(second - first))
  }

  /// The logarithm of a number of Gamma(shape, 1): Marsaglia and Tsang 2000, of shape + 1 times U^(1 / shape).
  private mutating func logGamma(_ shape: Double) -> Double {
    let d = shape + 2.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = Double(normal())
      let root = 1 + c * x
      let u = Double(next() >> 11) * 0x1p-53 + 0x1p-54
      guard root > 0 else { continue }
      let v = root * root * root
      guard naturalLog(u) < 0.5 * x * x + d - d * v + d * naturalLog(v) else { continue }
      let power = Double(next() >> 11) * 0x1p-53 + 0x1p-54
      return naturalLog(d * v) + naturalLog(power) / shape
    }
  }
}
