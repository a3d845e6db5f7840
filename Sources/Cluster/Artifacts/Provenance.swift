// Which stage made an artifact and whose data stand in it, as its own header says: the one thing that the network side
// reads in it.

import Canonical
import Coordination
import Glibc

extension ArtifactStore {
  /// The largest header of a safetensors file that is read, in bytes.
  static let header_bytes = 4 << 20

  /// The stage and the subjects `set/subject` that the metadata of a stored artifact name; nil where it names none.
  public func header(of digest: Digest) -> ArtifactHeader? {
    guard let prefix = try? read(digest, at: 0, count: 8), prefix.count == 8 else { return nil }
    let count = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard count <= UInt64(Self.header_bytes), let text = try? read(digest, at: 8, count: Int(count)),
      let metadata = try? JSON(parsing: text)["__metadata__"],
      let stage = metadata["stage"]?.string.flatMap({ Digest(hex: $0) }), let list = metadata["subjects"]?.string,
      let subjects = try? JSON(parsing: Array(list.utf8)).array
    else { return nil }
    let names = subjects.compactMap(\.string)
    return names.count == subjects.count ? ArtifactHeader(stage: stage, subjects: names) : nil
  }
}
