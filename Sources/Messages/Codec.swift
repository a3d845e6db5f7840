// Messages to frames and back. Decoding never traps: whatever arrives becomes a message or a MessageError.

import Canonical

/// The codec of the wire.
public enum Codec {
  /// The frames of a message: header, body, and for a piece of an artifact the bulk.
  /// - Precondition: every field keeps its bound in `Limits`.
  public static func encode(_ envelope: Envelope) -> [[UInt8]] {
    var writer = ByteWriter()
    envelope.message.writeBody(to: &writer)
    let body = writer.bytes
    precondition(body.count <= Limits.frameBytes, "a message keeps the limits of the wire")
    let bulk: [UInt8]? = if case .artifactChunk(let chunk) = envelope.message { chunk.bytes } else { nil }
    var header = ByteWriter()
    header.raw(Wire.magic)
    header.integer(Wire.version)
    header.integer(envelope.message.type.rawValue)
    header.integer(bulk == nil ? 0 : Wire.bulkFlag)
    header.integer(envelope.epoch)
    header.integer(envelope.session)
    header.integer(envelope.sequence)
    header.integer(checksum(header.bytes, body, bulk))
    return [header.bytes, body] + (bulk.map { [$0] } ?? [])
  }

  /// The message that these frames are.
  /// - Throws: `MessageError`; the caller counts it and does nothing else.
  public static func decode(_ frames: [[UInt8]]) throws(MessageError) -> Envelope {
    guard frames.count == 2 || frames.count == 3 else { throw .frameCount(frames.count) }
    let bulk = frames.count == 3 ? frames[2] : nil
    guard frames[1].count <= Limits.frameBytes else { throw .frameSize(frames[1].count) }
    if let bulk, bulk.count > Limits.chunkBytes { throw .frameSize(bulk.count) }
    do {
      return try decode(header: frames[0], body: frames[1], bulk: bulk)
    } catch let error as MessageError {
      throw error
    } catch let error as ByteError {
      throw .malformed(error)
    } catch {
      throw .foreign
    }
  }

  private static func decode(header: [UInt8], body: [UInt8], bulk: [UInt8]?) throws -> Envelope {
    guard header.count == Wire.headerBytes, header.starts(with: Wire.magic) else { throw MessageError.foreign }
    var reader = ByteReader(header)
    _ = try reader.raw(Wire.magic.count)
    let version = try reader.integer(UInt16.self)
    guard version == Wire.version else { throw MessageError.version(version) }
    let type = try reader.integer(UInt8.self)
    let flags = try reader.integer(UInt8.self)
    let epoch = try reader.integer(UInt32.self)
    let session = try reader.integer(UInt64.self)
    let sequence = try reader.integer(UInt64.self)
    let sum = checksum(Array(header.prefix(reader.offset)), body, bulk)
    guard try reader.integer(UInt32.self) == sum else { throw MessageError.damaged }
    guard let type = MessageType(rawValue: type) else { throw MessageError.unknownType(type) }
    guard flags == (bulk == nil ? 0 : Wire.bulkFlag), (bulk != nil) == (type == .artifactChunk) else {
      throw ByteError(offset: 7, what: "flags that do not fit the frames")
    }
    var bodyReader = ByteReader(body)
    let message = try Message(type, from: &bodyReader, bulk: bulk ?? [])
    try bodyReader.end()
    return Envelope(epoch: epoch, session: session, sequence: sequence, message: message)
  }

  private static func checksum(_ header: [UInt8], _ body: [UInt8], _ bulk: [UInt8]?) -> UInt32 {
    var sum = Checksum()
    sum.add(header)
    sum.add(body)
    if let bulk { sum.add(bulk) }
    return sum.value
  }
}
