// A prepared set, memory-mapped: what training reads.
//
// Opening checks the whole file by reading it once in pieces (so that the pages do not count as this process's memory),
// then maps it. `prepare` replaces a set by renaming, so a mapped file stays what it was.
//
// Limits: a file that someone truncates in place while it is mapped ends the process (SIGBUS).

import Canonical
import Glibc

/// A prepared set that was opened and found whole.
public final class PreparedSet: Sendable {
  /// The digest of the set: a pure function of its content.
  public let digest: Digest
  /// The layout that it was read from.
  public let layout: Layout
  /// Pixels of a side of every image.
  public let side: Int
  /// The labels that occur, sorted.
  public let labels: [String]
  /// Whether flow is in pixels. Sets of flow images are scaled one by one and have no magnitude.
  public let hasMagnitude: Bool
  /// The clips, sorted by subject, then by name.
  public let clips: [PreparedClip]

  private let memory: SetMemory
  private let blocks: [Int]

  /// Opens a set.
  /// - Parameters:
  ///   - path: The file.
  ///   - verify: Whether every clip's bytes are compared with its digest. The header always is.
  /// - Throws: `PreparedSetError`: unreadable, no prepared set, newer, truncated, or one bit is off.
  public init(path: String, verify: Bool = true) throws(PreparedSetError) {
    let opened = try OpenedSet(path: path)
    if verify { try opened.verifyClips() }
    digest = opened.digest
    layout = opened.header.layout
    side = opened.header.side
    labels = opened.header.labels
    hasMagnitude = opened.header.hasMagnitude
    clips = opened.header.clips
    blocks = opened.header.offsets.map { opened.payloadStart + $0 }
    memory = try SetMemory(descriptor: opened.file.descriptor, count: opened.size, path: path)
  }

  /// A set of one clip that no file holds.
  init(_ clip: LoadedClip, layout: Layout, side: Int) {
    let block = SetFormat.block(of: clip.content, frames: clip.frames, flows: clip.flows, side: side)
    memory = SetMemory(copying: block)
    let bytes = UnsafeRawBufferPointer(start: memory.start, count: block.count)
    let own = SetFormat.digest(of: clip.content, block: bytes, layout: layout, side: side)
    let header = SetHeader(layout: layout, side: side, clips: [PreparedClip(clip.content, digest: own)])
    digest = Digest(of: SetFormat.head(of: header))
    self.layout = layout
    self.side = side
    labels = header.labels
    hasMagnitude = header.hasMagnitude
    clips = header.clips
    blocks = header.offsets
  }

  /// Compares the bytes of one clip with its digest, for a set that was opened without.
  /// - Throws: `PreparedSetError.damaged` where a bit is off.
  public func verify(clip: Int, path: String) throws(PreparedSetError) {
    let bytes = UnsafeRawBufferPointer(start: memory.start + blocks[clip], count: blocks[clip + 1] - blocks[clip])
    let one = clips[clip]
    guard SetFormat.digest(of: one.content, block: bytes, layout: layout, side: side) == one.digest else {
      throw .damaged(path: path, what: "clip \(one.subject)/\(one.name) does not match its digest")
    }
  }

  /// The grey pixels of a stored frame: side² bytes, row after row.
  public func grey(clip: Int, frame: Int) -> UnsafeBufferPointer<UInt8> {
    precondition(clips[clip].frames.indices.contains(frame), "a frame that clip \(clip) does not have")
    let start = memory.start + blocks[clip] + frame * side * side
    return UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: side * side)
  }

  /// A stored flow field: three planes u, v, strain of side² floats each.
  public func flow(clip: Int, flow: Int) -> UnsafeBufferPointer<Float> {
    precondition(clips[clip].flows.indices.contains(flow), "a flow field that clip \(clip) does not have")
    let frames = SetFormat.frameBytes(of: clips[clip].content, side: side)
    let count = 3 * side * side
    let start = memory.start + blocks[clip] + frames + flow * count * MemoryLayout<Float>.size
    return UnsafeBufferPointer(start: start.assumingMemoryBound(to: Float.self), count: count)
  }

  /// The subjects, sorted.
  public var subjects: [String] {
    Set(clips.map(\.subject)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

/// Why a prepared set was refused.
public enum PreparedSetError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file cannot be opened or read.
  case unreadable(path: String, why: String)
  /// The file is something else.
  case notASet(path: String)
  /// The file has a version that this program does not know.
  case newer(path: String, version: Int)
  /// The file ends early, or a bit is off.
  case damaged(path: String, what: String)

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .unreadable(let path, let why):
      oneLine("\(path) cannot be read: \(why); give a file that microfold prepare wrote")
    case .notASet(let path): oneLine("\(path) is not a prepared set; make one with microfold prepare")
    case .newer(let path, let version):
      oneLine(
        "\(path) has format \(version) and this program reads format \(SetFormat.version); "
          + "prepare it again with this version")
    case .damaged(let path, let what): oneLine("\(path) is damaged: \(what); prepare it again")
    }
  }
}

/// Read-only memory of a whole file, or of a block that no file holds.
private final class SetMemory: @unchecked Sendable {
  // Unchecked: the memory is never written after it was made.
  let start: UnsafeRawPointer
  private let mapped: Int?

  init(descriptor: Int32, count: Int, path: String) throws(PreparedSetError) {
    guard let memory = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), memory != MAP_FAILED else {
      throw .unreadable(path: path, why: String(cString: strerror(errno)))
    }
    start = UnsafeRawPointer(memory)
    mapped = count
  }

  init(copying bytes: [UInt8]) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: SetFormat.alignment)
    bytes.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(memory), byteCount: $0.count) }
    start = UnsafeRawPointer(memory)
    mapped = nil
  }

  deinit {
    let memory = UnsafeMutableRawPointer(mutating: start)
    if let mapped { munmap(memory, mapped) } else { memory.deallocate() }
  }
}
