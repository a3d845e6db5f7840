// Little-endian numbers and length-prefixed text, as the wire and the files of this project hold them.

/// Appends values to a byte array.
public struct ByteWriter: Sendable {
  /// What was written so far.
  public private(set) var bytes: [UInt8] = []

  /// An empty writer.
  public init() {}

  /// Appends an integer, little-endian.
  public mutating func integer(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }

  /// Appends bytes as they are.
  public mutating func raw(_ value: some Sequence<UInt8>) { bytes += value }

  /// Appends a 32-bit count and the bytes.
  public mutating func blob(_ value: [UInt8]) {
    integer(UInt32(value.count))
    bytes += value
  }

  /// Appends a 32-bit count and the UTF-8 of a text.
  public mutating func text(_ value: String) { blob(Array(value.utf8)) }

  /// Appends the 32 bytes of a digest.
  public mutating func digest(_ value: Digest) { bytes += value.bytes }
}

/// Why bytes could not be read: what was expected, and where.
public struct ByteError: Error, Equatable, CustomStringConvertible {
  /// Bytes from the start.
  public let offset: Int
  /// What was wrong.
  public let what: String
  /// One line with the place.
  public var description: String { "\(what) at byte \(offset)" }

  /// An error at a place.
  public init(offset: Int, what: String) {
    self.offset = offset
    self.what = what
  }
}

/// Reads values from a byte array; every count is checked against what is left and against a limit.
public struct ByteReader {
  private let bytes: [UInt8]
  /// The place of the next byte.
  public private(set) var offset = 0

  /// A reader at the first byte.
  public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  /// How many bytes are left.
  public var remaining: Int { bytes.count - offset }

  /// The next `count` bytes.
  public mutating func raw(_ count: Int) throws(ByteError) -> [UInt8] {
    guard count >= 0, count <= remaining else { throw ByteError(offset: offset, what: "the bytes end early") }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  /// The next integer, little-endian.
  public mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws(ByteError) -> Value {
    let field = try raw(MemoryLayout<Value>.size)
    return field.reversed().reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
  }

  /// Bytes behind a 32-bit count of at most `limit`.
  public mutating func blob(limit: Int) throws(ByteError) -> [UInt8] {
    let count = Int(try integer(UInt32.self))
    guard count <= limit else { throw ByteError(offset: offset, what: "\(count) bytes where \(limit) are allowed") }
    return try raw(count)
  }

  /// UTF-8 text behind a 32-bit count of at most `limit` bytes.
  public mutating func text(limit: Int) throws(ByteError) -> String {
    guard let text = String(validating: try blob(limit: limit), as: UTF8.self) else {
      throw ByteError(offset: offset, what: "text that is not UTF-8")
    }
    return text
  }

  /// A digest.
  public mutating func digest() throws(ByteError) -> Digest { Digest(bytes: try raw(32)) }

  /// Says that nothing may follow.
  public func end() throws(ByteError) {
    guard remaining == 0 else { throw ByteError(offset: offset, what: "\(remaining) bytes too many") }
  }
}
