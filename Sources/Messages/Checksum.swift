// CRC-32C (Castagnoli), eight bytes at a time: tells damage, not malice.

/// A running CRC-32C over several frames.
package struct Checksum {
  private var state: UInt32 = 0xFFFF_FFFF

  /// The sum of nothing.
  package init() {}

  /// The sum of all that was added.
  package var value: UInt32 { ~state }

  /// Appends bytes.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    state = Self.tables.withUnsafeBufferPointer { Self.update(state, bytes, $0) }
  }

  private static func update(
    _ start: UInt32, _ bytes: UnsafeRawBufferPointer, _ table: UnsafeBufferPointer<UInt32>
  ) -> UInt32 {
    var state = start
    var place = 0
    while place + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self).littleEndian ^ UInt64(state)
      state = table[1792 + Int(word & 255)] ^ table[1536 + Int(word >> 8 & 255)]
      state ^= table[1280 + Int(word >> 16 & 255)] ^ table[1024 + Int(word >> 24 & 255)]
      state ^= table[768 + Int(word >> 32 & 255)] ^ table[512 + Int(word >> 40 & 255)]
      state ^= table[256 + Int(word >> 48 & 255)] ^ table[Int(word >> 56)]
      place += 8
    }
    while place < bytes.count {
      state = table[Int(UInt8(truncatingIfNeeded: state) ^ bytes[place])] ^ state >> 8
      place += 1
    }
    return state
  }

  /// Table t, entry b: the sum after byte b and t zero bytes.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var sum = UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
      tables[byte] = sum
    }
    for place in 256..<tables.count {
      let before = tables[place - 256]
      tables[place] = tables[Int(before & 255)] ^ before >> 8
    }
    return tables
  }()
}
