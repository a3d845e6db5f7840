// A folder of frames without a set around it: the pixels and the flow that `prepare` stores of the same clip.

import Clips
import Foundation
import TestSupport
import Testing

@Suite("Clip folder")
struct ClipFolderTests {
  /// Goal: one way from files to rows. Method: clips prepared as a set and read one by one.
  @Test("a folder gives what prepare stores of it", arguments: [(24, 10), (64, 4)])
  func same(side: Int, frames: Int) throws {
    let folder = try TemporaryFolder()
    try folder.writeFolders()
    _ = try folder.prepareSet(side: side, frames: frames)
    let set = try PreparedSet(path: folder.file("out.set"))
    for place in [0, set.clips.count - 1] {
      let clip = set.clips[place]
      let path = folder.file("set/\(clip.subject)/\(clip.label)/\(clip.name)")
      let alone = try PreparedSet(clipFolder: path, side: side, frames: frames)
      #expect(alone.clips.count == 1 && alone.side == side && alone.hasMagnitude == set.hasMagnitude)
      let mine = alone.clips[0]
      #expect(mine.frames == clip.frames && mine.flows == clip.flows && mine.name == clip.name)
      #expect(mine.apexFound && clip.apexFound)
      for frame in clip.frames.indices {
        #expect(Array(alone.grey(clip: 0, frame: frame)) == Array(set.grey(clip: place, frame: frame)))
      }
      for flow in clip.flows.indices {
        #expect(Array(alone.flow(clip: 0, flow: flow)) == Array(set.flow(clip: place, flow: flow)))
      }
    }
  }

  @Test("a clip of a set that was opened unverified is verified alone")
  func verified() throws {
    let folder = try TemporaryFolder()
    let writer = try SetWriter(path: folder.file("a.set"), layout: .folders, side: 8)
    for name in ["A", "B"] {
      try writer.add(
        ClipContent(
          subject: "S", label: "joy", name: name, frames: [FrameInfo(number: 1, role: .apex)], flows: [],
          apexFound: false, still: true), frames: [UInt8](repeating: 7, count: 64), flows: [])
    }
    _ = try writer.finish()
    var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder.file("a.set"))))
    bytes[bytes.count - 33] ^= 1  // the last pixel of the last clip
    let path = try folder.write(bytes, to: "b.set")
    let set = try PreparedSet(path: path, verify: false)
    try set.verify(clip: 0, path: path)
    #expect(throws: PreparedSetError.damaged(path: path, what: "clip S/B does not match its digest")) {
      try set.verify(clip: 1, path: path)
    }
  }

  @Test("a folder that is no clip is refused")
  func refused() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "empty/notes.txt")
    #expect(throws: ImportError.self) { try PreparedSet(clipFolder: folder.file("empty"), side: 32, frames: 5) }
    #expect(throws: ImportError.self) { try PreparedSet(clipFolder: folder.file("none"), side: 32, frames: 5) }
    #expect(throws: ImportError.self) { try PreparedSet(clipFolder: folder.file("empty"), side: 4, frames: 5) }
  }
}
