// Several messages in one frame: for brief stages the cost of a frame, of its encryption and of a wake-up is shared.

import Canonical

/// Messages that wait to leave together for one peer.
public struct Bundle: Sendable {
  private var writer = ByteWriter()
  private var first: Envelope?
  private var count = 0

  /// Nothing waits.
  public init() {}

  /// Whether nothing waits.
  public var isEmpty: Bool { count == 0 }

  /// Whether it should leave before anything is added.
  public var isFull: Bool { count >= Limits.bundleMessages || writer.count >= Limits.bundleBytes }

  /// Adds a message.
  /// - Precondition: no piece of an artifact, and every field keeps its bound in `Limits`.
  public mutating func add(_ envelope: Envelope) {
    if case .artifactChunk = envelope.message { preconditionFailure("a piece travels alone") }
    if count == 0 { first = envelope }
    count += 1
    let start = writer.count
    writer.integer(UInt32(0))
    Codec.write(envelope, to: &writer)
    writer.replace(at: start, by: UInt32(writer.count - start - 4 - Wire.headerBytes))
  }

  /// Hands out the frames of what waits and starts anew. One message alone is no bundle.
  public mutating func take() -> [[UInt8]] {
    defer {
      writer.clear()
      first = nil
      count = 0
    }
    if count == 1, let first { return Codec.encode(first) }
    return [writer.bytes]
  }
}

extension Codec {
  /// The messages that these frames are, one or a bundle.
  /// - Throws: `MessageError`; the caller counts it and does nothing else.
  public static func decodeAll(_ frames: [[UInt8]]) throws(MessageError) -> [Envelope] {
    guard frames.count == 1 else { return [try decode(frames)] }
    let bytes = frames[0]
    guard bytes.count <= Limits.frameBytes else { throw .frameSize(bytes.count) }
    guard !bytes.isEmpty else { throw .foreign }
    var envelopes: [Envelope] = []
    var place = 0
    while place < bytes.count {
      guard envelopes.count < Limits.bundleMessages, bytes.count - place >= 4 + Wire.headerBytes else {
        throw .foreign
      }
      let size = bytes.withUnsafeBytes {
        Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
      }
      let start = place + 4
      guard size <= bytes.count - start - Wire.headerBytes else { throw .foreign }
      place = start + Wire.headerBytes + size
      envelopes.append(try decode(bytes, start..<place, nil))
    }
    return envelopes
  }
}
