// The seeds from which `scripts/fuzz frames` begins are a message and a bundle of this version of the protocol.
// After a change of the wire, MICROFOLD_WRITE_SEEDS=1 writes them again.

import Canonical
import Foundation
import Messages
import Testing

@Suite struct SeedTests {
  private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fuzz/Corpus/frames")

  private static var envelopes: [Envelope] {
    [
      Envelope(
        epoch: 7, session: 9, sequence: 1,
        message: .beat(
          Beat(
            leases: [
              LeaseProgress(token: 5, epoch: 30, epochs: 100, loss: 0.5, isFinished: false),
              LeaseProgress(token: 6, epoch: 100, epochs: 100, loss: 0.25, isFinished: true),
            ], freeSlots: 1))),
      Envelope(
        epoch: 7, session: 9, sequence: 2,
        message: .acknowledge(Acknowledgement(token: 5, stage: Digest(of: [1]), verdict: .committed))),
    ]
  }

  /// The first byte says into how many frames `Fuzz.swift` cuts the rest: one for a bundle, two for a message.
  private static var seeds: [(name: String, bytes: [UInt8])] {
    var bundle = Messages.Bundle()
    for envelope in envelopes { bundle.add(envelope) }
    return [("bundle", [0] + bundle.take().joined()), ("message", [1] + Codec.encode(envelopes[0]).joined())]
  }

  @Test func theSeedsAreFramesOfThisVersion() throws {
    if ProcessInfo.processInfo.environment["MICROFOLD_WRITE_SEEDS"] != nil {
      try FileManager.default.createDirectory(at: Self.corpus, withIntermediateDirectories: true)
      for (name, bytes) in Self.seeds { try Data(bytes).write(to: Self.corpus.appendingPathComponent(name)) }
    }
    func frames(_ name: String) throws -> [UInt8] {
      Array(try Data(contentsOf: Self.corpus.appendingPathComponent(name)))
    }
    let (bundle, message) = (try frames("bundle"), try frames("message"))
    #expect(bundle.first == 0 && message.first == 1)
    #expect(try Codec.decodeAll([Array(bundle.dropFirst())]) == Self.envelopes)
    #expect(
      try Codec.decodeAll([Array(message[1..<33]), Array(message.dropFirst(33))]) == [Self.envelopes[0]])
  }
}
