// Little-endian numbers and length-prefixed text, as the wire and the files of this project hold them.

/// Appends values to a byte array.
public struct ByteWriter: Sendable {
  /// What was written so far.
  public var bytes: [UInt8] { content }
  @usableFromInline var content: [UInt8] = []

  /// An empty writer.
  public init() {}

  /// An empty writer that takes so many bytes without moving them.
  public init(capacity: Int) { content.reserveCapacity(capacity) }

  /// Lends what was written.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try content.withUnsafeBytes(body)
  }

  /// How many bytes were written.
  public var count: Int { content.count }

  /// Forgets what was written and keeps its memory.
  public mutating func clear() { content.removeAll(keepingCapacity: true) }

  /// Appends an integer, little-endian.
  @inlinable
  public mutating func integer(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { content.append(contentsOf: $0) }
  }

  /// Appends bytes as they are.
  @inlinable
  public mutating func raw(_ value: some Sequence<UInt8>) { content.append(contentsOf: value) }

  /// Writes an integer over what stands at a place.
  /// - Precondition: so much was written there.
  public mutating func replace(at place: Int, by value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes in
      content.replaceSubrange(place..<place + bytes.count, with: bytes)
    }
  }

  /// Appends a 32-bit count and the bytes.
  public mutating func blob(_ value: [UInt8]) {
    integer(UInt32(value.count))
    content.append(contentsOf: value)
  }

  /// Appends a 32-bit count and the UTF-8 of a text.
  public mutating func text(_ value: String) {
    integer(UInt32(value.utf8.count))
    content.append(contentsOf: value.utf8)
  }

  /// Appends the 32 bytes of a digest.
  public mutating func digest(_ value: Digest) { value.withBytes { content.append(contentsOf: $0) } }
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
  @usableFromInline let bytes: [UInt8]
  /// The place of the next byte, from where the reader began.
  public var offset: Int { place - start }
  @usableFromInline var place: Int
  @usableFromInline let start: Int
  @usableFromInline let stop: Int

  /// A reader at the first byte.
  public init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
    (start, place, stop) = (0, 0, self.bytes.count)
  }

  /// A reader of a part of an array, which is not copied.
  /// - Precondition: the part lies in the array.
  public init(_ bytes: [UInt8], in part: Range<Int>) {
    precondition(part.lowerBound >= 0 && part.upperBound <= bytes.count, "a reader reads its own bytes")
    self.bytes = bytes
    (start, place, stop) = (part.lowerBound, part.lowerBound, part.upperBound)
  }

  /// How many bytes are left.
  public var remaining: Int { stop - place }

  /// The next `count` bytes.
  public mutating func raw(_ count: Int) throws(ByteError) -> [UInt8] {
    guard count >= 0, count <= remaining else { throw ByteError(offset: offset, what: "the bytes end early") }
    defer { place += count }
    return Array(bytes[place..<place + count])
  }

  /// The next integer, little-endian.
  @inlinable
  public mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type
  ) throws(ByteError) -> Value {
    let size = MemoryLayout<Value>.size
    guard size <= stop - place else { throw ByteError(offset: offset, what: "the bytes end early") }
    defer { place += size }
    return bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Value.self)) }
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
  public mutating func digest() throws(ByteError) -> Digest {
    guard remaining >= 32 else { throw ByteError(offset: offset, what: "the bytes end early") }
    defer { place += 32 }
    return bytes.withUnsafeBytes { Digest(memory: UnsafeRawBufferPointer(rebasing: $0[place...])) }
  }

  /// Says that nothing may follow.
  public func end() throws(ByteError) {
    guard remaining == 0 else { throw ByteError(offset: offset, what: "\(remaining) bytes too many") }
  }
}
