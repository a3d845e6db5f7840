import Canonical
import Cluster
import Coordination
import Glibc
import TestSupport
import Testing

@Suite struct ArtifactStoreTests {
  private let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }

  @Test func bytesAreStoredUnderTheirDigest() throws {
    let folder = try TemporaryFolder()
    let store = try ArtifactStore(root: folder.file("artifacts"))
    let digest = try store.put(bytes)
    #expect(digest == Digest(of: bytes))
    #expect(store.path(of: digest) == folder.file("artifacts/\(digest.hex.prefix(2))/\(digest.hex).safetensors"))
    #expect(store.size(of: digest) == 1000)
    #expect(try store.read(digest, at: 990, count: 50) == Array(bytes[990...]))
    #expect(throws: Never.self) { try store.verify(digest) }
  }

  @Test func piecesInAnyOrderBecomeTheArtifact() throws {
    let store = try ArtifactStore(temporaryWithLimit: 1 << 20)
    let digest = Digest(of: bytes)
    try store.store(Array(bytes[600...]), of: digest, at: 600)
    #expect(store.size(of: digest) == nil)
    try store.store(Array(bytes[..<600]), of: digest, at: 0)
    try store.finish(digest, bytes: 1000)
    #expect(try store.read(digest, at: 0, count: 2000) == bytes)
  }

  @Test func piecesOfOtherBytesAreRefusedAndThrownAway() throws {
    let store = try ArtifactStore(temporaryWithLimit: 1 << 20)
    let digest = Digest(of: bytes)
    try store.store(bytes.map { $0 ^ 1 }, of: digest, at: 0)
    let error = #expect(throws: ArtifactError.self) { try store.finish(digest, bytes: 1000) }
    guard case .damaged = error else { return #expect(Bool(false), "\(String(describing: error))") }
    #expect(store.size(of: digest) == nil)
    #expect(access(store.root + "/partial/" + digest.hex, F_OK) != 0)
  }

  @Test func leftoversOfALongerTryDoNotMatter() throws {
    let store = try ArtifactStore(temporaryWithLimit: 1 << 20)
    let digest = Digest(of: bytes)
    try store.store(bytes + [9, 9, 9], of: digest, at: 0)
    try store.finish(digest, bytes: 1000)
    #expect(store.size(of: digest) == 1000)
  }

  @Test func aChangedFileIsFoundAndRemoved() throws {
    let folder = try TemporaryFolder()
    let store = try ArtifactStore(root: folder.path)
    let digest = try store.put(bytes)
    try folder.write(bytes.map { $0 ^ 1 }, to: "\(digest.hex.prefix(2))/\(digest.hex).safetensors")
    #expect(throws: ArtifactError.damaged(digest: digest, path: store.path(of: digest))) { try store.verify(digest) }
    #expect(store.size(of: digest) == nil)
    #expect(throws: ArtifactError.missing(digest: digest, path: store.path(of: digest))) { try store.verify(digest) }
  }

  @Test("an artifact that was found whole is read again only after its file changed")
  func wholeOnce() throws {
    let folder = try TemporaryFolder()
    let digest = try ArtifactStore(root: folder.path).put(bytes)
    let store = try ArtifactStore(root: folder.path, isDurable: false)
    #expect(!store.holds(digest, bytes: 999) && store.holds(digest, bytes: 1000))
    store.touch(digest)
    #expect(store.holds(digest, bytes: 1000))
    try folder.write(bytes.map { $0 ^ 1 }, to: "\(digest.hex.prefix(2))/\(digest.hex).safetensors")
    #expect(!store.holds(digest, bytes: 1000))
    #expect(store.size(of: digest) == nil)
  }

  @Test("bytes that came in pieces are not digested a second time")
  func piecesAreHeld() throws {
    let store = try ArtifactStore(temporaryWithLimit: 1 << 20)
    let digest = Digest(of: bytes)
    try store.store(bytes, of: digest, at: 0)
    try store.finish(digest, bytes: 1000)
    // Other bytes with the old time of change: only a digest could tell, so the store must have kept its own.
    let path = store.path(of: digest)
    var status = stat()
    #expect(stat(path, &status) == 0)
    let file = open(path, O_WRONLY)
    #expect(pwrite(file, [UInt8](repeating: 1, count: 4), 4, 0) == 4)
    close(file)
    #expect(utimensat(AT_FDCWD, path, [status.st_atim, status.st_mtim], 0) == 0)
    #expect(store.holds(digest, bytes: 1000))
    #expect(throws: ArtifactError.self) { try store.verify(digest) }
  }

  @Test func whatIsTooLargeIsRefusedBeforeItIsWritten() throws {
    let store = try ArtifactStore(temporaryWithLimit: 999)
    let digest = Digest(of: bytes)
    let expected = ArtifactError.tooLarge(digest: digest, bytes: 1000, limit: 999)
    #expect(throws: expected) { try store.put(bytes) }
    #expect(throws: expected) { try store.store(bytes, of: digest, at: 0) }
  }

  @Test func aPrivateStoreIsGoneWithItsValue() throws {
    let root: String
    do {
      let store = try ArtifactStore(temporaryWithLimit: 1 << 20)
      root = store.root
      _ = try store.put(bytes)
      #expect(access(root, F_OK) == 0)
    }
    #expect(access(root, F_OK) != 0)
  }

  @Test func aFullCacheLetsGoOfWhatWasNotUsedForLongest() throws {
    let store = try ArtifactStore(temporaryWithLimit: nil)
    let digests = try (0..<4).map { number in
      let digest = try store.put([UInt8](repeating: UInt8(number), count: 100))
      var times = [timeval(tv_sec: 1000 + number, tv_usec: 0), timeval(tv_sec: 1000 + number, tv_usec: 0)]
      utimes(store.path(of: digest), &times)
      return digest
    }
    store.touch(digests[0])
    store.trim(to: 400)
    #expect(digests.map { store.size(of: $0) } == [100, 100, 100, 100])
    store.trim(to: 250)
    #expect(digests.map { store.size(of: $0) } == [100, nil, nil, 100])
  }

  @Test func whatAHeaderNamesIsRead() throws {
    let store = try ArtifactStore(temporaryWithLimit: 1 << 20)
    let header: JSON = [
      "__metadata__": ["subjects": "[\"micro/S01\",\"micro/S02\"]", "stage": .string(Digest(of: [1]).hex)]
    ]
    var file = ByteWriter()
    file.integer(UInt64(header.bytes.count))
    file.raw(header.bytes)
    let named = store.header(of: try store.put(file.bytes))
    #expect(named == ArtifactHeader(stage: Digest(of: [1]), subjects: ["micro/S01", "micro/S02"]))
    #expect(store.header(of: try store.put(bytes)) == nil)
    #expect(store.header(of: try store.put([])) == nil)
    #expect(store.header(of: try store.put([UInt8](repeating: 255, count: 20))) == nil)
  }
}
