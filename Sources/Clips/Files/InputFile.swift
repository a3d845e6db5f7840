// Reading files of any origin: only regular ones, never more than was allowed, and a reason in words where it fails.

import Glibc

/// Why a file could not be read.
struct FileError: Error, Equatable {
  let why: String
}

/// The words of the system for an error number.
func systemReason(_ number: Int32) -> String { String(cString: strerror(number)) }

/// An open regular file.
final class InputFile: Sendable {
  let descriptor: Int32
  /// Bytes when it was opened.
  let size: Int

  init(path: String) throws(FileError) {
    // Not blocking: opening a pipe that nobody writes would wait for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError(why: errno == ENOENT ? "there is no such file" : systemReason(errno)) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      close(descriptor)
      throw FileError(why: isFolder ? "it is a folder" : "it is not a regular file")
    }
    self.descriptor = descriptor
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Exactly `count` bytes from `offset`.
  func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        filled += got
      }
    }
    guard failure == 0 else { throw FileError(why: systemReason(failure)) }
    guard bytes.count == count else { throw FileError(why: "it ends early") }
    return bytes
  }

  /// The whole file.
  /// - Throws: where it has more than `limit_bytes`.
  static func contents(of path: String, limit_bytes: Int) throws(FileError) -> [UInt8] {
    let file = try InputFile(path: path)
    guard file.size <= limit_bytes else {
      throw FileError(why: "it has \(file.size) bytes where \(limit_bytes) are allowed")
    }
    return try file.read(at: 0, count: file.size)
  }
}
