// Typed access to one mapping of a study: every key must be asked for, so that a typo cannot pass in silence.

/// Reads the members of one mapping.
///
/// A reader remembers which keys were asked for; `finish()` refuses the others and names the nearest known key.
struct NodeReader {
  let file: String
  let path: String
  let line: Int
  private let members: [StudyMember]
  private var known: [String] = []

  /// A reader of a mapping.
  init(_ node: StudyNode, file: String, path: String) throws(StudyError) {
    guard case .mapping(let members, let line) = node else {
      throw StudyError(file: file, line: node.line, key: path, what: "a mapping of keys was expected")
    }
    self.file = file
    self.path = path
    self.line = line
    self.members = members
    for (place, member) in members.enumerated() where members[..<place].contains(where: { $0.key == member.key }) {
      throw StudyError(file: file, line: member.line, key: full(member.key), what: "the key stands here twice")
    }
  }

  /// The dotted path of a key.
  func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// An error at a key, or at the mapping where the key is absent.
  func error(_ key: String, _ what: String) -> StudyError {
    let place = members.first { $0.key == key }?.value.line ?? line
    return StudyError(file: file, line: place, key: full(key), what: what)
  }

  /// A key that must stand here and does not; where one stands that looks like it, that one is the error.
  func missing(_ key: String, _ what: String = "this key is required") -> StudyError {
    guard let typo = members.first(where: { !known.contains($0.key) && Self.distance($0.key, key) <= 2 }) else {
      return error(key, what)
    }
    return StudyError(
      file: file, line: typo.line, key: full(typo.key), what: "unknown key; did you mean \"\(key)\"?")
  }

  /// Whether a key stands here; asks for nothing.
  func has(_ key: String) -> Bool { members.contains { $0.key == key } }

  /// The node behind a key, or nil.
  mutating func node(_ key: String) -> StudyNode? {
    known.append(key)
    return members.first { $0.key == key }?.value
  }

  /// Says that others read these keys.
  mutating func know(_ keys: [String]) { known += keys }

  /// Refuses keys that nobody asked for.
  func finish() throws(StudyError) {
    guard let member = members.first(where: { !known.contains($0.key) }) else { return }
    let nearest = known.min { Self.distance($0, member.key) < Self.distance($1, member.key) } ?? ""
    let hint =
      Self.distance(nearest, member.key) <= 3
      ? "did you mean \"\(nearest)\"?" : "known here: \(known.joined(separator: ", "))"
    throw StudyError(file: file, line: member.line, key: full(member.key), what: "unknown key; \(hint)")
  }

  /// Levenshtein distance, for the hint.
  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let change = diagonal + (a == b ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(change, diagonal + 1, row[j] + 1)
      }
    }
    return row[right.count]
  }
}

// MARK: - Scalars

extension NodeReader {
  /// Text behind a key; `fallback` where the key is absent, an error where there is none.
  mutating func text(_ key: String, or fallback: String? = nil) throws(StudyError) -> String {
    guard let node = node(key) else {
      guard let fallback else { throw missing(key) }
      return fallback
    }
    guard case .scalar(let text, _, _) = node, !text.isEmpty else { throw error(key, "a text was expected") }
    guard text.utf8.count <= 200, text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
      throw error(key, "a text of one line and at most 200 bytes was expected")
    }
    return text
  }

  /// One of a list of words.
  mutating func word<Word: RawRepresentable & CaseIterable>(_ key: String, or fallback: Word) throws(StudyError) -> Word
  where Word.RawValue == String {
    let text = try text(key, or: fallback.rawValue)
    guard let word = Word(rawValue: text) else {
      let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
      throw error(key, "\"\(text)\" is not one of: \(words)")
    }
    return word
  }

  /// A whole number within limits.
  mutating func whole(_ key: String, or fallback: Int? = nil, in limits: ClosedRange<Int>) throws(StudyError) -> Int {
    guard let node = node(key) else {
      guard let fallback else { throw missing(key) }
      return fallback
    }
    return try whole(node, key, in: limits)
  }

  /// A whole number of a node within limits.
  func whole(_ node: StudyNode, _ key: String, in limits: ClosedRange<Int>) throws(StudyError) -> Int {
    let range = "a whole number from \(limits.lowerBound) to \(limits.upperBound)"
    guard case .scalar(let text, false, _) = node, let value = Int(text) else {
      throw StudyError(file: file, line: node.line, key: full(key), what: "\(range) was expected")
    }
    guard limits.contains(value) else {
      throw StudyError(file: file, line: node.line, key: full(key), what: "\(value) is not \(range)")
    }
    return value
  }

  /// A finite number within limits.
  mutating func number(_ key: String, or fallback: Double, in limits: ClosedRange<Double>) throws(StudyError) -> Double
  {
    guard let node = node(key) else { return fallback }
    let range = "a number from \(limits.lowerBound) to \(limits.upperBound)"
    guard case .scalar(let text, false, _) = node, let value = Double(text), value.isFinite else {
      throw error(key, "\(range) was expected")
    }
    guard limits.contains(value) else { throw error(key, "\(text) is not \(range)") }
    return value
  }

  /// `true` or `false`.
  mutating func truth(_ key: String, or fallback: Bool) throws(StudyError) -> Bool {
    guard let node = node(key) else { return fallback }
    switch node {
    case .scalar("true", quoted: false, _): return true
    case .scalar("false", quoted: false, _): return false
    default: throw error(key, "true or false was expected")
    }
  }
}

// MARK: - Collections

extension NodeReader {
  /// The elements of a sequence that has at least one; nil where the key is absent.
  mutating func elements(_ key: String) throws(StudyError) -> [StudyNode]? {
    guard let node = node(key) else { return nil }
    guard case .sequence(let elements, _) = node, !elements.isEmpty else {
      throw error(key, "a list with at least one element was expected")
    }
    return elements
  }

  /// A reader of the mapping behind a key; an empty mapping where the key is absent.
  mutating func section(_ key: String) throws(StudyError) -> NodeReader {
    try NodeReader(node(key) ?? .mapping([], line: line), file: file, path: full(key))
  }

  /// A list of words, each at most once.
  mutating func words<Word: RawRepresentable & CaseIterable & Equatable>(
    _ key: String, or fallback: [Word]
  ) throws(StudyError) -> [Word] where Word.RawValue == String {
    guard let nodes = try elements(key) else { return fallback }
    var words: [Word] = []
    for node in nodes {
      guard case .scalar(let text, _, _) = node, let word = Word(rawValue: text) else {
        let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
        throw StudyError(file: file, line: node.line, key: full(key), what: "each must be one of: \(known)")
      }
      guard !words.contains(word) else {
        throw StudyError(file: file, line: node.line, key: full(key), what: "\"\(text)\" stands here twice")
      }
      words.append(word)
    }
    return words
  }
}
