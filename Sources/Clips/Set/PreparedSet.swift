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

  /// Where each clip's block lies.
  private let blocks: [Block]

  private struct Block: Sendable {
    let memory: SetMemory
    let offset: Int
    let count: Int

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory.start + offset, count: count) }
  }

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
    let memory = try SetMemory(descriptor: opened.file.descriptor, count: opened.size, path: path)
    blocks = Self.blocks(opened.header, from: opened.payloadStart, in: memory)
  }

  /// A set of one clip that no file holds.
  init(_ clip: LoadedClip, layout: Layout, side: Int) {
    let block = SetFormat.block(of: clip.content, frames: clip.frames, flows: clip.flows, side: side)
    let memory = SetMemory(copying: block)
    let bytes = UnsafeRawBufferPointer(start: memory.start, count: block.count)
    let own = SetFormat.digest(of: clip.content, block: bytes, layout: layout, side: side)
    let header = SetHeader(layout: layout, side: side, clips: [PreparedClip(clip.content, digest: own)])
    digest = Digest(of: SetFormat.head(of: header))
    self.layout = layout
    self.side = side
    labels = header.labels
    hasMagnitude = header.hasMagnitude
    clips = header.clips
    blocks = Self.blocks(header, from: 0, in: memory)
  }

  /// Several sets as one; each subject is prefixed by the name of its set and `/`. Nothing is copied.
  ///
  /// Clips keep their digests, so what a stage reads is named as in the set that it came from.
  /// - Throws: `PreparedSetError.unlike` where the sets do not fit each other.
  public init(joining parts: [(name: String, set: PreparedSet)]) throws(PreparedSetError) {
    guard let first = parts.first else { preconditionFailure("no set is no set") }
    if let other = parts.first(where: { $0.set.side != first.set.side || $0.set.layout != first.set.layout }) {
      throw .unlike(first.name, other.name)
    }
    let all = parts.flatMap { part in
      part.set.clips.indices.map { (part.set.clips[$0].of(subject: "\(part.name)/"), part.set.blocks[$0]) }
    }
    let sorted = all.sorted { $0.0.content.precedes($1.0.content) }
    digest = JSON.array(parts.map { .array([.string($0.name), .string($0.set.digest.hex)]) }).digest
    layout = first.set.layout
    side = first.set.side
    hasMagnitude = first.set.hasMagnitude
    clips = sorted.map(\.0)
    blocks = sorted.map(\.1)
    labels = Set(clips.map(\.label)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func blocks(_ header: SetHeader, from start: Int, in memory: SetMemory) -> [Block] {
    zip(header.offsets, header.offsets.dropFirst()).map { offset, next in
      Block(memory: memory, offset: start + offset, count: next - offset)
    }
  }

  /// The digests of a clip's stored images, frames first, without the name, label or subject that they stand under;
  /// images of one value everywhere are left out, since they are alike in any two clips.
  public func imageDigests(clip: Int) -> [Digest] {
    let frames = clips[clip].frames.indices.map { UnsafeRawBufferPointer(grey(clip: clip, frame: $0)) }
    let flows = clips[clip].flows.indices.map { UnsafeRawBufferPointer(flow(clip: clip, flow: $0)) }
    // Four bytes are one value of flow; of grey, four equal bytes are as flat as one.
    return (frames + flows).filter { bytes in
      bytes.indices.contains { bytes[$0] != bytes[$0 & 3] }
    }.map { Digest(of: $0) }
  }

  /// Compares the bytes of one clip with its digest, for a set that was opened without.
  /// - Throws: `PreparedSetError.damaged` where a bit is off.
  public func verify(clip: Int, path: String) throws(PreparedSetError) {
    let one = clips[clip]
    guard SetFormat.digest(of: one.content, block: blocks[clip].bytes, layout: layout, side: side) == one.digest else {
      throw .damaged(path: path, what: "clip \(one.subject)/\(one.name) does not match its digest")
    }
  }

  /// The grey pixels of a stored frame: side² bytes, row after row.
  public func grey(clip: Int, frame: Int) -> UnsafeBufferPointer<UInt8> {
    precondition(clips[clip].frames.indices.contains(frame), "a frame that clip \(clip) does not have")
    let start = blocks[clip].memory.start + blocks[clip].offset + frame * side * side
    return UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: side * side)
  }

  /// A stored flow field: three planes u, v, strain of side² floats each.
  public func flow(clip: Int, flow: Int) -> UnsafeBufferPointer<Float> {
    precondition(clips[clip].flows.indices.contains(flow), "a flow field that clip \(clip) does not have")
    let frames = SetFormat.frameBytes(of: clips[clip].content, side: side)
    let count = 3 * side * side
    let start = blocks[clip].memory.start + blocks[clip].offset + frames + flow * count * MemoryLayout<Float>.size
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
  /// Two sets that should be one have other sizes or layouts.
  case unlike(String, String)

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
    case .unlike(let one, let other):
      oneLine("the sets \(one) and \(other) have different sides or layouts; prepare both with one --side and layout")
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
