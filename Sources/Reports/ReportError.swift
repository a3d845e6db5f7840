// Why a report could not be made or written. One line each: what, where, what to do.

/// Why a report could not be made or written.
public enum ReportError: Error, Equatable, CustomStringConvertible {
  /// A row or a cell does not fit the study; the text says which and how.
  case inconsistent(String)
  /// The disk that holds the folder is full or its quota is used up.
  case diskFull(path: String)
  /// The folder cannot be written: read-only, missing rights, or not a folder.
  case notWritable(path: String, why: String)

  /// What, where and what to do, in one line.
  public var description: String {
    switch self {
    case .inconsistent(let what): "the results do not fit the study: \(what); run `microfold verify` on this run"
    case .diskFull(let path): "\(path): no space left on the disk; free some and run `microfold report` again"
    case .notWritable(let path, let why): "\(path): cannot be written (\(why)); make the folder writable and try again"
    }
  }
}
