// The right to write a run directory: an advisory lock of the kernel, gone with the process whatever ends it.

import Glibc

/// Holds a directory exclusively until it is released.
public final class DirectoryLock: Sendable {
  /// The directory.
  public let path: String
  private let descriptor: Int32

  /// Locks `path`, trying for at most `wait_s` seconds (a killed holder needs a moment to vanish).
  /// - Throws: `LedgerError.held` with the holder where `/proc/locks` names it.
  public init(path: String, wait_s: Double = 2) throws(LedgerError) {
    let opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else { throw .missing(path: path) }
    var tries = Int(wait_s * 20)
    while flock(opened, LOCK_EX | LOCK_NB) != 0 {
      guard tries > 0 else {
        let holder = Self.holder(of: opened)
        close(opened)
        throw .held(path: path, process: holder)
      }
      tries -= 1
      usleep(50_000)
    }
    self.path = path
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// The process that holds the lock of an open file, as the kernel lists it; nil where it does not say.
  private static func holder(of descriptor: Int32) -> Int? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, let list = fopen("/proc/locks", "re") else { return nil }
    defer { fclose(list) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), list) != nil {
      let words = line.withUnsafeBufferPointer { buffer in
        String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      }.split(separator: " ").map(String.init)
      // "1: FLOCK ADVISORY WRITE 4711 fe:00:131 0 EOF"
      guard words.count >= 6, words[1] == "FLOCK", words[5].hasSuffix(":\(status.st_ino)") else { continue }
      if let process = Int(words[4]), process > 0 { return process }
    }
    return nil
  }
}
