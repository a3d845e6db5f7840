// Mean and variance of flow, against a set small enough to be worked out by hand.

import Clips
import TestSupport
import Testing

@Suite("flow statistics")
struct FlowStatisticsTests {
  private static let side = 16

  /// Two clips of `anger`, one of `fear`. Each flow has one length everywhere, as u, v = 3 and 4 times `scale`.
  private func set(in folder: TemporaryFolder, layout: Layout = .folders) throws -> PreparedSet {
    let area = Self.side * Self.side
    let writer = try SetWriter(path: folder.file("a.set"), layout: layout, side: Self.side)
    for (name, label, scales) in [("a", "anger", [1, 2]), ("b", "anger", [3, 3]), ("c", "fear", [0, 0])] {
      let flows =
        scales.indices.map { FlowInfo(from: 0, to: $0 + 1, isReturn: false) } + [
          FlowInfo(from: 1, to: 2, isReturn: true)
        ]
      let content = ClipContent(
        subject: "S1", label: label, name: name,
        frames: (0...2).map { FrameInfo(number: $0, role: [.onset, .apex, .offset][$0]) }, flows: flows,
        apexFound: false, still: false)
      let fields = (scales + [100]).flatMap { scale in
        [Float(3 * scale), Float(4 * scale), 9].flatMap { [Float](repeating: $0, count: area) }
      }
      try writer.add(content, frames: [UInt8](repeating: 7, count: 3 * area), flows: fields)
    }
    _ = try writer.finish()
    return try PreparedSet(path: folder.file("a.set"))
  }

  @Test("means and variances are those of the lengths, without the return flow")
  func figures() throws {
    let folder = try TemporaryFolder()
    let groups = try FlowStatistics(set: set(in: folder)).groups
    #expect(groups.map(\.label) == [nil, "anger", "fear"])
    let anger = groups[1]
    // Clip a: lengths 5 and 10; clip b: 15 and 15.
    #expect(anger.clips == [7.5, 15])
    #expect(anger.mean == 11.25)
    #expect(anger.variance == 6.25 / 2)
    #expect(abs(anger.deviation - 7.5 / 2.0.squareRoot()) < 1e-12)
    #expect(anger.meanImage == [Float](repeating: 11.25, count: 256))
    #expect(anger.varianceImage == [Float](repeating: 28.125, count: 256))
    #expect(groups[2].clips == [0] && groups[2].deviation == 0 && groups[2].variation == 0)
    #expect(groups[0].mean == 7.5 && groups[0].clips.count == 3)
  }

  @Test("the picture is a PNG, and a set without lengths is refused in one line")
  func picture() throws {
    let folder = try TemporaryFolder()
    let set = try set(in: folder)
    #expect(try FlowStatistics(set: set, labels: ["anger"]).groups.count == 2)
    #expect(try FlowStatistics(set: set).png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(throws: ImportError.self) { try FlowStatistics(set: set, labels: ["joy"]) }
  }
}
