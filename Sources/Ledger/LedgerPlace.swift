// Whether a folder can hold a ledger, asked before a run is begun there.

import Glibc

/// A folder where a run directory is, or is to be made.
public enum LedgerPlace {
  /// Checks that a ledger may live in a folder: no network file system, writable, and a lock holds there.
  /// - Returns: the free space in bytes.
  /// - Throws: `LedgerError`.
  public static func check(_ folder: String) throws(LedgerError) -> Int {
    try Schema.checkFileSystem(of: folder)
    let probe = "\(folder)/.microfold-doctor-\(getpid())"
    let descriptor = open(probe, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      if errno == EROFS || errno == EACCES { throw .readOnly(path: folder) }
      if errno == ENOSPC { throw .diskFull(path: folder) }
      throw .failed(path: folder, what: String(cString: strerror(errno)))
    }
    defer {
      close(descriptor)
      unlink(probe)
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw .failed(path: folder, what: "the file system cannot lock")
    }
    var facts = statvfs()
    guard statvfs(folder, &facts) == 0 else { return .max }
    return Int(facts.f_bavail) * Int(facts.f_frsize)
  }
}
