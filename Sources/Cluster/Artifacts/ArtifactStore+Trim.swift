// A cache that is full lets go of what was not used for longest.

import Canonical
import Glibc
import Synchronization

extension ArtifactStore {
  /// Notes that an artifact is in use, so that it is among the last to go. The time of its last change stays.
  public func touch(_ digest: Digest) {
    let now = timespec(tv_sec: 0, tv_nsec: Self.utimeNow)
    let asItIs = timespec(tv_sec: 0, tv_nsec: Self.utimeOmit)
    _ = utimensat(AT_FDCWD, path(of: digest), [now, asItIs], 0)
  }

  // UTIME_NOW and UTIME_OMIT: macros that Swift does not import.
  private static let utimeNow = (1 << 30) - 1
  private static let utimeOmit = (1 << 30) - 2

  /// Removes the artifacts that were not used for longest until the others have at most `limit_bytes` together. Looks
  /// at the files only when they may have more.
  public func trim(to limit_bytes: Int) {
    guard memory.withLock({ $0.held_bytes ?? .max }) > limit_bytes else { return }
    var files: [(path: String, used_s: Int, bytes: Int)] = []
    for folder in Files.names(in: root) where folder.utf8.count == 2 {
      for name in Files.names(in: "\(root)/\(folder)") {
        var status = stat()
        let path = "\(root)/\(folder)/\(name)"
        guard stat(path, &status) == 0 else { continue }
        files.append((path, Int(status.st_atim.tv_sec), Int(status.st_size)))
      }
    }
    var total = files.reduce(0) { $0 + $1.bytes }
    for file in files.sorted(by: { ($0.used_s, $0.path) < ($1.used_s, $1.path) }) where total > limit_bytes {
      unlink(file.path)
      total -= file.bytes
    }
    memory.withLock { $0.held_bytes = total }
  }
}
