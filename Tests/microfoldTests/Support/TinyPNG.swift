// A PNG by hand: no decoder of ours or of OpenCV had a part in making it, and every field may be made wrong.

import Glibc

/// Writes colour PNGs whose pixel data are stored, not compressed.
enum TinyPNG {
  /// A picture of `width` × `height`; `colour` gives red, green and blue at (x, y).
  static func bytes(_ width: Int, _ height: Int, _ colour: (Int, Int) -> (UInt8, UInt8, UInt8)) -> [UInt8] {
    var rows: [UInt8] = []
    for y in 0..<height {
      rows.append(0)
      for x in 0..<width {
        let (red, green, blue) = colour(x, y)
        rows += [red, green, blue]
      }
    }
    return file(width: UInt32(width), height: UInt32(height), rows: rows)
  }

  /// A file whose header promises `width` × `height` pixels, whatever `rows` holds (at most 65,535 bytes).
  static func file(width: UInt32, height: UInt32, rows: [UInt8]) -> [UInt8] {
    let header = bigEndian(width) + bigEndian(height) + [8, 2, 0, 0, 0]
    let size = UInt16(rows.count)
    let low = [UInt8(size & 255), UInt8(size >> 8)]
    let block = [0x78, 0x01, 0x01] + low + low.map { ~$0 } + rows + bigEndian(adler(rows))
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    return signature + chunk("IHDR", header) + chunk("IDAT", block) + chunk("IEND", [])
  }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    return bigEndian(UInt32(content.count)) + body + bigEndian(checksum(body))
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private static func adler(_ bytes: [UInt8]) -> UInt32 {
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return b << 16 | a
  }

  /// CRC-32, bit by bit.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }
}
