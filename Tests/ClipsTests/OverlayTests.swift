// The picture of predictions: its size follows the clips, and what was predicted can be seen on it.

import Clips
import TestSupport
import Testing

@Suite("Overlays")
struct OverlayTests {
  private func picture(
    _ set: PreparedSet, clips: [Int], probabilities: [Float] = [0.9, 0.1], note: String? = nil
  ) throws -> (width: Int, height: Int, planes: [Plane]) {
    let rows = clips.map { clip in
      OverlayClip(
        set: set, clip: clip, name: "clip", labels: zip(["a", "b"], probabilities).map { ($0, $1, -0.1) },
        predicted: probabilities[0] >= probabilities[1] ? 0 : 1, note: note)
    }
    let folder = try TemporaryFolder()
    try Overlay(rows, heading: "test").write(to: folder.file("a.png"))
    let image = try ImageFile(path: folder.file("a.png"))
    return (image.width, image.height, try image.colours())
  }

  private func set(_ layout: Layout) throws -> PreparedSet {
    let folder = try TemporaryFolder()
    layout == .folders ? try folder.writeFolders() : try folder.writeFlowImages()
    _ = try folder.prepareSet(layout, side: layout == .folders ? 24 : nil)
    return try PreparedSet(path: folder.file("out.set"))
  }

  @Test("a row for each clip, three pictures of a moving one, two of flow alone", arguments: Layout.allCases)
  func size(layout: Layout) throws {
    let set = try set(layout)
    let (one, three) = (try picture(set, clips: [0]), try picture(set, clips: [0, 1, 2]))
    #expect(one.width == three.width && one.width == 48 + 380 + (layout == .folders ? 3 : 2) * 242)
    #expect(one.height == 36 + 324 && three.height == 36 + 3 * 324)
  }

  @Test("other clips, other scores and a note give other pictures, and the same the same")
  func differences() throws {
    let set = try set(.folders)
    let first = try picture(set, clips: [0]).planes.map(\.pixels)
    #expect(first == (try picture(set, clips: [0]).planes.map(\.pixels)))
    #expect(first != (try picture(set, clips: [1]).planes.map(\.pixels)))
    #expect(first != (try picture(set, clips: [0], probabilities: [0.8, 0.2]).planes.map(\.pixels)))
    #expect(first != (try picture(set, clips: [0], note: "seen").planes.map(\.pixels)))
  }

  /// Goal: the bar says the probability. Method: count the pixels of the predicted bar's colour in the first bar's row.
  @Test("the bar of the predicted label is as long as its probability")
  func bars() throws {
    let set = try set(.folders)
    func length(_ probability: Float) throws -> Int {
      let (width, _, planes) = try picture(set, clips: [0], probabilities: [probability, 1 - probability])
      let row = (36 + 40 + 2) * width
      return (row..<row + width).count { place in planes.map { $0.pixels[place] } == [27, 94, 168] }
    }
    let (half, whole) = (try length(0.5), try length(1))
    #expect(whole > 200 && abs(2 * half - whole) <= 2)
  }
}
