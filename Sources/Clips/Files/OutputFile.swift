// A file that appears whole or not at all: written beside its place under another name, synchronised, then renamed.

import Glibc
import Synchronization

/// An output under way. Released without `commit`, it leaves nothing.
package final class OutputFile {
  private let path: String
  private let folder: String
  private let temporary: String
  private let descriptor: Int32
  private var isDone = false

  /// Starts a file; nothing stands at `path` until `commit`.
  /// - Throws: `ImportError.output`, `.diskFull` or `.readOnly`.
  package init(path: String) throws(ImportError) {
    try Self.checkPlace(path)
    self.path = path
    (folder, _) = Self.split(path)
    (descriptor, temporary) = try Self.create(beside: path)
  }

  deinit {
    if !isDone { unlink(temporary) }
    close(descriptor)
  }

  /// Appends bytes.
  package func write(_ bytes: [UInt8]) throws(ImportError) {
    try writeAll(bytes, to: descriptor, path: path)
  }

  /// Makes the file stand at its place and outlive a power cut.
  package func commit() throws(ImportError) {
    guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
      throw ImportError.writing(path, errno)
    }
    isDone = true
    let parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard parent >= 0 else { return }
    // Some file systems cannot synchronise a folder; the file itself is safe either way.
    fsync(parent)
    close(parent)
  }

  /// Whether a file can be written at a place, said before hours of work: starts one and leaves nothing.
  package static func check(_ path: String) throws(ImportError) { _ = try OutputFile(path: path) }

  /// Writes a whole file.
  package static func write(_ bytes: [UInt8], to path: String) throws(ImportError) {
    let file = try OutputFile(path: path)
    try file.write(bytes)
    try file.commit()
  }
}

// MARK: - Places and names

extension OutputFile {
  private static let counter = Atomic<Int>(0)

  /// Refuses to replace anything but a regular file.
  static func checkPlace(_ path: String) throws(ImportError) {
    guard !path.isEmpty, path.utf8.allSatisfy({ $0 != 0 }) else { throw .output(path: path, what: "it has no name") }
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: throw .output(path: path, what: "it is a folder; name a file")
    default: throw .output(path: path, what: "it is not a regular file; name another")
    }
  }

  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let folder = String(path[..<slash])
    return (folder.isEmpty ? "/" : folder, String(path[path.utf8.index(after: slash)...]))
  }

  /// A new file with a name of its own in the folder of `path`.
  static func create(beside path: String) throws(ImportError) -> (descriptor: Int32, path: String) {
    let (folder, name) = split(path)
    for _ in 0..<1_000 {
      let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
      let candidate = "\(folder)/.\(name.prefix(64)).\(getpid())-\(number).partial"
      let descriptor = open(candidate, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      if descriptor >= 0 { return (descriptor, candidate) }
      guard errno == EEXIST else { throw ImportError.writing(path, errno) }
    }
    throw .output(path: path, what: "the folder is full of unfinished files; remove *.partial")
  }
}

/// Writes all of the bytes at the place where the file stands.
func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(ImportError) {
  var done = 0
  while done < bytes.count {
    let wrote = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done) }
    if wrote < 0, errno == EINTR { continue }
    guard wrote > 0 else { throw ImportError.writing(path, wrote == 0 ? ENOSPC : errno) }
    done += wrote
  }
}

extension ImportError {
  /// The error that a failed write means. A quota and a limit on file sizes are answered like a full disk.
  package static func writing(_ path: String, _ number: Int32) -> ImportError {
    switch number {
    case ENOSPC, EDQUOT, EFBIG: .diskFull(path: path)
    case EROFS: .readOnly(path: path)
    case ENOENT, ENOTDIR: .output(path: path, what: "its folder does not exist; make it first")
    default: .output(path: path, what: systemReason(number))
    }
  }
}
