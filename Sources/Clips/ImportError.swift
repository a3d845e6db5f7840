// Why clips could not be prepared: one line that says what, where and what to do.

/// A refusal of `prepare`, `synthesize` or a montage.
public enum ImportError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was asked for cannot be.
  case request(what: String, remedy: String)
  /// A file or folder is not as its layout says; `row` counts rows of a CSV file, the header being row 1.
  case input(path: String, row: Int?, what: String, remedy: String)
  /// The output cannot be written where it should be.
  case output(path: String, what: String)
  /// The disk of the output is full.
  case diskFull(path: String)
  /// The file system of the output is read-only.
  case readOnly(path: String)

  /// Whether the same command may succeed later, when the disk was seen to (exit status 75 rather than 2).
  public var isWorthRetrying: Bool {
    switch self {
    case .diskFull, .readOnly: true
    case .request, .input, .output: false
    }
  }

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .request(let what, let remedy): oneLine("\(what); \(remedy)")
    case .input(let path, let row?, let what, let remedy): oneLine("\(path), row \(row): \(what); \(remedy)")
    case .input(let path, nil, let what, let remedy): oneLine("\(path): \(what); \(remedy)")
    case .output(let path, let what): oneLine("\(path) cannot be written: \(what)")
    case .diskFull(let path): oneLine("\(path) cannot be written: the disk is full; free some space and try again")
    case .readOnly(let path): oneLine("\(path) cannot be written: the file system is read-only; choose another place")
    }
  }
}

/// The same text without what would break the line: a file name may hold anything.
func oneLine(_ text: String) -> String {
  var line = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    let breaks = scalar.value < 32 || scalar.value == 127 || (0x2028...0x2029).contains(scalar.value)
    line.append(breaks || (0x80..<0xA0).contains(scalar.value) ? "?" : scalar)
  }
  return String(line)
}
