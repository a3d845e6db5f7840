// Large plans: implicit stages, brief stages given ahead, and the same order as ever.

import Canonical
import Coordination
import Messages
import Testing

@Suite("scale")
struct ScaleTests {
  private static func text(_ stage: Int) -> [UInt8] { Array("{\"n\":\(stage)}".utf8) }

  @Test("an implicit plan is the plan that its functions say")
  func implicit() throws {
    let parents: (Int) -> [Int] = { $0 < 10 ? [] : [$0 / 10, $0 - 1] }
    let graph = try StageGraph(count: 3_000, description: Self.text, parents: parents)
    for stage in [0, 9, 10, 11, 2_999] {
      #expect(graph.digests[stage] == Digest(of: Self.text(stage)))
      #expect(graph.number(of: graph.digests[stage]) == stage)
      #expect(graph.description(of: stage) == Self.text(stage))
      #expect(Array(graph.parents[stage]) == parents(stage))
    }
    #expect(graph.number(of: Digest(of: [])) == nil)
    #expect(graph.leaks.isEmpty && graph.provenance(of: 7).isEmpty)
    #expect(throws: StageGraphError.self) { try StageGraph(count: 2, description: { _ in [] }) }
    #expect(throws: StageGraphError.self) { try StageGraph(count: 2, description: Self.text, parents: { [$0] }) }
  }

  @Test("a plan of many stages is granted in its order, each stage once, and ends")
  func order() throws {
    let graph = try StageGraph(count: 5_000, description: Self.text)
    var rig = CoordinatorRig(graph)
    var hand = rig.join(1)
    var granted: [Int] = []
    while true {
      let grants = rig.grants(hand)
      if grants.isEmpty { break }
      granted += grants.map(\.index)
      for grant in grants { deliver(grant, &rig, &hand) }
      rig.sync()
    }
    #expect(granted == Array(0..<5_000))
    #expect(rig.outcomes == [Outcome(failed: [], blocked: [], conflicts: 0, isInterrupted: false)])
  }

  private func deliver(_ grant: Grant, _ rig: inout CoordinatorRig, _ hand: inout Hand, seconds: Double = 1e-5) {
    let result = StageResult(
      token: grant.token, stage: grant.stage, result: Array("{}".utf8), artifact: nil, seconds: seconds)
    rig.say(.result(result), &hand)
  }

  /// Goal: a worker has work at hand while answers travel, and a long stage never waits behind others.
  @Test("brief stages are given ahead, long ones by one, and nobody takes more than a share")
  func ahead() throws {
    var rig = CoordinatorRig(try StageGraph(count: 2_000, description: Self.text))
    var hand = rig.join(1)
    let first = rig.grants(hand)
    #expect(first.count == 2, "nothing is known of the stages yet")
    deliver(first[0], &rig, &hand)
    rig.sync()
    let ahead = rig.grants(hand)
    #expect(ahead.count > 200 && ahead.count <= 256)
    for grant in ahead.prefix(100) { deliver(grant, &rig, &hand, seconds: 2) }
    rig.sync()
    #expect(rig.grants(hand).isEmpty, "long stages are not given ahead")
    let other = rig.join(2)
    #expect(rig.grants(other).count == 2)

    var small = CoordinatorRig(try StageGraph(count: 12, description: Self.text))
    var alone = small.join(1)
    let pair = small.grants(alone)
    deliver(pair[0], &small, &alone)
    small.sync()
    #expect(small.grants(alone).count == 3, "no more than are left ready for others, a slot apart")
  }

  /// Goal: a restart knows what many brief stages a worker holds. Method: 200 held leases are brought back.
  @Test("a worker brings all of its brief stages back after a restart")
  func back() throws {
    let graph = try StageGraph(count: 300, description: Self.text)
    let recovery = Recovery(epoch: 2, tokens: 1_000..<2_000, granted: (0..<200).map { ($0, UInt64($0 + 1)) })
    var rig = CoordinatorRig(graph, recovery: recovery)
    let held = (0..<200).map { HeldLease(stage: graph.digests[$0], token: UInt64($0 + 1), isFinished: false) }
    let hand = rig.join(1, held: held)
    #expect(rig.grants(hand).isEmpty)
    #expect(rig.machine.count(of: .leased) == 200)
    #expect(rig.machine.count(of: .ready) == 100)
  }
}
