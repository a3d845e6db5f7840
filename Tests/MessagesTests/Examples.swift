// One message of every kind, random within the limits of the wire, from a seed.

import Canonical
import Messages

/// A small generator (SplitMix64), so that every test says which seed it used.
struct Chance {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
  mutating func digest() -> Digest { Digest(bytes: bytes(32)) }
  mutating func bool() -> Bool { below(2) == 0 }
  mutating func u32() -> Int { Int(UInt32(truncatingIfNeeded: next())) }

  mutating func text(_ limit: Int) -> String {
    let letters = Array("abc ÄÖ\n\"\\😀\u{0}xyz")
    return String((0..<below(min(40, limit / 4))).map { _ in letters[below(letters.count)] })
  }

  mutating func list<Element>(_ limit: Int, _ make: (inout Chance) -> Element) -> [Element] {
    (0..<below(min(limit, 6) + 1)).map { _ in make(&self) }
  }

  mutating func artifact() -> ArtifactName {
    ArtifactName(digest: digest(), size: 1 + below(Limits.artifactBytes))
  }
}

/// How many kinds of messages there are; the tests check that the examples have them all.
let kindCount = 18

/// A random message of a kind.
func example(_ kind: Int, _ chance: inout Chance) -> Message {
  switch kind {
  case 0: return .hello(exampleHello(&chance))
  case 1:
    let beat_ms = 1 + chance.below(100_000)
    return .welcome(
      Welcome(
        greeting: chance.next(), beat_ms: beat_ms, lease_ms: beat_ms + chance.below(100_000),
        credit: 1 + chance.below(Limits.held)))
  case 2:
    let codes = RefusalCode.allCases
    return .refuse(
      Refusal(code: codes[chance.below(codes.count)], lines: chance.list(Limits.lines) { $0.text(Limits.reasonBytes) }))
  case 3: return .rehello
  case 4: return .grant(exampleGrant(&chance))
  case 5:
    let leases = chance.list(Limits.held) {
      LeaseProgress(
        token: $0.next(), epoch: $0.u32(), epochs: $0.u32(), loss: Float($0.below(1_000)) / 7, isFinished: $0.bool())
    }
    return .beat(Beat(leases: leases, freeSlots: chance.below(Limits.slots + 1)))
  case 6:
    return .result(
      StageResult(
        token: chance.next(), stage: chance.digest(), result: chance.bytes(chance.below(200)),
        artifact: chance.bool() ? chance.artifact() : nil, seconds: Double(chance.below(1_000_000)) / 13))
  case 7:
    let verdicts = Verdict.allCases
    return .acknowledge(
      Acknowledgement(
        token: chance.next(), stage: chance.digest(), verdict: verdicts[chance.below(verdicts.count)]))
  case 8:
    let kinds = FailureClass.allCases
    return .failure(
      Failure(
        token: chance.next(), stage: chance.digest(), kind: kinds[chance.below(kinds.count)],
        text: chance.text(Limits.failureBytes)))
  default: return smallExample(kind, &chance)
  }
}

private func smallExample(_ kind: Int, _ chance: inout Chance) -> Message {
  switch kind {
  case 9:
    let offset = chance.below(Limits.artifactBytes / Limits.chunkBytes) * Limits.chunkBytes
    return .artifactRequest(digest: chance.digest(), offset: offset)
  case 10:
    let bytes = chance.bytes(1 + chance.below(200))
    let offset = chance.below(4) * Limits.chunkBytes
    let name = ArtifactName(digest: chance.digest(), size: offset + bytes.count)
    return .artifactChunk(ArtifactChunk(artifact: name, offset: offset, bytes: bytes))
  case 11: return .artifactMissing(chance.digest())
  case 12: return .cancel(token: chance.next())
  case 13: return .drain(chance.bool() ? .stop : .finish, reason: chance.text(Limits.reasonBytes))
  case 14: return .goodbye(reason: chance.text(Limits.reasonBytes))
  case 15: return .control(chance.bytes(chance.below(200)))
  case 16: return .controlReply(chance.bytes(chance.below(200)))
  default:
    return .epochCheckpoint(
      EpochCheckpoint(
        token: chance.next(), stage: chance.digest(), epoch: chance.u32(), artifact: chance.artifact()))
  }
}

private func exampleHello(_ chance: inout Chance) -> Hello {
  Hello(
    buildVersion: chance.text(Limits.nameBytes), numericClass: chance.text(Limits.nameBytes),
    probe: chance.digest(),
    sets: chance.list(Limits.sets) { SetName(name: $0.text(Limits.nameBytes), digest: $0.digest()) },
    host: chance.text(Limits.nameBytes), process: UInt32(chance.u32()), instance: chance.next(),
    slots: 1 + chance.below(Limits.slots),
    held: chance.list(Limits.held) { HeldLease(stage: $0.digest(), token: $0.next(), isFinished: $0.bool()) })
}

private func exampleGrant(_ chance: inout Chance) -> Grant {
  Grant(
    stage: chance.digest(), index: chance.u32(), token: chance.next(), attempt: chance.u32(),
    description: chance.bytes(chance.below(200)),
    parents: chance.list(Limits.parents) { ParentArtifact(stage: $0.digest(), artifact: $0.artifact()) },
    checkpoint: chance.bool() ? chance.artifact() : nil)
}

/// A random message with a random header.
func exampleEnvelope(_ kind: Int, _ chance: inout Chance) -> Envelope {
  Envelope(
    epoch: UInt32(chance.u32()), session: chance.next(), sequence: chance.next(), message: example(kind, &chance))
}
