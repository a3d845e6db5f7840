// Numbers of frames by branch, pools as steps or sizes, and what sets and folds cannot give: one line each.

import Canonical
import Study
import Testing

@Suite("Keys of rows and layers, and their limits")
struct RowKeysTests {
  private func plan(
    _ extra: [(String, StudyNode)], transfer: String = "frozen", sets: [String: SetIndex] = Sample.sets()
  )
    throws -> Plan
  {
    try Plan(study: Sample.study(transfer: transfer, extra: extra), sets: sets, numericClass: "avx2.1")
  }

  private func failure(
    _ extra: [(String, StudyNode)], transfer: String = "frozen", sets: [String: SetIndex] = Sample.sets()
  ) -> String {
    do {
      _ = try plan(extra, transfer: transfer, sets: sets)
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  private func frames(_ node: StudyNode) -> [(String, StudyNode)] { [("rows", Sample.map(("frames", node)))] }

  @Test("M_s and M_t may differ; each extraction has its own, and the fit has both")
  func framesByBranch() throws {
    let plan = try plan(frames(Sample.map(("spatial", Sample.word("1")), ("temporal", Sample.word("3")))))
    for stage in plan.stages where stage.kind == .extract {
      let expected = stage.description["branch"] == "spatial" ? 1 : 3
      #expect(stage.description["rows"]?["frames"] == .integer(expected))
    }
    let fit = try #require(plan.stages.first { $0.kind == .fit })
    #expect(fit.description["rows"]?["frames"] == ["spatial": 1, "temporal": 3])
    #expect(plan.stages.first { $0.kind == .pretrain }?.description["rows"]?["frames"] == 1)
  }

  @Test("apex is one frame, and a branch that is not used has no number")
  func apexOnly() throws {
    let apex = try Sample.study(extra: frames(Sample.word("apex"))).configurations[0].values
    #expect(apex.json == (try Sample.study(extra: frames(Sample.word("1"))).configurations[0].values.json))
    let both = Sample.map(("spatial", Sample.word("2")), ("temporal", Sample.word("3")))
    let rows = Sample.map(("branches", Sample.list(Sample.word("temporal"))), ("frames", both))
    #expect(try Sample.study(extra: [("rows", rows)]).configurations[0].values.rows.frames == 3)
  }

  @Test("more frames than any clip stores are refused; a shorter clip gives all it has and is counted")
  func tooManyFrames() throws {
    let refused = "rows.frames: 4 frames, but no clip of the target set stores more than 3"
    #expect(failure(frames(Sample.word("4"))).contains(refused))
    #expect(
      failure(frames(Sample.map(("spatial", Sample.word("1")), ("temporal", Sample.word("4"))))).contains(refused))
    #expect(failure([]) == "accepted", "a preset's number is a limit")
    var sets = Sample.sets()
    let short = Sample.set(subjects: ["S04"], frames: 2, salt: "short").clips
    let long = Sample.set(subjects: ["S01", "S02", "S03"], salt: "micro")
    sets["micro"] = SetIndex(digest: long.digest, side: 32, hasMagnitude: true, clips: long.clips + short)
    let note = "rows.frames 3: 2 of 8 clips store fewer frames and give all they have"
    #expect(try plan(frames(Sample.word("3")), sets: sets).notes.contains(note))
    #expect(try !plan(frames(Sample.word("2")), sets: sets).notes.contains { $0.hasPrefix("rows.frames") })
  }

  private func layers(_ pooling: String, _ numbers: Int...) -> [(String, StudyNode)] {
    let nodes = numbers.map {
      Sample.map(
        ("order", Sample.word("2")), ("filters", Sample.word("4")), ("coarsenings", Sample.word("\($0)", line: 5)))
    }
    return [("network", Sample.map(("pooling", Sample.word(pooling)), ("layers", .sequence(nodes, line: 1))))]
  }

  @Test("sizes of pools are powers of two and become steps")
  func sizes() throws {
    func steps(_ extra: [(String, StudyNode)]) throws -> [Int] {
      try Sample.study(extra: extra).configurations[0].values.network.layers.map(\.coarsenings)
    }
    #expect(try steps(layers("sizes", 2, 1, 8)) == [1, 0, 3])
    #expect(try steps(layers("steps", 2, 1, 0)) == [2, 1, 0])
    #expect(try steps([]) == [2, 2, 1, 1, 1, 1], "Table I's words")
    #expect(try steps([("network", Sample.map(("pooling", Sample.word("sizes"))))]) == [1, 1, 0, 0, 0, 0])
    #expect(
      failure(layers("sizes", 3)) == "s.yaml:5: network.layers[0].coarsenings: with pooling: sizes a power of two "
        + "was expected: 1, 2, 4, 8, 16, 32 or 64")
  }

  @Test("a pool deeper than the image names the layers")
  func tooDeep() {
    #expect(failure(layers("steps", 6, 5)).contains("network.layers: 11 coarsenings are too many for 32 × 32 pixels"))
    #expect(failure(layers("steps", 6, 4)) == "accepted")
  }

  @Test("more neighbours than any pixel of a small image has are refused")
  func neighbours() {
    let graph = Sample.map(
      ("nearest", Sample.word("20")), ("stochastic", Sample.word("5")), ("threshold_squared", Sample.word("400")))
    let extra = [("graphs", Sample.list(graph))]
    func sets(_ side: Int) -> [String: SetIndex] {
      [
        "micro": Sample.set(subjects: ["A", "B"], side: side),
        "macro": Sample.set(subjects: ["A"], side: side, salt: "m"),
      ]
    }
    let small = [
      (
        "network",
        Sample.map(
          (
            "layers",
            Sample.list(
              Sample.map(("order", Sample.word("2")), ("filters", Sample.word("2"))))
          ))
      )
    ]
    #expect(
      failure(extra + small, transfer: "scratch", sets: sets(5))
        .contains("graphs[0].stochastic: 20 + 5 neighbours, but no pixel of 5 × 5 has more than 24"))
    #expect(failure(extra + small, transfer: "scratch", sets: sets(6)) == "accepted")
  }

  @Test("a class that some fold cannot learn names the fold; one that a fold does not test is no error")
  func classes() throws {
    var sets = Sample.sets()
    let all = Sample.set(subjects: ["S01", "S02", "S03"], salt: "micro").clips
    func keep(_ subjects: [String]) -> SetIndex {
      let clips = all.filter { $0.label == "anger" || subjects.contains($0.subject) }
      return SetIndex(digest: Digest(of: [1]), side: 32, hasMagnitude: true, clips: clips)
    }
    sets["micro"] = keep(["S02"])
    let line = "protocol.labels: fold S02 has no training clip of \"happiness\": all of them"
    #expect(failure([], sets: sets).contains(line))
    sets["micro"] = keep(["S02", "S03"])
    let plan = try plan([], sets: sets)
    #expect(plan.labels == ["anger", "happiness"] && plan.folds.map(\.name) == ["S01", "S02", "S03"])
    let fit = try #require(plan.stages.first { $0.kind == .fit && $0.fold == 0 })
    #expect(fit.description["test"]?["labels"] == ["anger", "happiness"], "the fold is scored on all labels")
  }
}
