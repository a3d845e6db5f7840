// Artifacts by the digest of their bytes: a file is there whole and right, or it is not there.
//
// One layout for the run directory and for a worker's cache: `ab/<digest>.safetensors`, and `partial/<digest>` while a
// file is coming in. A file gets its name only after its bytes were synced and their digest was checked; a worker's
// cache does not sync, since what it loses is fetched or computed again.

import Canonical
import Glibc
import Synchronization

/// An artifact that cannot be stored or read. One line.
public enum ArtifactError: ExitError, Equatable, Sendable {
  /// The bytes are not those that the name promises.
  case damaged(digest: Digest, path: String)
  /// It is larger than an artifact may be.
  case tooLarge(digest: Digest, bytes: Int, limit: Int)
  /// It is not there.
  case missing(digest: Digest, path: String)
  /// The disk.
  case file(FileError)

  /// The status of the disk's error, else 75: another try fetches or computes it again.
  public var exitStatus: Int32 {
    if case .file(let error) = self { error.exitStatus } else { ExitStatus.later }
  }

  /// One line.
  public var description: String {
    switch self {
    case .damaged(let digest, let path): "\(path): the bytes are not those of artifact \(digest.short); delete the file"
    case .tooLarge(let digest, let bytes, let limit):
      "artifact \(digest.short) has \(bytes) bytes where \(limit) are allowed; use a smaller network"
    case .missing(let digest, let path): "\(path): there is no artifact \(digest.short); run the study again"
    case .file(let error): error.description
    }
  }
}

/// A folder of artifacts. Any thread may read and store.
public final class ArtifactStore: Sendable {
  /// The largest artifact that is taken, in bytes.
  public static let largest_bytes = 1 << 30

  /// The folder.
  public let root: String
  let memory = Mutex(StoreMemory())
  private let limit_bytes: Int
  private let isDurable: Bool
  private let place: TemporaryPlace?

  /// A store in a folder that is made where it is missing.
  /// - Parameter isDurable: whether what was stored must survive a loss of power.
  /// - Throws: `FileError`.
  public init(
    root: String, limit_bytes: Int = ArtifactStore.largest_bytes, isDurable: Bool = true
  ) throws(FileError) {
    self.root = root
    self.isDurable = isDurable
    self.limit_bytes = limit_bytes
    place = nil
    try Files.makeFolder(root)
  }

  /// A store in a private folder that is removed with this value; nil: the usual limit.
  /// - Throws: `FileError`.
  public init(temporaryWithLimit limit_bytes: Int?) throws(FileError) {
    let place = try TemporaryPlace()
    self.place = place
    isDurable = false
    self.limit_bytes = limit_bytes ?? Self.largest_bytes
    root = place.path
  }

  /// Where an artifact stands or would stand.
  public func path(of digest: Digest) -> String {
    "\(root)/\(digest.hex.prefix(2))/\(digest.hex).safetensors"
  }

  /// The size of an artifact in bytes; nil where it is not there.
  public func size(of digest: Digest) -> Int? { Files.size(path(of: digest)) }

  /// Stores bytes under their digest; nothing is done where it is there already.
  public func put(_ bytes: [UInt8]) throws(ArtifactError) -> Digest {
    let digest = Digest(of: bytes)
    if holds(digest, bytes: bytes.count) { return digest }
    guard bytes.count <= limit_bytes else {
      throw .tooLarge(digest: digest, bytes: bytes.count, limit: limit_bytes)
    }
    do throws(FileError) {
      try Files.makeFolder(Files.folder(of: path(of: digest)))
      try Files.write(bytes, to: path(of: digest), isDurable: isDurable)
    } catch { throw .file(error) }
    remember(digest, bytes: bytes.count)
    return digest
  }

  /// At most `count` bytes of an artifact from `offset`.
  public func read(_ digest: Digest, at offset: Int, count: Int) throws(ArtifactError) -> [UInt8] {
    let path = path(of: digest)
    guard Files.size(path) != nil else { throw .missing(digest: digest, path: path) }
    do throws(FileError) { return try File(path: path, O_RDONLY, "read").read(count, at: offset) } catch {
      throw .file(error)
    }
  }

  /// Removes an artifact that is not needed any more.
  public func remove(_ digest: Digest) { unlink(path(of: digest)) }

  /// Checks that the bytes of an artifact are those of its name, and removes a damaged file, so that it is fetched or
  /// computed again.
  public func verify(_ digest: Digest) throws(ArtifactError) {
    do throws(ArtifactError) { try check(digest) } catch {
      if case .damaged(_, let path) = error { unlink(path) }
      throw error
    }
  }

  /// Checks that the bytes of an artifact are those of its name, and touches nothing.
  public func check(_ digest: Digest) throws(ArtifactError) {
    let path = path(of: digest)
    guard Files.size(path) != nil else { throw .missing(digest: digest, path: path) }
    let found: Digest
    do throws(FileError) { found = try File(path: path, O_RDONLY, "read").digest() } catch { throw .file(error) }
    guard found == digest else { throw .damaged(digest: digest, path: path) }
  }
}

// MARK: - Bytes that come in pieces

extension ArtifactStore {
  private func partialPath(_ digest: Digest) -> String { "\(root)/partial/\(digest.hex)" }

  /// Keeps a piece of an artifact that is coming in; pieces may come in any order.
  /// - Throws: `ArtifactError.tooLarge`, `.file`.
  public func store(_ bytes: [UInt8], of digest: Digest, at offset: Int) throws(ArtifactError) {
    guard offset >= 0, offset + bytes.count <= limit_bytes else {
      throw .tooLarge(digest: digest, bytes: offset + bytes.count, limit: limit_bytes)
    }
    do throws(FileError) {
      try Files.makeFolder("\(root)/partial")
      try File(path: partialPath(digest), O_WRONLY | O_CREAT, "write").write(bytes, at: offset)
    } catch { throw .file(error) }
  }

  /// Gives an artifact whose pieces are all here its name.
  /// - Throws: `ArtifactError.damaged` where the bytes are others; they are thrown away.
  public func finish(_ digest: Digest, bytes size: Int) throws(ArtifactError) {
    let partial = partialPath(digest)
    let found: Digest
    do throws(FileError) {
      let file = try File(path: partial, O_RDWR | O_CREAT, "write")
      guard ftruncate(file.descriptor, off_t(size)) == 0 else {
        throw FileError(path: partial, action: "write", code: errno)
      }
      found = try file.digest()
      if found == digest {
        if isDurable { try file.sync() }
        try Files.makeFolder(Files.folder(of: path(of: digest)))
        try Files.replace(path(of: digest), by: partial, isDurable: isDurable)
      }
    } catch { throw .file(error) }
    guard found == digest else {
      unlink(partial)
      throw .damaged(digest: digest, path: partial)
    }
    remember(digest, bytes: size)
  }

  /// Throws the pieces of an artifact away.
  public func discard(_ digest: Digest) { unlink(partialPath(digest)) }
}
