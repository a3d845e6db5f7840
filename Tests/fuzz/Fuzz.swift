// What libFuzzer tries with bytes of its own making: one parser of foreign bytes, chosen by MICROFOLD_FUZZ_TARGET.
// Every input is either taken or refused by an error; a trap, a hang or memory that grows is a finding.

import Access
import Canonical
import Clips
import Foundation
import Messages
import Study

private let target = ProcessInfo.processInfo.environment["MICROFOLD_FUZZ_TARGET"] ?? ""
/// The file that is written for every input, in a folder that `scripts/fuzz` makes and removes.
private let scratch = (ProcessInfo.processInfo.environment["MICROFOLD_FUZZ_SCRATCH"] ?? ".") + "/input-\(getpid())"

/// One input.
func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  switch target {
  case "frames": frames(bytes)
  case "study": _ = try? Study(reading: YAMLFile.parse(bytes, file: "study.yaml"), file: "study.yaml")
  case "keys": _ = try? AuthorisedKeys(parsing: bytes, file: "authorised-keys")
  case "set": set(bytes)
  default: fatalError("MICROFOLD_FUZZ_TARGET: frames, set, study or keys was expected")
  }
  return 0
}

/// The first byte says how many frames the rest is cut into: a message is two or three, a bundle one. What is decoded
/// must be encoded again to bytes that decode to the same.
private func frames(_ bytes: [UInt8]) {
  guard let first = bytes.first else { return }
  let rest = Array(bytes.dropFirst())
  let cuts: [[UInt8]]
  switch first % 3 {
  case 0: cuts = [rest]
  case 1: cuts = [Array(rest.prefix(32)), Array(rest.dropFirst(32))]
  default:
    let body = rest.dropFirst(32)
    cuts = [Array(rest.prefix(32)), Array(body.prefix(body.count / 2)), Array(body.dropFirst(body.count / 2))]
  }
  for frames in [cuts, resealed(cuts)] {
    guard let envelopes = try? Codec.decodeAll(frames) else { continue }
    for envelope in envelopes {
      let again = try? Codec.decodeAll(Codec.encode(envelope))
      precondition(again?.count == 1, "a message that was decoded encodes to no message")
    }
  }
}

/// The same frames with the magic, the version and the checksum of the protocol, so that mutations reach the bodies.
private func resealed(_ frames: [[UInt8]]) -> [[UInt8]] {
  guard frames.count > 1, frames[0].count == 32 else { return frames }
  var sealed = frames
  sealed[0].replaceSubrange(0..<4, with: Array("MFW1".utf8))
  sealed[0].replaceSubrange(4..<6, with: [UInt8(truncatingIfNeeded: Wire.version), UInt8(Wire.version >> 8)])
  var checksum = Checksum()
  for part in [Array(sealed[0].prefix(28))] + sealed.dropFirst() { part.withUnsafeBytes { checksum.add($0) } }
  sealed[0].replaceSubrange(28..<32, with: withUnsafeBytes(of: checksum.value.littleEndian) { Array($0) })
  return sealed
}

/// A prepared set as it is, and with the size and the digest that its first bytes ask for, so that mutations reach the
/// header; then everything that it holds.
private func set(_ bytes: [UInt8]) {
  for file in [bytes, resealedSet(bytes)] {
    guard write(file) else { return }
    guard let set = try? PreparedSet(path: scratch, verify: false) else { continue }
    for clip in set.clips.indices.prefix(50) { _ = set.imageDigests(clip: clip) }
  }
}

private func write(_ bytes: [UInt8]) -> Bool {
  let descriptor = open(scratch, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  guard descriptor >= 0 else { return false }
  defer { close(descriptor) }
  return bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) } == bytes.count
}

private func resealedSet(_ bytes: [UInt8]) -> [UInt8] {
  guard bytes.count > 32 else { return bytes }
  func number(at place: Int) -> Int {
    Int(truncatingIfNeeded: bytes[place..<place + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
  let (header, payload) = (number(at: 16), number(at: 24))
  guard (1...bytes.count).contains(header), (0...65_536).contains(payload) else { return bytes }
  let start = (32 + header + 63) / 64 * 64
  var file = Array(bytes.prefix(start))
  file += [UInt8](repeating: 0, count: start - file.count)
  let digest = Digest(of: file)
  file += bytes.dropFirst(start).prefix(payload)
  file += [UInt8](repeating: 0, count: start + payload - file.count)
  return file + digest.bytes
}
