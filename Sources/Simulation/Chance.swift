// The one source of chance of a history: SplitMix64 (Steele, Lea, Flood 2014), so that a seed is the whole history.

/// Random numbers from a seed.
struct Chance: Sendable {
  private var state: UInt64

  /// Numbers of one purpose of one seed; neighbouring seeds have nothing in common.
  init(seed: UInt64, purpose: UInt64) {
    state = Self.mixed(seed &+ 0x9E37_79B9_7F4A_7C15) ^ Self.mixed(purpose &* 0xD1B5_4A32_D192_ED03)
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// The next 64 bits.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  /// A number of 0..<limit.
  mutating func below(_ limit: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(limit)).high) }

  /// True with a probability.
  mutating func happens(_ rate: Double) -> Bool { rate > 0 && Double(next() >> 11) * 0x1p-53 < rate }

  /// A length between `least` and `least` · 2^`doublings`, every order of magnitude as likely as another.
  mutating func length(_ least: Int, doublings: Int) -> Int {
    let base = least << below(doublings)
    return base + below(base)
  }
}
