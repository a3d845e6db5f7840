// The loops of the roofs in plain Swift, for class `generic`: what the compiler makes of them without target flags.
//
// Sixteen floats are four registers of the 128 bits that every x86-64 has; three times sixteen are twelve chains.

/// Twins of `roofs_body.h`, with a product and a sum where those fuse.
enum PlainRoofs {
  /// Floats of all chains.
  static let block = 48
  private typealias Lanes = SIMD16<Float>

  /// Multiply-adds on registers alone, `block` in each round.
  static func fma(rounds: Int) -> Float {
    let half = Lanes(repeating: 0.5)
    var (first, second, third) = (Lanes(repeating: 1), Lanes(repeating: 2), Lanes(repeating: 3))
    for _ in 0..<rounds {
      first = first * half + half
      second = second * half + half
      third = third * half + half
    }
    return (first + second + third).sum()
  }

  /// Σ x y, `passes` times over; whole blocks only.
  static func pairs(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count: Int, passes: Int) -> Float {
    var (first, second, third) = (Lanes.zero, Lanes.zero, Lanes.zero)
    for _ in 0..<passes {
      for start in stride(from: 0, through: count - block, by: block) {
        first += lanes(x + start) * lanes(y + start)
        second += lanes(x + start + 16) * lanes(y + start + 16)
        third += lanes(x + start + 32) * lanes(y + start + 32)
      }
    }
    return (first + second + third).sum()
  }

  /// a = b + s c.
  static func triad(
    count: Int, _ s: Float, _ b: UnsafePointer<Float>, _ c: UnsafePointer<Float>, _ a: UnsafeMutablePointer<Float>
  ) {
    for place in 0..<count { a[place] = b[place] + s * c[place] }
  }

  private static func lanes(_ place: UnsafePointer<Float>) -> Lanes {
    UnsafeRawPointer(place).loadUnaligned(as: Lanes.self)
  }
}
