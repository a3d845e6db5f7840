// Random numbers by counter: draw number i depends on (key, stream, i) and on nothing else.
//
// So a seed names a whole experiment, streams never overlap in use, and any draw can be had without those before it.
// The mixing is that of SplitMix64 (Steele, Lea, Flood 2014). Not for secrets.

/// A stream of random numbers.
public struct CounterRandom: Sendable {
  package let base: UInt64
  var index: UInt64 = 0
  private var spare: Float?

  /// Stream number `stream` of the numbers that `key` stands for.
  public init(key: UInt64, stream: UInt64) {
    base = Self.mix(Self.mix(key &+ Self.golden) ^ (stream &* 0xD134_2543_DE82_EF95 &+ 0x2545_F491_4F6C_DD1D))
  }

  /// Draw number `index` of this stream, whatever was drawn before.
  public func draw(at index: UInt64) -> UInt64 { Self.draw(base: base, at: index) }

  static func draw(base: UInt64, at index: UInt64) -> UInt64 { mix(base &+ (index &+ 1) &* golden) }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    defer { index &+= 1 }
    return draw(at: index)
  }

  /// A whole number in 0 ..< n.
  /// - Precondition: `n` is positive.
  public mutating func below(_ n: Int) -> Int {
    precondition(n > 0, "a random number below \(n) does not exist")
    return Int(next().multipliedFullWidth(by: UInt64(n)).high)
  }

  /// A number in [0, 1) with 24 random bits.
  public mutating func unit() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A number of the normal distribution, mean 0 and deviation 1 (Marsaglia's polar method, own logarithm).
  public mutating func normal() -> Float {
    if let kept = spare {
      spare = nil
      return kept
    }
    while true {
      let x = Double(next() >> 11) * 0x1p-52 - 1
      let y = Double(next() >> 11) * 0x1p-52 - 1
      let square = x * x + y * y
      if square > 0 && square < 1 {
        let scale = (-2 * naturalLog(square) / square).squareRoot()
        spare = Float(y * scale)
        return Float(x * scale)
      }
    }
  }

  /// The numbers 0 ..< n in random order (Fisher-Yates).
  public mutating func permutation(_ n: Int) -> [Int32] {
    var order = (0..<Int32(n)).map { $0 }
    shuffle(&order)
    return order
  }

  /// Puts the elements into random order (Fisher-Yates).
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    guard elements.count > 1 else { return }
    for last in stride(from: elements.count - 1, through: 1, by: -1) { elements.swapAt(last, below(last + 1)) }
  }

  private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
