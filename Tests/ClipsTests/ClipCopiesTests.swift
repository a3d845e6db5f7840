// Copies are found by what is in the pictures, whatever they are called, and different people are no copies.

import Canonical
import TestSupport
import Testing

@testable import Clips

@Suite("copies")
struct ClipCopiesTests {
  /// A set of one-frame clips of 16 × 16 pixels.
  private func copies(_ clips: [(subject: String, name: String, pixels: [UInt8])]) throws -> [ClipCopy] {
    let folder = try TemporaryFolder()
    let path = folder.path + "/s.set"
    let writer = try SetWriter(path: path, layout: .folders, side: 16)
    for clip in clips {
      let content = ClipContent(
        subject: clip.subject, label: "anger", name: clip.name, frames: [FrameInfo(number: 1, role: .apex)], flows: [],
        apexFound: false, still: true)
      try writer.add(content, frames: clip.pixels, flows: [])
    }
    _ = try writer.finish()
    return ClipCopies.find(in: try PreparedSet(path: path))
  }

  private func picture(_ seed: Int, noise: Int = 0) -> [UInt8] {
    (0..<256).map { pixel in
      UInt8((pixel * pixel * seed + 31 * pixel * seed) % 200 + (noise == 0 ? 0 : (pixel * 7 + noise) % 3))
    }
  }

  @Test("the same picture under another subject's name is an exact copy")
  func exact() throws {
    let found = try copies([("S01", "a", picture(3)), ("S02", "b", picture(5)), ("S03", "c", picture(3))])
    #expect(found == [ClipCopy(clip: "S01/a", other: "S03/c", isExact: true, isAcross: true)])
  }

  @Test("a little noise is a near copy; those across subjects come first")
  func near() throws {
    let found = try copies([
      ("S01", "a", picture(3)), ("S01", "b", picture(3, noise: 1)), ("S02", "c", picture(3, noise: 2)),
    ])
    #expect(found.map(\.isExact) == [false, false, false])
    #expect(found.map(\.isAcross) == [true, true, false])
  }

  @Test("flat pictures are no copies of each other")
  func flat() throws {
    let grey = [UInt8](repeating: 9, count: 256)
    #expect(try copies([("S01", "a", grey), ("S02", "b", grey)]).isEmpty)
  }
}
