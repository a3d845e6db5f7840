// Repetitions over draws of the graphs: which stages they make and share, and how they are told apart.

import Canonical
import Study
import Testing

@Suite("Graph seeds")
struct GraphSeedTests {
  private let graphs: (String, StudyNode) = (
    "graphs",
    Sample.list(
      Sample.map(("nearest", Sample.word("8")), ("stochastic", Sample.word("2")), ("seed", Sample.word("3"))),
      Sample.map(("nearest", Sample.word("4")), ("stochastic", Sample.word("0")), ("seed", Sample.word("2"))))
  )

  private func plan(_ graphSeeds: [Int]?, transfer: String = "finetune") throws -> Plan {
    let list = graphSeeds.map { seeds in
      ("graph_seeds", StudyNode.sequence(seeds.map { Sample.word("\($0)") }, line: 9))
    }
    let study = try Sample.study(transfer: transfer, extra: [graphs] + (list.map { [$0] } ?? []))
    return try Plan(study: study, sets: Sample.sets(), numericClass: "avx2.1")
  }

  @Test("every seed is repeated with every graph seed, and graphs that draw nothing are shared")
  func cells() throws {
    let plan = try plan([0, 10])
    #expect(plan.study.seeds == [1, 2, 10_000_001, 10_000_002])
    #expect(plan.cells.count == 4 * 3)
    for cell in plan.cells {
      let fit = plan.stages[try #require(cell.networks.first)].description
      let seeds = fit["graphs"]?.array?.map { $0["seed"]?.integer }
      #expect(seeds == (cell.seed > 1000 ? [13, 2] : [3, 2]))
      #expect(fit["seed"]?.integer == cell.seed % 1_000_000)
    }
    // 3 folds × 2 seeds: two draws of 8+2 and one 4+0.
    #expect(plan.countsByKind.first { $0.kind == .pretrain }?.count == 3 * 2 * 3)
    #expect(plan.notes.contains { $0.hasPrefix("graph_seeds 0, 10: seed g · 1000000 + s is seed s") })
  }

  @Test("the graph seed 0 is no other study")
  func zero() throws {
    #expect(try plan([0]).digest == plan(nil).digest)
    #expect(try Set(plan(nil).stages.map(\.digest)).isSubset(of: plan([0, 1]).stages.map(\.digest)))
  }

  @Test("what a graph seed cannot change is refused")
  func refused() throws {
    func failure(_ extra: [(String, StudyNode)]) -> String {
      do {
        _ = try Sample.study(extra: extra)
        return "accepted"
      } catch {
        return "\(error)"
      }
    }
    let seeds = ("graph_seeds", Sample.list(Sample.word("1"), Sample.word("2")))
    let plain = Sample.list(Sample.map(("nearest", Sample.word("4")), ("stochastic", Sample.word("0"))))
    #expect(failure([("graphs", plain), seeds]).contains("graph_seeds: no graph draws neighbours"))
    let twice = ("graph_seeds", Sample.list(Sample.word("1"), Sample.word("1")))
    #expect(failure([twice]).contains("graph_seeds: each graph seed once"))
  }
}
