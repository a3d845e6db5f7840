// Several messages in one frame come back as they were, or not at all.

import Canonical
import Messages
import Testing

@Suite("bundles")
struct BundleTests {
  /// One example of every kind that may be in a bundle.
  private func examples(_ chance: inout Chance) -> [Envelope] {
    (0..<kindCount).map { exampleEnvelope($0, &chance) }.filter {
      if case .artifactChunk = $0.message { false } else { true }
    }
  }

  private func frames(_ envelopes: [Envelope]) -> [[UInt8]] {
    var bundle = Bundle()
    for envelope in envelopes { bundle.add(envelope) }
    defer { #expect(bundle.isEmpty) }
    return bundle.take()
  }

  @Test("a bundle comes back in its order, and one message alone is its own frames")
  func roundTrip() throws {
    var chance = Chance(seed: 1)
    for _ in 0..<20 {
      let envelopes = examples(&chance)
      let frames = frames(envelopes)
      #expect(frames.count == 1)
      #expect(try Codec.decodeAll(frames) == envelopes)
    }
    let alone = examples(&chance)[4]
    #expect(frames([alone]) == Codec.encode(alone))
    #expect(try Codec.decodeAll(frames([alone])) == [alone])
  }

  /// Method: one bit of every byte is flipped, and the frame is cut at every place.
  @Test("a damaged or cut bundle is refused whole, and nothing traps")
  func damage() {
    var chance = Chance(seed: 2)
    let bytes = frames(Array(examples(&chance).suffix(6)))[0]
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 1 << UInt8(chance.below(8))
      #expect(throws: MessageError.self) { try Codec.decodeAll([damaged]) }
    }
    let whole = frames(Array(examples(&chance).prefix(2)))[0]
    for count in 0..<whole.count {
      if (try? Codec.decodeAll([Array(whole.prefix(count))]))?.count == 2 { Issue.record("cut at \(count)") }
    }
    for _ in 0..<2_000 { _ = try? Codec.decodeAll([chance.bytes(chance.below(200))]) }
  }

  @Test("a bundle has its limits")
  func limits() throws {
    let small = Envelope(epoch: 1, session: 2, sequence: 3, message: .cancel(token: 4))
    var bundle = Bundle()
    var count = 0
    while !bundle.isFull {
      bundle.add(small)
      count += 1
    }
    #expect(count == Limits.bundleMessages)
    let frame = bundle.take()[0]
    #expect(try Codec.decodeAll([frame]).count == count)
    let tooMany = frame + frame.prefix(frame.count / count)
    #expect(throws: MessageError.foreign) { try Codec.decodeAll([tooMany]) }
    #expect(throws: MessageError.foreign) { try Codec.decodeAll([[]]) }
    #expect(throws: MessageError.frameSize(Limits.frameBytes + 1)) {
      try Codec.decodeAll([Array(repeating: 0, count: Limits.frameBytes + 1)])
    }
    let large = StageResult(
      token: 1, stage: Digest(of: [1]), result: Array(repeating: 7, count: Limits.resultBytes),
      artifact: ArtifactName(digest: Digest(of: [2]), size: 1), seconds: 1)
    while !bundle.isFull, count > 0 {
      bundle.add(small)
      count -= 1
      if count == 2 { bundle.add(Envelope(epoch: 1, session: 2, sequence: 3, message: .result(large))) }
    }
    #expect(try Codec.decodeAll(bundle.take()).count > 2, "the largest message fits behind many small ones")
  }
}
