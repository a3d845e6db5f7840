// Flow from the onset, between neighbours, or to the apex alone: what is stored, and what reads it.

import Canonical
import Clips
import TestSupport
import Testing

@Suite("Pairs of frames with flow")
struct FlowPairsTests {
  /// The clip of frames 2 (onset), 3 (apex), 4, 5 (offset), prepared with these pairs.
  private func set(_ flow: FlowPairs, apex: Int = 3) throws -> PreparedSet {
    let folder = try TemporaryFolder()
    try folder.writeFolders()
    let table = "subject,label,clip,onset,apex,offset\nS01,anger,anger-1,2,\(apex),5\n"
    try folder.write(table.utf8, to: "set/clips.csv")
    _ = try folder.prepareSet(flow: flow)
    return try PreparedSet(path: folder.file("out.set"))
  }

  @Test("each choice stores its pairs, the return row last, and the set tells which it is")
  func stored() throws {
    let back = FlowInfo(from: 3, to: 5, isReturn: true)
    func forward(_ pairs: (Int, Int)...) -> [FlowInfo] { pairs.map { FlowInfo(from: $0, to: $1, isReturn: false) } }
    let expected: [(FlowPairs, [FlowInfo])] = [
      (.onset, forward((2, 3), (2, 4), (2, 5))), (.consecutive, forward((2, 3), (3, 4), (4, 5))),
      (.apex, forward((2, 3))),
    ]
    var digests: [String] = []
    for (pairs, flows) in expected {
      let set = try set(pairs)
      #expect(set.clips[0].flows == flows + [back])
      #expect(set.flowPairs == pairs)
      digests.append(set.digest.hex)
    }
    #expect(Set(digests).count == 3, "the choice is in the set's digest")
  }

  @Test("consecutive flow is the flow of those two frames")
  func consecutive() throws {
    let (onset, neighbours) = (try set(.onset), try set(.consecutive))
    #expect(Array(onset.flow(clip: 0, flow: 0)) == Array(neighbours.flow(clip: 0, flow: 0)), "onset to apex")
    #expect(Array(onset.flow(clip: 0, flow: 1)) != Array(neighbours.flow(clip: 0, flow: 1)))
    #expect(Array(onset.flow(clip: 0, flow: 3)) == Array(neighbours.flow(clip: 0, flow: 3)), "the return row")
  }

  @Test("the flow to the apex is the stored one, or the sum of its steps")
  func apexFlow() throws {
    for pairs in FlowPairs.allCases {
      let set = try set(pairs)
      #expect(set.apexFlow(clip: 0) == Array(set.flow(clip: 0, flow: 0)))
    }
    let late = try set(.consecutive, apex: 4)
    let sum = try #require(late.apexFlow(clip: 0))
    let (first, second) = (late.flow(clip: 0, flow: 0), late.flow(clip: 0, flow: 1))
    let area = late.side * late.side
    #expect((0..<2 * area).allSatisfy { sum[$0] == first[$0] + second[$0] })
    #expect(
      Array(sum[(2 * area)...]) == FlowField.strain(Array(sum[..<area]), Array(sum[area..<2 * area]), side: late.side))
  }

  @Test("flow images come as they are")
  func flowImages() throws {
    let folder = try TemporaryFolder()
    try folder.writeFlowImages()
    let error = #expect(throws: ImportError.self) { try folder.prepareSet(.flowImages, side: nil, flow: .consecutive) }
    #expect("\(String(describing: error))".contains("leave --flow out"))
  }
}
