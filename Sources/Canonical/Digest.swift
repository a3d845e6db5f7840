// The name of bytes: SHA-256, so that anyone can check an artifact with `sha256sum`.
//
// Stages, clips, prepared sets, artifacts and results are all named this way. libsodium computes it.

import CSodium

/// A SHA-256 digest: 32 bytes, written as 64 lower-case hexadecimal digits.
public struct Digest: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The 32 bytes.
  public let bytes: [UInt8]

  /// The digest that these 32 bytes are.
  /// - Precondition: exactly 32 bytes.
  public init(bytes: [UInt8]) {
    precondition(bytes.count == 32, "a digest has 32 bytes")
    self.bytes = bytes
  }

  /// The digest of a message.
  public init(of message: some Sequence<UInt8>) {
    var builder = DigestBuilder()
    builder.add(message)
    self = builder.finish()
  }

  /// Reads 64 hexadecimal digits; nil where the text is anything else.
  public init?(hex: some StringProtocol) {
    let digits = Array(hex.utf8)
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: 64, by: 2) {
      guard let high = Self.value(digits[place]), let low = Self.value(digits[place + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    self.bytes = bytes
  }

  /// 64 lower-case hexadecimal digits.
  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// The first eight bytes as a little-endian number: the seed of everything random in a stage.
  public var seed: UInt64 {
    bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The first twelve hexadecimal digits, for people.
  public var short: String { String(hex.prefix(12)) }

  /// The same as `hex`.
  public var description: String { hex }

  /// The order of the bytes.
  public static func < (left: Digest, right: Digest) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

/// A digest made piece by piece, for bytes that are not in memory at once.
public struct DigestBuilder {
  private var state = crypto_hash_sha256_state()

  /// The digest of nothing so far.
  public init() {
    crypto_hash_sha256_init(&state)
  }

  /// Appends bytes.
  public mutating func add(_ message: some Sequence<UInt8>) {
    let whole: Void? = message.withContiguousStorageIfAvailable { bytes in
      _ = crypto_hash_sha256_update(&state, bytes.baseAddress, UInt64(bytes.count))
    }
    if whole == nil { add(Array(message)) }
  }

  /// Appends raw memory.
  public mutating func add(_ memory: UnsafeRawBufferPointer) {
    let bytes = memory.bindMemory(to: UInt8.self)
    crypto_hash_sha256_update(&state, bytes.baseAddress, UInt64(bytes.count))
  }

  /// The digest of all that was added.
  public mutating func finish() -> Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    crypto_hash_sha256_final(&state, &bytes)
    return Digest(bytes: bytes)
  }
}
