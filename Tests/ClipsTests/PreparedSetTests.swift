// The file of a prepared set: what was put in comes out, and no damaged file is accepted.

import Canonical
import Clips
import Foundation
import Kernels
import TestSupport
import Testing

@Suite("Prepared sets")
struct PreparedSetTests {
  private func clip(_ subject: String, _ name: String, frames: Int, flows: Int) -> ClipContent {
    ClipContent(
      subject: subject, label: "l\(name)", name: name,
      frames: (0..<frames).map { FrameInfo(number: 3 * $0, role: $0 == 0 ? .onset : .between) },
      flows: (0..<flows).map { FlowInfo(from: 0, to: $0 + 1, isReturn: $0 == 3) }, apexFound: frames == 2, still: false)
  }

  /// A set of three clips with images of 5 × 5, and its content.
  private func write(to path: String) throws -> [(clip: ClipContent, frames: [UInt8], flows: [Float])] {
    let clips = [
      clip("a", "1", frames: 2, flows: 1), clip("a", "2", frames: 0, flows: 2), clip("b", "1", frames: 3, flows: 4),
    ]
    let content = clips.enumerated().map { place, clip in
      (
        clip, (0..<clip.frames.count * 25).map { UInt8($0 % 251 + place) },
        (0..<clip.flows.count * 75).map { Float($0) / 7 - Float(place) }
      )
    }
    let writer = try SetWriter(path: path, layout: .folders, side: 5)
    for (clip, frames, flows) in content { try writer.add(clip, frames: frames, flows: flows) }
    _ = try writer.finish()
    return content
  }

  @Test("a set reads back as it was written")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let content = try write(to: folder.file("x.set"))
    let set = try PreparedSet(path: folder.file("x.set"))
    #expect(set.side == 5 && set.layout == .folders && set.hasMagnitude)
    #expect(set.labels == ["l1", "l2"])
    #expect(set.subjects == ["a", "b"])
    for (place, (clip, frames, flows)) in content.enumerated() {
      #expect(set.clips[place].subject == clip.subject && set.clips[place].name == clip.name)
      #expect(set.clips[place].frames == clip.frames && set.clips[place].flows == clip.flows)
      #expect(set.clips[place].apexFound == clip.apexFound)
      #expect(clip.frames.indices.flatMap { Array(set.grey(clip: place, frame: $0)) } == frames)
      #expect(clip.flows.indices.flatMap { Array(set.flow(clip: place, flow: $0)) } == flows)
    }
  }

  @Test("flow fields are aligned for vector code")
  func alignment() throws {
    let folder = try TemporaryFolder()
    _ = try write(to: folder.file("x.set"))
    let set = try PreparedSet(path: folder.file("x.set"))
    for clip in set.clips.indices {
      #expect(Int(bitPattern: set.flow(clip: clip, flow: 0).baseAddress) % 64 == 0)
    }
  }

  @Test("equal content has an equal digest wherever it is written, and the digest is the file's last 32 bytes")
  func digest() throws {
    let folder = try TemporaryFolder()
    _ = try write(to: folder.file("x.set"))
    _ = try write(to: folder.file("another name.set"))
    let first = try Data(contentsOf: URL(fileURLWithPath: folder.file("x.set")))
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("another name.set"))) == first)
    #expect(try PreparedSet(path: folder.file("x.set")).digest == Digest(bytes: Array(first.suffix(32))))
  }

  @Test("one flipped bit anywhere is refused")
  func flippedBits() throws {
    let folder = try TemporaryFolder()
    _ = try write(to: folder.file("x.set"))
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("x.set"))))
    var random = CounterRandom(key: 3, stream: 0)
    for place in whole.indices where place < 200 || place % 7 == 0 || place >= whole.count - 40 {
      var bytes = whole
      bytes[place] ^= 1 << UInt8(random.below(8))
      let path = try folder.write(bytes, to: "flipped.set")
      #expect(throws: PreparedSetError.self, "byte \(place)") { try PreparedSet(path: path) }
    }
  }

  @Test("a file that ends early or goes on too long is refused")
  func truncation() throws {
    let folder = try TemporaryFolder()
    _ = try write(to: folder.file("x.set"))
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("x.set"))))
    for count in whole.indices where count < 130 || count % 31 == 0 || count > whole.count - 40 {
      let path = try folder.write(whole[..<count], to: "short.set")
      #expect(throws: PreparedSetError.self, "\(count) bytes") { try PreparedSet(path: path) }
    }
    #expect(throws: PreparedSetError.self) { try PreparedSet(path: try folder.write(whole + [0], to: "long.set")) }
  }

  @Test("without verification the header is still checked")
  func headerOnly() throws {
    let folder = try TemporaryFolder()
    _ = try write(to: folder.file("x.set"))
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("x.set"))))
    bytes[60] ^= 1
    #expect(throws: PreparedSetError.self) {
      try PreparedSet(path: try folder.write(bytes, to: "y.set"), verify: false)
    }
  }

  @Test("a newer format, another file, a folder and nothing at all are told apart, each in one line")
  func reasons() throws {
    let folder = try TemporaryFolder()
    _ = try write(to: folder.file("x.set"))
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("x.set"))))
    bytes[8] = 2
    let newer = try folder.write(bytes, to: "newer.set")
    #expect(throws: PreparedSetError.newer(path: newer, version: 2)) { try PreparedSet(path: newer) }
    let other = try folder.write(Array("study: x\n".utf8), to: "other")
    #expect(throws: PreparedSetError.notASet(path: other)) { try PreparedSet(path: other) }
    let empty = try folder.write([], to: "empty")
    #expect(throws: PreparedSetError.notASet(path: empty)) { try PreparedSet(path: empty) }
    #expect(throws: PreparedSetError.unreadable(path: folder.path, why: "it is a folder")) {
      try PreparedSet(path: folder.path)
    }
    let none = folder.file("no\nne")
    let error = #expect(throws: PreparedSetError.self) { try PreparedSet(path: none) }
    let line = "\(folder.path)/no?ne cannot be read: there is no such file; give a file that microfold prepare wrote"
    #expect(error?.description == line)
  }
}
