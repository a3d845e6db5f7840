// A study file as a tree with line numbers: what a YAML parser hands over, before anything has a meaning.

/// A node of a study file. Lines count from 1.
public indirect enum StudyNode: Sendable, Equatable {
  /// A scalar as it is written; `quoted` scalars are always text.
  case scalar(String, quoted: Bool, line: Int)
  /// A sequence.
  case sequence([StudyNode], line: Int)
  /// A mapping in the order of the file.
  case mapping([StudyMember], line: Int)

  /// The line on which the node begins.
  public var line: Int {
    switch self {
    case .scalar(_, _, let line), .sequence(_, let line), .mapping(_, let line): line
    }
  }
}

/// One key of a mapping with its value.
public struct StudyMember: Sendable, Equatable {
  /// The key.
  public let key: String
  /// The line of the key.
  public let line: Int
  /// What stands behind it.
  public var value: StudyNode

  /// A member at a line.
  public init(key: String, line: Int, value: StudyNode) {
    self.key = key
    self.line = line
    self.value = value
  }
}

/// What is wrong with a study: file, line, key, and what would be right, as one line.
public struct StudyError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The file as the user named it.
  public let file: String
  /// The line, counted from 1; nil where the error is of the whole study.
  public let line: Int?
  /// The dotted path of the key; empty for the file itself.
  public let key: String
  /// What was found and what would be right.
  public let what: String

  /// An error at a place.
  public init(file: String, line: Int? = nil, key: String = "", what: String) {
    self.file = file
    self.line = line
    self.key = key
    self.what = what
  }

  /// One line: file, line, key, and what would be right.
  public var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return key.isEmpty ? "\(place): \(what)" : "\(place): \(key): \(what)"
  }
}
