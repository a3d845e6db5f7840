// Canonical bytes: known digests, one text per value, and readers that no bytes can trap.

import Canonical
import Testing

@Suite("Digest")
struct DigestTests {
  /// The test vectors of FIPS 180-4.
  @Test("known messages have their published SHA-256")
  func vectors() {
    #expect(Digest(of: []).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(Digest(of: "abc".utf8).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test("pieces give the digest of the whole")
  func pieces() {
    let message = (0..<1_003).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for cut in [0, 1, 63, 64, 65, 1_003] {
      var builder = DigestBuilder()
      builder.add(message[..<cut])
      builder.add(message[cut...])
      #expect(builder.finish() == Digest(of: message))
    }
  }

  @Test("hexadecimal text reads back, and nothing else is a digest")
  func hexadecimal() {
    let digest = Digest(of: "x".utf8)
    #expect(Digest(hex: digest.hex) == digest)
    #expect(Digest(hex: digest.hex.uppercased()) == nil)
    #expect(Digest(hex: String(digest.hex.dropLast())) == nil)
    #expect(Digest(hex: "g" + digest.hex.dropFirst()) == nil)
  }

  @Test("the seed is the first eight bytes, little-endian")
  func seed() {
    let digest = Digest(bytes: [1, 2, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 9, count: 24))
    #expect(digest.seed == 0x0201)
  }
}

@Suite("JSON")
struct JSONTests {
  @Test("keys are sorted by their bytes and numbers are shortest")
  func text() {
    let value: JSON = ["b": 0.1, "a": [1, 1.0, true, .null], "ä": "q\"\\\n", "A": 1e-7]
    #expect(value.text == #"{"A":1e-07,"a":[1,1.0,true,null],"b":0.1,"ä":"q\"\\\u000a"}"#)
  }

  @Test("what is written reads back to the same value", arguments: 1...50)
  func roundTrip(seed: UInt64) throws {
    var source = Source(state: seed)
    let value = source.value(depth: 0)
    #expect(try JSON(parsing: value.bytes) == value)
  }

  @Test(
    "texts that are not JSON are refused",
    arguments: [
      "", "{", "[1,]", "{\"a\":1,\"a\":2}", "01", "1.", "-", "nul", "\"\u{1}\"", "\"\\x\"", "\"\\ud800\"", "1 2", "[1",
      "{\"a\" 1}", "{a:1}", "+1", "1e999", "\"\\u12\"", "--1", "-01",
    ])
  func refused(text: String) {
    #expect(throws: JSONError.self) { try JSON(parsing: text.utf8) }
  }

  @Test("nesting is limited")
  func depth() {
    #expect(throws: JSONError.self) { try JSON(parsing: [UInt8](repeating: UInt8(ascii: "["), count: 100_000)) }
  }

  /// Goal: no bytes trap the reader. Method: valid texts with a few bytes changed.
  @Test("damaged texts are read or refused, never trapped", arguments: 1...200)
  func fuzz(seed: UInt64) {
    var source = Source(state: seed &+ 1_000)
    var bytes = source.value(depth: 0).bytes
    for _ in 0..<4 where !bytes.isEmpty { bytes[source.below(bytes.count)] = UInt8(source.below(256)) }
    if let value = try? JSON(parsing: bytes) { #expect((try? JSON(parsing: value.bytes)) == value) }
  }

  @Test("surrogate pairs and escapes are read")
  func escapes() throws {
    #expect(try JSON(parsing: #""\ud83d\ude00\u00e4\t""#.utf8) == "😀ä\t")
  }
}

@Suite("Bytes")
struct ByteCodecTests {
  @Test("values read back in their order")
  func roundTrip() throws {
    var writer = ByteWriter()
    writer.integer(UInt16(0xABCD))
    writer.integer(Int64(-5))
    writer.text("clip")
    writer.digest(Digest(of: [7]))
    var reader = ByteReader(writer.bytes)
    #expect(try reader.integer(UInt16.self) == 0xABCD)
    #expect(try reader.integer(Int64.self) == -5)
    #expect(try reader.text(limit: 4) == "clip")
    #expect(try reader.digest() == Digest(of: [7]))
    try reader.end()
  }

  @Test("every truncation is refused, and a count above its limit too")
  func truncation() {
    var writer = ByteWriter()
    writer.text("abcdef")
    for count in 0..<writer.bytes.count {
      var reader = ByteReader(writer.bytes.prefix(count))
      #expect(throws: ByteError.self) { try reader.text(limit: 100) }
    }
    var reader = ByteReader(writer.bytes)
    #expect(throws: ByteError.self) { try reader.text(limit: 5) }
  }
}

/// A small generator of values for these tests (SplitMix64).
private struct Source {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  mutating func value(depth: Int) -> JSON {
    switch below(depth > 3 ? 5 : 7) {
    case 0: return .null
    case 1: return .bool(below(2) == 0)
    case 2: return .integer(Int(bitPattern: UInt(next())))
    case 3:
      let number = Double(bitPattern: next())
      return .number(number.isFinite ? number : 0.5)
    case 4: return .string(String((0..<below(9)).map { _ in Character(Unicode.Scalar(UInt8(below(256)))) }))
    case 5: return .array((0..<below(4)).map { _ in value(depth: depth + 1) })
    default:
      return .object(Dictionary((0..<below(4)).map { ("k\($0)", value(depth: depth + 1)) }) { first, _ in first })
    }
  }
}
