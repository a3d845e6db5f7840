// The file of authorised keys: what is read, what is refused with its line, and that no bytes do worse than that.

import Access
import Testing

/// A key that differs from others by its number.
func key(_ number: UInt8) throws -> PublicKey {
  try #require(PublicKey(bytes: [UInt8](repeating: number, count: 32)))
}

@Suite struct AuthorisedKeysTests {
  private static let text = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

  private func parse(_ text: String) throws(KeyFileError) -> AuthorisedKeys {
    try AuthorisedKeys(parsing: Array(text.utf8), file: "keys/authorised-keys")
  }

  @Test func aFileWithCommentsAndAllWordsIsRead() throws {
    let keys = try parse(
      "# who may come in\n\n  lab07\tworker \(Self.text)  until=2027-01-31 from=10.1.0.0/16\n"
        + "ann admin \(try key(1))\n#ann viewer \(try key(2))\n")
    #expect(keys.entries.map(\.name) == ["lab07", "ann"])
    #expect(keys.entries[0].line == "lab07 worker \(Self.text) from=10.1.0.0/16 until=2027-01-31")
    #expect(keys.entry(of: try key(1))?.role == .admin)
    #expect(keys.entry(of: try key(2)) == nil)
    #expect(try parse("").entries.isEmpty)
    let again = try parse(keys.entries.map(\.line).joined(separator: "\n"))
    #expect(again == keys)
  }

  @Test(arguments: [
    ("lab07 worker", "2 words"), ("lab07 worker short", "not 40 signs of Z85"), ("lab07 boss KEY", "role \"boss\""),
    ("-x worker KEY", "name \"-x\""), ("a/b worker KEY", "name \"a/b\""), (".. worker KEY", "name \"..\""),
    ("lab07 worker KEY from=10.1.0.0/33", "from=10.1.0.0/33"), ("lab07 worker KEY from=10.1.0.1/16", "zeros behind"),
    ("lab07 worker KEY from=lab", "a network such as"), ("lab07 worker KEY from=", "a network such as"),
    ("lab07 worker KEY from=10.1.0.0/+8", "a network such as"), ("lab07 worker KEY until=2027-02-29", "a day such as"),
    ("lab07 worker KEY until=tomorrow", "a day such as"),
    ("lab07 worker KEY until=2027-01-01T24:00:00Z", "a day such as"),
    ("lab07 worker KEY until=2027-01-01 until=2028-01-01", "each once"), ("lab07 worker KEY role=admin", "role=admin"),
    ("lab07 worker KEY\r", "line ends of Unix"), ("läb worker KEY", "a byte of value 195"),
    ("lab07 worker KEY\nlab07 viewer OTHER", "stands in line 1"),
    ("lab07 worker KEY\nlab08 viewer KEY", "stands in line 1"),
    (String(repeating: "x", count: 1_025), "1025 bytes"),
  ])
  func aLineThatIsNotExactlyRightIsNamed(line: String, says: String) throws {
    let text = line.replacing("KEY", with: Self.text).replacing("OTHER", with: try key(9).text)
    let error = #expect(throws: KeyFileError.self) { try parse(text) }
    #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
    #expect(error?.description.hasPrefix("keys/authorised-keys:\(text.contains("\n") ? 2 : 1): ") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func aFileThatIsTooLargeIsRefusedAsAWhole() {
    let error = #expect(throws: KeyFileError.self) {
      try AuthorisedKeys(parsing: [UInt8](repeating: 35, count: AuthorisedKeys.fileBytes + 1), file: "f")
    }
    #expect(error?.line == 0)
  }

  @Test func keysAsTextAndAsBytesAreTheSame() throws {
    // The example of RFC 32 of ZeroMQ, doubled: eight bytes are "HelloWorld".
    let bytes: [UInt8] = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]
    let key = try #require(PublicKey(bytes: bytes + bytes + bytes + bytes))
    #expect(key.text == "HelloWorldHelloWorldHelloWorldHelloWorld")
    #expect(key.bytes == bytes + bytes + bytes + bytes)
    #expect(PublicKey(String(repeating: "#", count: 40)) == nil, "each word is at most 2^32 - 1")
    #expect(PublicKey(bytes: [1]) == nil)
  }

  /// Goal: no bytes trap, and what is read can be written and read again. Method: 20,000 files from one seed, changed
  /// from a right one sign by sign, cut, doubled and joined.
  @Test func noBytesDoWorseThanALineThatIsNamed() throws {
    var random = SplitMix(seed: 11)
    let right = Array(
      "# c\nlab07 worker \(Self.text) from=10.1.0.0/16 until=2027-01-31\nann admin \(try key(1))\n".utf8)
    var read = 0
    for _ in 0..<20_000 {
      var bytes = right
      for _ in 0..<Int(random.next() % 4) {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 4 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int(random.next() % 9)))
        case 2: bytes.insert(contentsOf: bytes[..<place].suffix(20), at: place)
        default: bytes.insert([9, 10, 32, 35, 47, 61][Int(random.next() % 6)], at: place)
        }
        if bytes.isEmpty { bytes = [10] }
      }
      do throws(KeyFileError) {
        let keys = try AuthorisedKeys(parsing: bytes, file: "f")
        read += 1
        let again = try AuthorisedKeys(parsing: Array(keys.entries.map(\.line).joined(separator: "\n").utf8), file: "f")
        #expect(again == keys)
      } catch {
        #expect(!error.description.contains("\n") && error.description.utf8.count < 2_000)
      }
    }
    #expect(read > 5_000)
  }
}

/// SplitMix64 (Steele et al. 2014).
private struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
