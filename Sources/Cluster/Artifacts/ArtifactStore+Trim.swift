// A cache that is full lets go of what was not used for longest.

import Canonical
import Glibc

extension ArtifactStore {
  /// Notes that an artifact is in use, so that it is among the last to go.
  public func touch(_ digest: Digest) { utimes(path(of: digest), nil) }

  /// Removes the artifacts that were not used for longest until the others have at most `limit_bytes` together.
  public func trim(to limit_bytes: Int) {
    var files: [(path: String, used_s: Int, bytes: Int)] = []
    for folder in Files.names(in: root) where folder.utf8.count == 2 {
      for name in Files.names(in: "\(root)/\(folder)") {
        var status = stat()
        let path = "\(root)/\(folder)/\(name)"
        guard stat(path, &status) == 0 else { continue }
        files.append((path, Int(status.st_mtim.tv_sec), Int(status.st_size)))
      }
    }
    var total = files.reduce(0) { $0 + $1.bytes }
    for file in files.sorted(by: { ($0.used_s, $0.path) < ($1.used_s, $1.path) }) where total > limit_bytes {
      unlink(file.path)
      total -= file.bytes
    }
  }
}
