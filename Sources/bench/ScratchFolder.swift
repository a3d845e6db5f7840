// A private folder below TMPDIR for the files of a benchmark; gone with all that it holds when the benchmark ends.

import Glibc

/// A folder that only this user may enter. It goes with its last use, so whoever hands out paths extends its life.
final class ScratchFolder {
  /// The path.
  let path: String

  /// Makes the folder, below `/tmp` where TMPDIR is unset.
  /// - Throws: `ScratchError`.
  init() throws(ScratchError) {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var pattern = Array("\(base)/microfold-bench-\(getpid())-XXXXXX".utf8CString)
    guard mkdtemp(&pattern) != nil else {
      throw ScratchError(path: base, action: "make a temporary folder", code: errno)
    }
    path = String(decoding: pattern.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  /// The path of a file inside.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file.
  func write(_ bytes: [UInt8], to name: String) throws(ScratchError) {
    let path = file(name)
    guard let handle = fopen(path, "w") else { throw ScratchError(path: path, action: "write", code: errno) }
    let isWritten = fwrite(bytes, 1, bytes.count, handle) == bytes.count
    guard fclose(handle) == 0, isWritten else { throw ScratchError(path: path, action: "write", code: errno) }
  }

  /// The names of the folders in a folder, sorted.
  static func folders(in path: String) -> [String] {
    names(in: path).filter { isFolder("\(path)/\($0)") }
  }

  private static func names(in path: String) -> [String] {
    guard let handle = opendir(path) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { name in
          name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func remove(_ path: String) {
    guard isFolder(path) else {
      unlink(path)
      return
    }
    for name in names(in: path) { remove("\(path)/\(name)") }
    rmdir(path)
  }
}

/// A file or folder that could not be made.
struct ScratchError: Error, CustomStringConvertible {
  let path: String
  let action: String
  let code: Int32

  /// One line.
  var description: String { "\(path): cannot \(action): \(String(cString: strerror(code))); see TMPDIR" }
}
