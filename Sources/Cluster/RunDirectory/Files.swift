// Files that are either whole and durable or not there: write beside, fsync, rename, fsync the folder.

import Canonical
import Glibc

/// A file or folder that cannot be used: what was tried, where, and the system's word for it.
public struct FileError: ExitError, Equatable, Sendable {
  /// The path.
  public let path: String
  /// What was tried: `write`, `read`, `make the folder`…
  public let action: String
  /// The system's error number.
  public let code: Int32

  /// 75 where the disk is full or read-only or fails, 2 where the path is wrong.
  public var exitStatus: Int32 {
    [ENOSPC, EDQUOT, EROFS, EIO, EMFILE, ENFILE].contains(code) ? ExitStatus.later : ExitStatus.usage
  }

  /// One line.
  public var description: String {
    let help =
      switch code {
      case ENOSPC, EDQUOT: "free some space and run the same command again"
      case EROFS: "make the disk writable and run the same command again"
      case EACCES, EPERM: "give yourself the right to it or choose another place"
      default: "check the path"
      }
    return "\(path): cannot \(action): \(String(cString: strerror(code))); \(help)"
  }
}

/// File operations with errors as values.
enum Files {
  /// Makes a folder and those above it.
  static func makeFolder(_ path: String, mode: mode_t = 0o777) throws(FileError) {
    if mkdir(path, mode) == 0 || errno == EEXIST && isFolder(path) { return }
    let code = errno
    guard code == ENOENT, let cut = path.lastIndex(of: "/"), cut != path.startIndex else {
      throw FileError(path: path, action: "make the folder", code: code)
    }
    try makeFolder(String(path[..<cut]), mode: 0o777)
    guard mkdir(path, mode) == 0 || errno == EEXIST else {
      throw FileError(path: path, action: "make the folder", code: errno)
    }
  }

  /// Whether a folder stands at the path.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The size of a regular file in bytes; nil where there is none.
  static func size(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// The names in a folder, sorted; empty where there is no such folder.
  static func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Writes a whole file so that a crash at any moment leaves the old one or the new one; where it is not durable, a
  /// crash of the process, not a loss of power. A `mode` holds whatever the mask of the process is.
  static func write(
    _ bytes: [UInt8], to path: String, mode: mode_t? = nil, isDurable: Bool = true
  ) throws(FileError) {
    let temporary = path + ".tmp"
    do throws(FileError) {
      let file = try File(path: temporary, O_WRONLY | O_CREAT | O_TRUNC, "write", mode: mode ?? 0o666)
      if let mode, fchmod(file.descriptor, mode) != 0 {
        throw FileError(path: temporary, action: "set the rights", code: errno)
      }
      try file.write(bytes, at: 0)
      if isDurable { try file.sync() }
    } catch {
      unlink(temporary)
      throw error
    }
    try replace(path, by: temporary, isDurable: isDurable)
  }

  /// Puts a file in the place of another; durably where it was synced.
  static func replace(_ path: String, by temporary: String, isDurable: Bool = true) throws(FileError) {
    guard rename(temporary, path) == 0 else { throw FileError(path: path, action: "write", code: errno) }
    if isDurable { try File(path: folder(of: path), O_RDONLY | O_DIRECTORY, "open the folder").sync() }
  }

  /// The folder that holds a path.
  static func folder(of path: String) -> String {
    guard let cut = path.lastIndex(of: "/") else { return "." }
    return cut == path.startIndex ? "/" : String(path[..<cut])
  }

  /// Removes a folder with all it holds; what cannot be removed stays.
  static func removeTree(_ path: String) {
    for name in names(in: path) {
      let inner = path + "/" + name
      var status = stat()
      if lstat(inner, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { removeTree(inner) } else { unlink(inner) }
    }
    rmdir(path)
  }

  /// The path from the root, without symbolic links; the path itself where it does not exist.
  static func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

/// An open file, closed with this value.
final class File {
  let path: String
  let descriptor: Int32

  init(path: String, _ flags: Int32, _ action: String, mode: mode_t = 0o666) throws(FileError) {
    self.path = path
    descriptor = open(path, flags | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileError(path: path, action: action, code: errno) }
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { memory in
        pwrite(descriptor, memory.baseAddress?.advanced(by: done), memory.count - done, offset + done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw FileError(path: path, action: "write", code: errno) }
      done += count
    }
  }

  /// At most `count` bytes from `offset`; fewer at the end.
  func read(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    var failed: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      done = 0
      while done < count {
        let step = pread(descriptor, buffer.baseAddress?.advanced(by: done), count - done, offset + done)
        if step < 0 && errno == EINTR { continue }
        if step < 0 { failed = errno }
        guard step > 0 else { return }
        done += step
      }
    }
    guard failed == 0 else { throw FileError(path: path, action: "read", code: failed) }
    return bytes
  }

  func sync() throws(FileError) {
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError(path: path, action: "write", code: errno) }
  }

  /// The digest of the whole file.
  func digest() throws(FileError) -> Digest {
    var builder = DigestBuilder()
    var offset = 0
    while case let block = try read(1 << 20, at: offset), !block.isEmpty {
      builder.add(block)
      offset += block.count
    }
    return builder.finish()
  }
}
