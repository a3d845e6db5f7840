// The name of bytes: SHA-256, so that anyone can check an artifact with `sha256sum`.
//
// Stages, clips, prepared sets, artifacts and results are all named this way. libsodium computes it.

import CSodium

/// A SHA-256 digest: 32 bytes, written as 64 lower-case hexadecimal digits.
///
/// Four words without a box, so that a million of them are 32 MB; most significant first, as the bytes are ordered.
public struct Digest: Hashable, Comparable, Sendable, CustomStringConvertible {
  @usableFromInline let first: UInt64
  @usableFromInline let second: UInt64
  @usableFromInline let third: UInt64
  @usableFromInline let fourth: UInt64

  /// The digest that these 32 bytes are.
  /// - Precondition: exactly 32 bytes.
  public init(bytes: [UInt8]) {
    precondition(bytes.count == 32, "a digest has 32 bytes")
    self = bytes.withUnsafeBytes { Digest(memory: $0) }
  }

  /// The digest that stands at the beginning of memory.
  /// - Precondition: at least 32 bytes.
  @inlinable
  public init(memory: UnsafeRawBufferPointer) {
    precondition(memory.count >= 32, "a digest has 32 bytes")
    first = UInt64(bigEndian: memory.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
    second = UInt64(bigEndian: memory.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    third = UInt64(bigEndian: memory.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
    fourth = UInt64(bigEndian: memory.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
  }

  /// The 32 bytes.
  public var bytes: [UInt8] { withBytes { Array($0) } }

  /// Lends the 32 bytes.
  @inlinable
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    let words = (first.bigEndian, second.bigEndian, third.bigEndian, fourth.bigEndian)
    return try withUnsafeBytes(of: words) { try body($0) }
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
    self.init(bytes: bytes)
  }

  /// 64 lower-case hexadecimal digits.
  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// The first eight bytes as a little-endian number: the seed of everything random in a stage.
  public var seed: UInt64 { first.byteSwapped }

  /// The first eight hexadecimal digits as a number.
  @inlinable
  public var beginning: UInt32 { UInt32(truncatingIfNeeded: first >> 32) }

  /// The first twelve hexadecimal digits, for people.
  public var short: String { String(hex.prefix(12)) }

  /// The same as `hex`.
  public var description: String { hex }

  /// The order of the bytes.
  @inlinable
  public static func < (left: Digest, right: Digest) -> Bool {
    if left.first != right.first { return left.first < right.first }
    if left.second != right.second { return left.second < right.second }
    if left.third != right.third { return left.third < right.third }
    return left.fourth < right.fourth
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
    var bytes: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    return withUnsafeMutableBytes(of: &bytes) { memory in
      guard let place = memory.bindMemory(to: UInt8.self).baseAddress else { preconditionFailure("32 bytes") }
      crypto_hash_sha256_final(&state, place)
      return Digest(memory: UnsafeRawBufferPointer(memory))
    }
  }
}
