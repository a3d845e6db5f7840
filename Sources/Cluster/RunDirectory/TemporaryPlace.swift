// A private folder for sockets and caches, gone when the process ends well; what a killed process left is swept up by
// the next one of the same user.

import Glibc

/// A folder that only this user may enter, removed with this value.
public final class TemporaryPlace: Sendable {
  /// The path: short enough for the name of a socket inside.
  public let path: String

  /// Makes a folder below `TMPDIR`, or below `/tmp` where that is unset or too long for sockets.
  /// - Throws: `FileError`.
  public init() throws(FileError) {
    let wanted = environment("TMPDIR") ?? "/tmp"
    let base = wanted.utf8.count > 60 ? "/tmp" : wanted
    Self.sweep(base)
    var pattern = Array("\(base)/microfold-\(getpid())-XXXXXX".utf8CString)
    guard mkdtemp(&pattern) != nil else {
      throw FileError(path: base, action: "make a temporary folder", code: errno)
    }
    path = String(decoding: pattern.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Files.removeTree(path) }

  /// Removes folders of this name whose process is gone.
  private static func sweep(_ base: String) {
    for name in Files.names(in: base) where name.hasPrefix("microfold-") {
      let parts = name.split(separator: "-")
      guard parts.count == 3, let process = Int32(parts[1]), process > 0, parts[2].utf8.count == 6 else { continue }
      var status = stat()
      let path = base + "/" + name
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid() else { continue }
      if kill(process, 0) != 0 && errno == ESRCH { Files.removeTree(path) }
    }
  }
}
