// The codec gives back what it was given, and makes an error of everything else.

import Canonical
import Messages
import Testing

@Suite("wire codec")
struct CodecTests {
  /// Goal: decoding is the inverse of encoding. Method: 40 random messages of each kind.
  @Test("every kind of message comes back as it was", arguments: 0..<kindCount)
  func roundTrip(kind: Int) throws {
    var chance = Chance(seed: UInt64(kind) + 100)
    for _ in 0..<40 {
      let envelope = exampleEnvelope(kind, &chance)
      let frames = Codec.encode(envelope)
      #expect(frames[0].count == Wire.headerBytes)
      #expect(try Codec.decode(frames) == envelope)
    }
  }

  @Test("the examples have every kind of message once")
  func kinds() {
    var chance = Chance(seed: 1)
    let types = (0..<kindCount).map { Codec.encode(exampleEnvelope($0, &chance))[0][6] }
    #expect(types == (1...18).map { UInt8($0) })
  }

  /// Goal: damage is never read. Method: one bit of every byte of every frame is flipped: the checksum covers them all.
  @Test("a flipped bit anywhere is refused", arguments: 0..<kindCount)
  func flippedBits(kind: Int) {
    var chance = Chance(seed: UInt64(kind) + 200)
    let frames = Codec.encode(exampleEnvelope(kind, &chance))
    for frame in frames.indices {
      for place in frames[frame].indices {
        var damaged = frames
        damaged[frame][place] ^= 1 << UInt8(chance.below(8))
        #expect(throws: MessageError.self) { try Codec.decode(damaged) }
      }
    }
  }

  /// Goal: a peer that computes right checksums over wrong fields harms nothing. Method: each byte of the body gets the
  /// values that break lengths, counts and codes, and the checksum is made to fit; truncations and additions too.
  @Test("a wrong field with a right checksum is a message or an error", arguments: 0..<kindCount)
  func damagedFields(kind: Int) {
    var chance = Chance(seed: UInt64(kind) + 300)
    var refused = 0
    for _ in 0..<2 {
      let frames = Codec.encode(exampleEnvelope(kind, &chance))
      for place in frames[1].indices {
        for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
          var damaged = frames
          damaged[1][place] = value
          refused += survives(sealed(damaged)) ? 0 : 1
        }
        refused += survives(sealed([frames[0], Array(frames[1].prefix(place))] + frames.dropFirst(2))) ? 0 : 1
      }
      #expect(!survives(sealed([frames[0], frames[1] + [0]] + frames.dropFirst(2))))
    }
    if kind != 3 { #expect(refused > 0) }
  }

  /// Method: 5,000 messages of random bytes behind a right header and checksum, and 5,000 of random frames.
  @Test("random bytes are a message or an error")
  func randomBytes() {
    var chance = Chance(seed: 7)
    for round in 0..<5_000 {
      var header = Codec.encode(exampleEnvelope(3, &chance))[0]
      header[6] = UInt8(chance.below(20))
      header[7] = UInt8(chance.below(3))
      let body = chance.bytes(chance.below(120))
      let frames = round % 3 == 0 ? [header, body, chance.bytes(chance.below(20))] : [header, body]
      _ = survives(sealed(frames))
      _ = survives((0..<chance.below(5)).map { _ in chance.bytes(chance.below(64)) })
    }
  }

  @Test("what is not ours, of another version, unknown or too large is told apart")
  func refusals() {
    let frames = Codec.encode(Envelope(epoch: 1, session: 2, sequence: 3, message: .rehello))
    #expect(throws: MessageError.frameCount(1)) { try Codec.decode([frames[0]]) }
    #expect(throws: MessageError.frameCount(4)) { try Codec.decode(frames + frames) }
    #expect(throws: MessageError.foreign) { try Codec.decode([Array("GET / HTTP/1.1\r\n".utf8), []]) }
    #expect(throws: MessageError.foreign) { try Codec.decode([[], []]) }
    #expect(throws: MessageError.frameSize(Limits.frameBytes + 1)) {
      try Codec.decode([frames[0], Array(repeating: 0, count: Limits.frameBytes + 1)])
    }
    #expect(throws: MessageError.frameSize(Limits.chunkBytes + 1)) {
      try Codec.decode(frames + [Array(repeating: 0, count: Limits.chunkBytes + 1)])
    }
    var later = frames
    later[0][4] = 9
    #expect(throws: MessageError.version(9)) { try Codec.decode(sealed(later)) }
    #expect(throws: MessageError.damaged) { try Codec.decode(later) }
    var unknown = frames
    unknown[0][6] = 99
    #expect(throws: MessageError.unknownType(99)) { try Codec.decode(sealed(unknown)) }
    #expect(throws: MessageError.damaged) { try Codec.decode(unknown) }
  }

  @Test("the checksum is CRC-32C")
  func checksum() {
    #expect(reference(Array("123456789".utf8)) == 0xE306_9283)
    let frames = Codec.encode(Envelope(epoch: 1, session: 2, sequence: 3, message: .control(Array("123456789".utf8))))
    #expect(sealed(frames) == frames)
  }

  @Test("the largest messages fit a frame")
  func largest() throws {
    let result = StageResult(
      token: 1, stage: Digest(of: [1]), result: Array(repeating: 7, count: Limits.resultBytes), artifact: nil,
      seconds: 1)
    let envelope = Envelope(epoch: 1, session: 1, sequence: 1, message: .result(result))
    #expect(try Codec.decode(Codec.encode(envelope)) == envelope)
    let reply = Message.controlReply(Array(repeating: 7, count: Limits.controlReplyBytes))
    let answer = Envelope(epoch: 1, session: 1, sequence: 1, message: reply)
    #expect(try Codec.decode(Codec.encode(answer)) == answer)
  }

  // MARK: -

  private func survives(_ frames: [[UInt8]]) -> Bool { (try? Codec.decode(frames)) != nil }

  /// The frames with a checksum that fits them, computed here another way.
  private func sealed(_ frames: [[UInt8]]) -> [[UInt8]] {
    guard frames[0].count == Wire.headerBytes else { return frames }
    var sum = ByteWriter()
    sum.integer(reference(Array(frames[0].prefix(28)) + frames.dropFirst().joined()))
    return [Array(frames[0].prefix(28)) + sum.bytes] + frames.dropFirst()
  }

  private func reference(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(0xFFFF_FFFF) { Self.byteSums[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
  }

  /// What each byte adds, by the definition: eight divisions by the polynomial.
  private static let byteSums: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
  }
}
