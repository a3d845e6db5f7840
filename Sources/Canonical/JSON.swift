// One JSON value, one text: keys sorted, numbers in their shortest form that reads back to the same bits.
//
// Stage descriptions, results and reports are compared and named by their bytes, so equal values must be equal text.

/// A JSON value. Integers and other numbers are kept apart, so that `1` and `1.0` stay what they were.
public indirect enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  /// The value of a literal.
  public init(stringLiteral value: String) { self = .string(value) }
  /// The value of a literal.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// The value of a literal.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSON: ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  /// The value of a literal.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// The value of a literal.
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// The value of a literal.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Dictionary(elements) { _, last in last })
  }
}

// MARK: - Reading a value

extension JSON {
  /// The member of an object, or nil.
  public subscript(key: String) -> JSON? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The text of a string, or nil.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// A whole number, or nil.
  public var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// Any number, or nil.
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// A truth value, or nil.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The elements of an array, or nil.
  public var array: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members of an object, or nil.
  public var object: [String: JSON]? {
    if case .object(let members) = self { members } else { nil }
  }
}
