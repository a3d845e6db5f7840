// A public key of CURVE (Curve25519, RFC 26 of ZeroMQ) as text: 32 bytes in Z85 (RFC 32 of ZeroMQ), 40 signs.

/// A public key, well-formed.
public struct PublicKey: Hashable, Sendable, CustomStringConvertible {
  /// Signs of a key as text.
  public static let textCount = 40
  private static let alphabet = Array(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8)
  private static let values: [UInt8?] = {
    var values = [UInt8?](repeating: nil, count: 256)
    for (value, sign) in alphabet.enumerated() { values[Int(sign)] = UInt8(value) }
    return values
  }()

  /// 40 signs of Z85.
  public let text: String

  /// The 32 bytes.
  public var bytes: [UInt8] { Self.decode(Array(text.utf8)) ?? [] }

  /// The text.
  public var description: String { text }

  /// Reads a key; nil where the text is not 40 signs of Z85.
  public init?(_ text: some StringProtocol) {
    guard Self.decode(Array(text.utf8)) != nil else { return nil }
    self.text = String(text)
  }

  /// 32 bytes; nil where the signs are no key.
  private static func decode(_ signs: [UInt8]) -> [UInt8]? {
    guard signs.count == textCount else { return nil }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: signs.count, by: 5) {
      var word: UInt64 = 0
      for sign in signs[start..<start + 5] {
        guard let value = values[Int(sign)] else { return nil }
        word = word * 85 + UInt64(value)
      }
      guard word <= UInt64(UInt32.max) else { return nil }
      bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
    }
    return bytes
  }

  /// The key of 32 bytes; nil for another count.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    var signs: [UInt8] = []
    for start in stride(from: 0, to: 32, by: 4) {
      var word = bytes[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      var group = [UInt8](repeating: 0, count: 5)
      for place in (0..<5).reversed() {
        group[place] = Self.alphabet[Int(word % 85)]
        word /= 85
      }
      signs += group
    }
    text = String(decoding: signs, as: UTF8.self)
  }
}
