// What a store remembers of its files, so that a parent of many stages is not read and digested for each of them.

import Canonical
import Glibc
import Synchronization

/// What tells one state of a file from another.
struct FileStamp: Equatable {
  let device: UInt
  let inode: UInt
  let bytes: Int
  let changed_s: Int
  let changed_ns: Int

  /// The stamp of a regular file; nil where there is none.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    bytes = Int(status.st_size)
    changed_s = status.st_mtim.tv_sec
    changed_ns = status.st_mtim.tv_nsec
  }
}

/// What a store knows of its files.
struct StoreMemory {
  /// Files as they were when their digest was found right.
  var whole: [Digest: FileStamp] = [:]
  /// Bytes of all files, at least; nil before the first look.
  var held_bytes: Int?
}

extension ArtifactStore {
  /// Whether an artifact of this size is here and whole. Its bytes are digested once; later only where the file is
  /// another or was written to since. A damaged file is removed.
  public func holds(_ digest: Digest, bytes size: Int) -> Bool {
    guard let stamp = FileStamp(path(of: digest)), stamp.bytes == size else { return false }
    if memory.withLock({ $0.whole[digest] }) == stamp { return true }
    do throws(ArtifactError) { try verify(digest) } catch { return false }
    memory.withLock { $0.whole[digest] = stamp }
    return true
  }

  /// Notes that the bytes of a file that just got its name are right.
  func remember(_ digest: Digest, bytes size: Int) {
    let stamp = FileStamp(path(of: digest))
    memory.withLock { memory in
      memory.whole[digest] = stamp
      memory.held_bytes = memory.held_bytes.map { $0 + size }
    }
  }
}
