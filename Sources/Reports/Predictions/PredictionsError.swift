// Why predictions could not be scored: one line that says what, where and what to do.

/// A refusal of a file of predictions.
public struct PredictionsError: Error, Equatable, CustomStringConvertible {
  /// The file as the user named it.
  public let path: String
  /// The line, counted from 1; nil where the error is of the whole file.
  public let line: Int?
  /// What was found and what would be right.
  public let what: String

  /// An error at a place.
  public init(path: String, line: Int? = nil, what: String) {
    self.path = path
    self.line = line
    self.what = what
  }

  /// One line: file, line, and what would be right. Names from the file cannot break it.
  public var description: String {
    let text = line.map { "\(path):\($0): \(what)" } ?? "\(path): \(what)"
    return String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { sign in
          let breaks = sign.value < 32 || (127..<160).contains(sign.value) || (0x2028...0x2029).contains(sign.value)
          return breaks ? "?" : sign
        }))
  }
}
