// The format of a prepared set, version 1. All numbers are little-endian.
//
//     bytes 0…7     "MICROSET"
//     bytes 8…11    version (UInt32)
//     bytes 12…15   zero
//     bytes 16…23   bytes of the header (UInt64)
//     bytes 24…31   bytes of the payload (UInt64)
//     bytes 32…     header: one canonical JSON object; then zeros up to a multiple of 64
//     payload       a block per clip, in order: frames (side² bytes each), zeros to 64, flow fields (three planes u, v,
//                   strain of side² Float32 each), zeros to 64
//     last 32       SHA-256 of everything before the payload: the digest of the set
//
// The header holds the SHA-256 of each clip (description and block), so the last digest covers every byte of the file
// and reading it once verifies all. Nothing in the file depends on where, when or by whom it was made.

import Canonical

enum SetFormat {
  static let magic: [UInt8] = Array("MICROSET".utf8)
  static let version: UInt32 = 1
  static let prefixBytes = 32
  static let digestBytes = 32
  static let alignment = 64
  static let headerLimit_bytes = 64 << 20
  static let clipLimit = 100_000

  /// `count` and the zeros that follow it.
  static func aligned(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }

  /// The place of the first block.
  static func payloadStart(header: Int) -> Int { aligned(prefixBytes + header) }

  /// Bytes of a clip's frames with their zeros.
  static func frameBytes(of clip: ClipContent, side: Int) -> Int { aligned(clip.frames.count * side * side) }

  /// Bytes of a clip's block.
  static func blockBytes(of clip: ClipContent, side: Int) -> Int {
    frameBytes(of: clip, side: side) + aligned(clip.flows.count * 3 * side * side * MemoryLayout<Float>.size)
  }

  /// The block of a clip.
  /// - Precondition: frames and flow have the sizes that the description says.
  static func block(of clip: ClipContent, frames: [UInt8], flows: [Float], side: Int) -> [UInt8] {
    precondition(frames.count == clip.frames.count * side * side, "frames of a wrong size")
    precondition(flows.count == clip.flows.count * 3 * side * side, "flow of a wrong size")
    var block = frames
    block += [UInt8](repeating: 0, count: frameBytes(of: clip, side: side) - block.count)
    for value in flows { withUnsafeBytes(of: value.bitPattern.littleEndian) { block += $0 } }
    return block + [UInt8](repeating: 0, count: blockBytes(of: clip, side: side) - block.count)
  }

  /// The digest of a clip with its block.
  static func digest(of clip: ClipContent, block: UnsafeRawBufferPointer, layout: Layout, side: Int) -> Digest {
    var builder = DigestBuilder()
    builder.add(PreparedClip.description(of: clip, layout: layout, side: side).bytes)
    builder.add(block)
    return builder.finish()
  }

  /// The bytes before the payload.
  static func head(of header: SetHeader) -> [UInt8] {
    let text = header.json.bytes
    let head = prefix(header: text.count, payload: header.offsets.last ?? 0) + text
    return head + [UInt8](repeating: 0, count: payloadStart(header: text.count) - head.count)
  }

  /// The bytes before the header.
  static func prefix(header: Int, payload: Int) -> [UInt8] {
    var writer = ByteWriter()
    writer.raw(magic)
    writer.integer(version)
    writer.integer(UInt32(0))
    writer.integer(UInt64(header))
    writer.integer(UInt64(payload))
    return writer.bytes
  }
}

/// What the header says.
struct SetHeader {
  var layout: Layout
  var side: Int
  var clips: [PreparedClip]

  var labels: [String] {
    Set(clips.map(\.label)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Whether flow is in pixels, so that magnitudes can be compared: not in images scaled one by one.
  var hasMagnitude: Bool { layout == .folders }

  /// Where each block starts, counted from the payload's start, and where the last one ends.
  var offsets: [Int] {
    var offsets = [0]
    for clip in clips { offsets.append((offsets.last ?? 0) + SetFormat.blockBytes(of: clip.content, side: side)) }
    return offsets
  }

  var json: JSON {
    [
      "layout": .string(layout.rawValue), "side": .integer(side), "has_magnitude": .bool(hasMagnitude),
      "labels": .array(labels.map(JSON.string)),
      "clips": .array(
        clips.map { clip in
          [
            "subject": .string(clip.subject), "label": .string(clip.label), "name": .string(clip.name),
            "apex_found": .bool(clip.apexFound), "still": .bool(clip.still), "digest": .string(clip.digest.hex),
            "frames": .array(clip.frames.map(\.json)), "flows": .array(clip.flows.map(\.json)),
          ]
        }),
    ]
  }
}

// MARK: - Reading

extension SetHeader {
  /// Reads a header; nil where anything in it is missing, of a wrong type, out of range, out of order or not canonical.
  init?(parsing text: [UInt8]) {
    guard let json = try? JSON(parsing: text), let layout = json["layout"]?.string.flatMap(Layout.init(rawValue:)),
      let side = json["side"]?.integer, (1...4_096).contains(side), let entries = json["clips"]?.array,
      entries.count <= SetFormat.clipLimit
    else { return nil }
    let clips = entries.compactMap(Self.clip)
    let ordered = zip(clips, clips.dropFirst()).allSatisfy { $0.content.precedes($1.content) }
    guard clips.count == entries.count, !clips.isEmpty, ordered else { return nil }
    self.init(layout: layout, side: side, clips: clips)
    guard self.json.bytes == text else { return nil }
  }

  private static func clip(_ json: JSON) -> PreparedClip? {
    guard let subject = json["subject"]?.string, let label = json["label"]?.string, let name = json["name"]?.string,
      let digest = json["digest"]?.string.flatMap({ Digest(hex: $0) }), let apexFound = json["apex_found"]?.bool,
      let still = json["still"]?.bool, let frameEntries = json["frames"]?.array, let flowEntries = json["flows"]?.array,
      frameEntries.count <= 10_000, flowEntries.count <= 10_000
    else { return nil }
    let frames = frameEntries.compactMap(FrameInfo.init)
    let flows = flowEntries.compactMap(FlowInfo.init)
    guard frames.count == frameEntries.count, flows.count == flowEntries.count, frames.count + flows.count > 0 else {
      return nil
    }
    return PreparedClip(
      subject: subject, label: label, name: name, digest: digest, frames: frames, flows: flows, apexFound: apexFound,
      still: still)
  }
}
