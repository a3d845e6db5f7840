// The pretrainings that a fit's checkpoint is joined with: one for each graph, in their order, without the held-out.

import Canonical
import Study
import Testing

@Suite("Pretrainings of a fit")
struct PretrainingsTests {
  @Test(
    "each graph has its own, however the fit reads it",
    arguments: ["features", "frozen", "finetune"])
  func ofGraphs(transfer: String) throws {
    let study = try Sample.study(transfer: transfer)
    let plan = try Plan(study: study, sets: Sample.sets(), numericClass: "avx2.1")
    #expect(plan.cells.count == 6)
    for cell in plan.cells {
      let fit = try #require(cell.networks.first)
      let graphs = try #require(plan.stages[fit].description["graphs"]?.array)
      let pretrainings = plan.pretrainings(ofFit: fit).map { plan.stages[$0] }
      #expect(graphs.count == 2 && pretrainings.map(\.kind) == [.pretrain, .pretrain])
      #expect(pretrainings.map { $0.description["graph"] } == graphs)
      let heldOut = "macro/\(plan.folds[cell.fold].name)"
      for stage in pretrainings {
        #expect(!stage.provenance.contains(heldOut) && stage.provenance.count == 2)
        #expect(stage.description["seed"]?.integer == cell.seed)
      }
    }
  }

  @Test("from scratch there is none")
  func scratch() throws {
    let plan = try Plan(study: Sample.study(transfer: "scratch"), sets: Sample.sets(), numericClass: "avx2.1")
    for cell in plan.cells { #expect(plan.pretrainings(ofFit: cell.networks[0]) == []) }
  }
}
