// What lies in a folder: sorted, without hidden files, links followed.

import Glibc

/// A file or folder below another.
struct FolderEntry: Equatable {
  enum Kind { case folder, file, other }
  let name: String
  let kind: Kind

  static let limit = 200_000

  /// The entries of a folder in the order of their names' bytes. Names that start with a point are passed over
  /// (`.DS_Store` and its like).
  /// - Throws: `ImportError.input` where the folder cannot be read or a name cannot be written in a table.
  static func all(in folder: String, remedy: String) throws(ImportError) -> [FolderEntry] {
    guard let stream = opendir(folder) else { throw refusal(of: folder, errno, remedy) }
    defer { closedir(stream) }
    var entries: [FolderEntry] = []
    while let entry = readdir(stream) {
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if bytes.first == UInt8(ascii: ".") { continue }
      guard let name = String(validating: bytes, as: UTF8.self), isPlainText(name) else {
        throw .input(
          path: "\(folder)/\(String(decoding: bytes, as: UTF8.self))", row: nil,
          what: "the name is not plain UTF-8 text", remedy: "rename it")
      }
      guard entries.count < limit else {
        throw .input(path: folder, row: nil, what: "more than \(limit) entries", remedy: "split the set")
      }
      entries.append(FolderEntry(name: name, kind: kind(of: "\(folder)/\(name)")))
    }
    return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  private static func kind(of path: String) -> Kind {
    var status = stat()
    guard stat(path, &status) == 0 else { return .other }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .folder
    case S_IFREG: return .file
    default: return .other
    }
  }

  private static func refusal(of folder: String, _ number: Int32, _ remedy: String) -> ImportError {
    let what =
      switch number {
      case ENOENT: "there is no such folder"
      case ENOTDIR: "it is a file, not a folder"
      default: "it cannot be read: \(systemReason(number))"
      }
    return .input(path: folder, row: nil, what: what, remedy: remedy)
  }
}

/// Whether a text has no control characters and is not empty, so that it fits on a line.
func isPlainText(_ text: String) -> Bool { !text.isEmpty && oneLine(text) == text }
