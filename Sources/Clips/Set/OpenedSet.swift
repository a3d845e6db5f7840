// Opening and verifying: everything that can be wrong with the file is found here, before it is mapped.

import Canonical
import Glibc

/// An open file whose header was read and agrees with its digest and its size.
struct OpenedSet {
  let path: String
  let file: InputFile
  let size: Int
  let header: SetHeader
  let payloadStart: Int
  let digest: Digest

  init(path: String) throws(PreparedSetError) {
    self.path = path
    do {
      file = try InputFile(path: path)
    } catch {
      throw .unreadable(path: path, why: error.why)
    }
    size = file.size
    let (headerBytes, payloadBytes) = try Self.readPrefix(file, path: path)
    payloadStart = SetFormat.payloadStart(header: headerBytes)
    let end = payloadStart + payloadBytes
    guard size == end + SetFormat.digestBytes else {
      throw .damaged(path: path, what: "it has \(size) bytes instead of \(end + SetFormat.digestBytes)")
    }
    let head = try Self.read(file, at: 0, count: payloadStart, path: path)
    digest = Digest(bytes: try Self.read(file, at: end, count: SetFormat.digestBytes, path: path))
    guard Digest(of: head) == digest else { throw .damaged(path: path, what: "its header does not match its digest") }
    let text = Array(head[SetFormat.prefixBytes..<SetFormat.prefixBytes + headerBytes])
    guard let header = SetHeader(parsing: text), header.offsets.last == payloadBytes else {
      throw .damaged(path: path, what: "its header is not one that this program writes")
    }
    self.header = header
  }

  /// Sizes of header and payload, each within what the file can hold.
  private static func readPrefix(
    _ file: InputFile, path: String
  ) throws(PreparedSetError) -> (header: Int, payload: Int) {
    let magic = try read(file, at: 0, count: min(file.size, SetFormat.magic.count), path: path)
    guard !magic.isEmpty, SetFormat.magic.starts(with: magic) else { throw .notASet(path: path) }
    guard file.size > SetFormat.prefixBytes + SetFormat.digestBytes else {
      throw .damaged(path: path, what: "it ends after \(file.size) bytes")
    }
    var reader = ByteReader(try read(file, at: SetFormat.magic.count, count: 24, path: path))
    guard let version = try? reader.integer(UInt32.self), let zero = try? reader.integer(UInt32.self),
      let header = try? reader.integer(UInt64.self), let payload = try? reader.integer(UInt64.self)
    else { throw .damaged(path: path, what: "it ends early") }
    guard version <= SetFormat.version else { throw .newer(path: path, version: Int(version)) }
    guard version == SetFormat.version, zero == 0, header > 0, header <= SetFormat.headerLimit_bytes,
      header <= file.size, payload <= file.size
    else { throw .damaged(path: path, what: "its first bytes are impossible, or it ends early") }
    return (Int(header), Int(payload))
  }

  /// Compares every clip with its digest, in pieces of a mebibyte.
  func verifyClips() throws(PreparedSetError) {
    let offsets = header.offsets
    for (place, clip) in header.clips.enumerated() {
      var builder = DigestBuilder()
      builder.add(PreparedClip.description(of: clip.content, layout: header.layout, side: header.side).bytes)
      var at = offsets[place]
      while at < offsets[place + 1] {
        let count = min(1 << 20, offsets[place + 1] - at)
        builder.add(try Self.read(file, at: payloadStart + at, count: count, path: path))
        at += count
      }
      guard builder.finish() == clip.digest else {
        throw .damaged(path: path, what: "clip \(clip.subject)/\(clip.name) does not match its digest")
      }
    }
  }

  private static func read(
    _ file: InputFile, at offset: Int, count: Int, path: String
  ) throws(PreparedSetError) -> [UInt8] {
    do {
      return try file.read(at: offset, count: count)
    } catch {
      throw .unreadable(path: path, why: error.why)
    }
  }
}
