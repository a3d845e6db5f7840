// Messages to frames and back. Decoding never traps: whatever arrives becomes a message or a MessageError.

import Canonical

/// The codec of the wire.
public enum Codec {
  /// The frames of a message: header, body, and for a piece of an artifact the bulk.
  /// - Precondition: every field keeps its bound in `Limits`.
  public static func encode(_ envelope: Envelope) -> [[UInt8]] {
    var writer = ByteWriter(capacity: 256)
    write(envelope, to: &writer)
    let bytes = writer.bytes
    let frames = [Array(bytes[..<Wire.headerBytes]), Array(bytes[Wire.headerBytes...])]
    return if case .artifactChunk(let chunk) = envelope.message { frames + [chunk.bytes] } else { frames }
  }

  /// The same as a program of another protocol version would send it; for tests.
  package static func encode(_ envelope: Envelope, version: UInt16) -> [[UInt8]] {
    var frames = encode(envelope)
    frames[0].replaceSubrange(4..<6, with: [UInt8(version & 255), UInt8(version >> 8)])
    let bytes = frames[0] + frames[1]
    let body = Wire.headerBytes..<bytes.count
    let sum = bytes.withUnsafeBytes { checksum($0, header: 0, body: body, frames.count > 2 ? frames[2] : nil) }
    frames[0].replaceSubrange(28..<32, with: (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * UInt32($0))) })
    return frames
  }

  /// Appends header and body.
  static func write(_ envelope: Envelope, to writer: inout ByteWriter) {
    let bulk: [UInt8]? = if case .artifactChunk(let chunk) = envelope.message { chunk.bytes } else { nil }
    let start = writer.count
    writer.raw(Wire.magic)
    writer.integer(Wire.version)
    writer.integer(envelope.message.type.rawValue)
    writer.integer(bulk == nil ? 0 : Wire.bulkFlag)
    writer.integer(envelope.epoch)
    writer.integer(envelope.session)
    writer.integer(envelope.sequence)
    writer.integer(UInt32(0))
    let body = writer.count
    envelope.message.writeBody(to: &writer)
    precondition(writer.count - body <= Limits.frameBytes, "a message keeps the limits of the wire")
    let sum = writer.withBytes { checksum($0, header: start, body: body..<$0.count, bulk) }
    writer.replace(at: body - 4, by: sum)
  }

  /// The message that these frames are.
  /// - Throws: `MessageError`; the caller counts it and does nothing else.
  public static func decode(_ frames: [[UInt8]]) throws(MessageError) -> Envelope {
    guard frames.count == 2 || frames.count == 3 else { throw .frameCount(frames.count) }
    let bulk = frames.count == 3 ? frames[2] : nil
    guard frames[1].count <= Limits.frameBytes else { throw .frameSize(frames[1].count) }
    if let bulk, bulk.count > Limits.chunkBytes { throw .frameSize(bulk.count) }
    guard frames[0].count == Wire.headerBytes else { throw .foreign }
    return try decode(frames[0] + frames[1], 0..<frames[0].count + frames[1].count, bulk)
  }

  /// Reads a header and the body behind it.
  static func decode(_ bytes: [UInt8], _ part: Range<Int>, _ bulk: [UInt8]?) throws(MessageError) -> Envelope {
    guard part.count >= Wire.headerBytes else { throw .foreign }
    let header = bytes.withUnsafeBytes { Header($0, at: part.lowerBound) }
    guard header.magic == Wire.magicNumber else { throw .foreign }
    let body = part.lowerBound + Wire.headerBytes..<part.upperBound
    let sum = bytes.withUnsafeBytes { checksum($0, header: part.lowerBound, body: body, bulk) }
    // Header and checksum are the same in every version, so that damage is never taken for another version.
    guard header.sum == sum else { throw .damaged }
    guard header.version == Wire.version else { throw .version(header.version) }
    guard let type = MessageType(rawValue: header.type) else { throw .unknownType(header.type) }
    guard header.flags == (bulk == nil ? 0 : Wire.bulkFlag), (type == .artifactChunk) == (bulk != nil) else {
      throw .malformed(ByteError(offset: 7, what: "flags that do not fit the frames"))
    }
    do throws(ByteError) {
      var reader = ByteReader(bytes, in: body)
      let message = try Message(type, from: &reader, bulk: bulk ?? [])
      try reader.end()
      return Envelope(epoch: header.epoch, session: header.session, sequence: header.sequence, message: message)
    } catch { throw .malformed(error) }
  }

  /// The fields of a header, as Grammar.swift lists them.
  private struct Header {
    let magic: UInt32
    let version: UInt16
    let type: UInt8
    let flags: UInt8
    let epoch: UInt32
    let session: UInt64
    let sequence: UInt64
    let sum: UInt32

    init(_ bytes: UnsafeRawBufferPointer, at start: Int) {
      func field<Value: FixedWidthInteger & BitwiseCopyable>(_ place: Int) -> Value {
        Value(littleEndian: bytes.loadUnaligned(fromByteOffset: start + place, as: Value.self))
      }
      magic = field(0)
      version = field(4)
      type = field(6)
      flags = field(7)
      epoch = field(8)
      session = field(12)
      sequence = field(20)
      sum = field(28)
    }
  }

  /// The sum over a header without its own sum, the body and the bulk.
  private static func checksum(
    _ bytes: UnsafeRawBufferPointer, header: Int, body: Range<Int>, _ bulk: [UInt8]?
  ) -> UInt32 {
    var sum = Checksum()
    sum.add(UnsafeRawBufferPointer(rebasing: bytes[header..<header + Wire.headerBytes - 4]))
    sum.add(UnsafeRawBufferPointer(rebasing: bytes[body]))
    bulk?.withUnsafeBytes { sum.add($0) }
    return sum.value
  }
}
