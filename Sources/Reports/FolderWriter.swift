// Files written so that a reader finds the old one or the new one, never half of one.

import Glibc

/// Writes a report's files.
package enum FolderWriter {
  /// Writes one file and makes it durable; 0, or the error number of what failed.
  package static func write(_ bytes: [UInt8], to path: String) -> Int32 {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { return errno }
    defer { close(file) }
    var written = 0
    while written < bytes.count {
      let step = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if step < 0 {
        if errno == EINTR { continue }
        return errno
      }
      written += step
    }
    return fsync(file) == 0 ? 0 : errno
  }

  /// Makes the folder and those above it; 0, or the error number.
  static func makeFolder(_ path: String) -> Int32 {
    if mkdir(path, 0o755) == 0 { return 0 }
    switch errno {
    case EEXIST: return isFolder(path) ? 0 : ENOTDIR
    case ENOENT:
      guard let slash = path.dropLast().lastIndex(of: "/"), slash > path.startIndex else { return ENOENT }
      let above = makeFolder(String(path[..<slash]))
      guard above == 0 else { return above }
      return mkdir(path, 0o755) == 0 || errno == EEXIST ? 0 : errno
    default: return errno
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var facts = stat()
    return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
  }

  /// Makes the names in a folder durable; where the file system cannot, that is no error.
  static func syncFolder(_ path: String) {
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }

  /// An error number as this target's error.
  package static func error(_ number: Int32, _ path: String) -> ReportError {
    switch number {
    case ENOSPC, EDQUOT: .diskFull(path: path)
    default: .notWritable(path: path, why: String(cString: strerror(number)))
    }
  }
}
