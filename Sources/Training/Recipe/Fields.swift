// Strict reading of a description: every key is expected, every value has its type and range.
//
// A stage must never compute something else than was asked, so a key that is unknown or absent is an error that names
// it.

import Canonical

/// The members of one JSON object, with the place of that object for error lines.
struct Fields {
  let path: String
  let members: [String: JSON]

  /// An object with exactly these keys, and perhaps some of those that stand only where they change an answer.
  init(_ value: JSON?, path: String, keys: [String], optional: [String] = []) throws(StageError) {
    guard let members = value?.object else { throw .description("\(path) must be an object") }
    self.path = path
    self.members = members
    for key in keys where members[key] == nil {
      throw .description("the key \"\(key)\" is missing in \(path)")
    }
    let unknown = members.keys.filter { !keys.contains($0) && !optional.contains($0) }.min()
    if let unknown {
      let known = (keys + optional).joined(separator: ", ")
      throw .description("unknown key \"\(unknown)\" in \(path); known: \(known)")
    }
  }

  /// The place of a member, as error lines name it.
  func place(_ key: String) -> String { "\(path).\(key)" }

  /// A whole number in a range.
  func integer(_ key: String, in range: ClosedRange<Int>) throws(StageError) -> Int {
    guard let value = members[key]?.integer, range.contains(value) else {
      throw .description("\(place(key)) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A finite number in a range.
  func number(_ key: String, in range: ClosedRange<Double>) throws(StageError) -> Double {
    guard let value = members[key]?.number, range.contains(value) else {
      throw .description("\(place(key)) must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A number in a range behind a key that may be absent.
  func optionalNumber(_ key: String, in range: ClosedRange<Double>) throws(StageError) -> Double? {
    members[key] == nil ? nil : try number(key, in: range)
  }

  /// A whole number in a range behind a key that may be absent.
  func optionalInteger(_ key: String, in range: ClosedRange<Int>) throws(StageError) -> Int? {
    members[key] == nil ? nil : try integer(key, in: range)
  }

  /// A truth value.
  func bool(_ key: String) throws(StageError) -> Bool {
    guard let value = members[key]?.bool else { throw .description("\(place(key)) must be true or false") }
    return value
  }

  /// Text that is not empty.
  func text(_ key: String) throws(StageError) -> String {
    guard let value = members[key]?.string, !value.isEmpty else { throw .description("\(place(key)) must be text") }
    return value
  }

  /// One of a few words.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ type: Choice.Type = Choice.self
  ) throws(StageError) -> Choice where Choice.RawValue == String {
    guard let value = members[key]?.string.flatMap(Choice.init(rawValue:)) else {
      let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw .description("\(place(key)) must be one of \(words)")
    }
    return value
  }

  /// A digest in hexadecimal.
  func digest(_ key: String) throws(StageError) -> Digest {
    try Self.digest(members[key], place: place(key))
  }

  /// The elements of an array, each with its place.
  func elements(_ key: String, count: ClosedRange<Int>) throws(StageError) -> [(value: JSON, place: String)] {
    guard let values = members[key]?.array, count.contains(values.count) else {
      throw .description("\(place(key)) must be a list of \(count.lowerBound) to \(count.upperBound) values")
    }
    return values.enumerated().map { ($0.element, "\(place(key))[\($0.offset)]") }
  }

  /// A list of different texts, at least one.
  func texts(_ key: String) throws(StageError) -> [String] {
    let values = try elements(key, count: 1...100_000).map(\.value.string)
    let texts = values.compactMap(\.self)
    guard texts.count == values.count, Set(texts).count == texts.count, !texts.contains("") else {
      throw .description("\(place(key)) must be a list of different texts")
    }
    return texts
  }

  /// Different words out of a few.
  func choices<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ type: Choice.Type = Choice.self
  ) throws(StageError) -> [Choice] where Choice.RawValue == String {
    let texts = try texts(key)
    let found = texts.compactMap(Choice.init(rawValue:))
    guard found.count == texts.count else {
      let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw .description("\(place(key)) must be a list of \(words)")
    }
    return found
  }

  /// Reads a digest.
  static func digest(_ value: JSON?, place: String) throws(StageError) -> Digest {
    guard let digest = value?.string.flatMap({ Digest(hex: $0) }) else {
      throw .description("\(place) must be a digest: 64 hexadecimal digits")
    }
    return digest
  }
}
