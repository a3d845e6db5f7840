// Random numbers of the statistics: a fixed sequence, so that equal rows give equal intervals and p-values anywhere.
//
// The stages' generator lives in the other plane; resampling never depends on a stage's digest or on the data.

/// SplitMix64 (Steele, Lea, Flood 2014): draw number i is a fixed mix of seed + (i + 1) · 0x9E3779B97F4A7C15.
public struct SplitMix64: Sendable {
  private var state: UInt64

  /// The sequence of a seed.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A whole number in 0 ..< n: the upper 32 bits times n, divided by 2³². Off from uniform by less than n / 2³².
  /// - Precondition: `n` is positive and below 2³¹.
  public mutating func below(_ n: Int) -> Int {
    precondition(n > 0 && n < 1 << 31, "a random number below \(n) does not exist")
    return Int(((next() >> 32) &* UInt64(n)) >> 32)
  }

  /// The uppermost bit of the next draw.
  public mutating func coin() -> Bool { next() >> 63 == 1 }
}
