// Reading text: strict JSON (RFC 8259), bounded depth, no duplicate keys. What was written reads back to the same
// value.

/// Why a text is not JSON, and where.
public struct JSONError: Error, Equatable, CustomStringConvertible {
  /// Bytes from the start of the text.
  public let offset: Int
  /// What was wrong.
  public let what: String

  /// One line with the place.
  public var description: String { "not JSON at byte \(offset): \(what)" }
}

extension JSON {
  /// Reads one value and nothing after it.
  /// - Throws: `JSONError` with the place.
  public init(parsing text: some Collection<UInt8>) throws(JSONError) {
    var reader = JSONReader(text: Array(text))
    self = try reader.document()
  }
}

/// A recursive reader over UTF-8 bytes. Depth is bounded so that a hostile text cannot exhaust the stack.
private struct JSONReader {
  let text: [UInt8]
  var place = 0
  static let depthLimit = 64

  mutating func document() throws(JSONError) -> JSON {
    let value = try value(depth: 0)
    skipSpace()
    guard place == text.count else { throw error("text after the value") }
    return value
  }

  func error(_ what: String) -> JSONError { JSONError(offset: place, what: what) }

  mutating func skipSpace() {
    while place < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[place]) { place += 1 }
  }

  mutating func value(depth: Int) throws(JSONError) -> JSON {
    guard depth < Self.depthLimit else { throw error("nested deeper than \(Self.depthLimit)") }
    skipSpace()
    guard place < text.count else { throw error("the text ends early") }
    switch text[place] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", is: .bool(true))
    case UInt8(ascii: "f"): return try word("false", is: .bool(false))
    case UInt8(ascii: "n"): return try word("null", is: .null)
    default: return try number()
    }
  }

  mutating func word(_ word: String, is value: JSON) throws(JSONError) -> JSON {
    guard text[place...].starts(with: word.utf8) else { throw error("an unknown word") }
    place += word.utf8.count
    return value
  }

  mutating func object(depth: Int) throws(JSONError) -> JSON {
    var members: [String: JSON] = [:]
    place += 1
    skipSpace()
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      guard place < text.count, text[place] == UInt8(ascii: "\"") else { throw error("a key was expected") }
      let key = try string()
      skipSpace()
      guard take(":") else { throw error("':' was expected") }
      guard members.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
        throw error("the key \"\(key)\" twice")
      }
      skipSpace()
    } while take(",")
    guard take("}") else { throw error("'}' was expected") }
    return .object(members)
  }

  mutating func array(depth: Int) throws(JSONError) -> JSON {
    var elements: [JSON] = []
    place += 1
    skipSpace()
    if take("]") { return .array(elements) }
    repeat {
      elements.append(try value(depth: depth + 1))
      skipSpace()
    } while take(",")
    guard take("]") else { throw error("']' was expected") }
    return .array(elements)
  }

  mutating func take(_ sign: Unicode.Scalar) -> Bool {
    guard place < text.count, text[place] == UInt8(ascii: sign) else { return false }
    place += 1
    return true
  }

  mutating func number() throws(JSONError) -> JSON {
    let start = place
    while place < text.count, "+-.0123456789eE".utf8.contains(text[place]) { place += 1 }
    let digits = text[start..<place]
    let unsigned = digits.first == UInt8(ascii: "-") ? digits.dropFirst() : digits
    guard let first = unsigned.first, (48...57).contains(first),
      first != 48 || unsigned.count == 1 || !(48...57).contains(unsigned[unsigned.startIndex + 1])
    else { throw error("not a number") }
    let written = String(decoding: digits, as: UTF8.self)
    if let whole = Int(written), written != "-0" { return .integer(whole) }
    guard !written.hasSuffix("."), let value = Double(written), value.isFinite else { throw error("not a number") }
    return .number(value)
  }
}

// MARK: - Strings

extension JSONReader {
  fileprivate mutating func string() throws(JSONError) -> String {
    var bytes: [UInt8] = []
    place += 1
    while place < text.count {
      let byte = text[place]
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let valid = String(validating: bytes, as: UTF8.self) else { throw error("text that is not UTF-8") }
        return valid
      case UInt8(ascii: "\\"): bytes += String(try escape()).utf8
      case 0..<32: throw error("a control character in a string")
      default: bytes.append(byte)
      }
    }
    throw error("a string without its end")
  }

  private mutating func escape() throws(JSONError) -> Character {
    guard place < text.count else { throw error("a string without its end") }
    let sign = text[place]
    place += 1
    switch sign {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Character(Unicode.Scalar(sign))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return Character(try scalar())
    default: throw error("an unknown escape")
    }
  }

  private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
    let unit = try hexadecimal()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard (0xD800..<0xDC00).contains(unit), text[place...].starts(with: "\\u".utf8) else {
      throw error("half of a surrogate pair")
    }
    place += 2
    let low = try hexadecimal()
    guard (0xDC00..<0xE000).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    else { throw error("half of a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    guard place + 4 <= text.count,
      let value = UInt32(String(decoding: text[place..<place + 4], as: UTF8.self), radix: 16)
    else { throw error("four hexadecimal digits were expected") }
    place += 4
    return value
  }
}
