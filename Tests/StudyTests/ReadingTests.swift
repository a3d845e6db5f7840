// The defaults by which the paper is read where it is silent, and which stages a reading reaches.

import Canonical
import Study
import Testing

@Suite("Readings of the paper")
struct ReadingTests {
  private func stage(_ kind: StageKind, _ extra: [(String, StudyNode)], transfer: String = "frozen") throws -> JSON {
    let study = try Sample.study(transfer: transfer, extra: extra)
    let plan = try Plan(study: study, sets: Sample.sets(), numericClass: "avx2.1")
    return try #require(plan.stages.first { $0.kind == kind }).description
  }

  @Test("table-1 without another word is Table I as printed")
  func defaults() throws {
    let values = try Sample.study(transfer: "features").configurations[0].values
    #expect(values.network.layers.map(\.order) == [9, 9, 6, 6, 4, 4])
    #expect(values.network.layers.map(\.filters) == [32, 32, 64, 64, 128, 128])
    #expect(values.network.layers.map(\.coarsenings) == [2, 2, 1, 1, 1, 1])
    #expect(values.network.dense == 512 && values.network.dropout == 0.5 && values.network.headDense == nil)
    #expect(values.graphs.allSatisfy { $0.thresholdSquared == 20 && $0.sigma == .selected })
    #expect(values.graphs.allSatisfy { $0.largestEigenvalue == .computed })
    #expect(values.rows.frames == 10 && values.rows.channels == .magnitude && values.rows.normalisation == .image)
    #expect(values.fusion == .rows)
    for training in [values.fit, values.pretrain] {
      #expect(training.rate == 1e-5 && training.decay == 1e-6 && training.weightDecay == 0)
      #expect(training.epsilon == 1e-7 && training.batch == 32 && training.epochs == 100)
      #expect(training.patience == 10 && training.smallestGain == 1e-4 && training.validation == nil)
      #expect(training.shift == 0 && training.mixup == 0 && training.loss.labelSmoothing == 0)
    }
  }

  @Test("the source network learns by cross entropy whatever the target's loss, unless the study says otherwise")
  func sourceLoss() throws {
    let focal = Sample.map(("loss", Sample.map(("name", Sample.word("focal")), ("gamma", Sample.word("2")))))
    #expect(try stage(.pretrain, [("fit", focal)]) == stage(.pretrain, []), "a focal grid shares its pretraining")
    #expect(try stage(.pretrain, [])["loss"]?["name"] == "cross_entropy")
    #expect(try stage(.pretrain, [("pretrain", focal)])["loss"]?["name"] == "focal")
    #expect(try stage(.fit, [("pretrain", focal)])["loss"]?["name"] == "cross_entropy")
  }

  @Test("source and target network share one draw of a graph")
  func sharedGraph() throws {
    let study = try Sample.study(transfer: "finetune")
    let plan = try Plan(study: study, sets: Sample.sets(), numericClass: "avx2.1")
    let fit = try #require(plan.stages.first { $0.kind == .fit })
    let own = try #require(fit.description["graphs"]?.array)
    #expect(own == fit.parents.map { plan.stages[$0].description["graph"] ?? .null })
    #expect(own.count == 2 && own[0] != own[1])
  }

  @Test("rate, both decays, ε, batch and dropout stand in the stages as they are written")
  func optimiser() throws {
    let fit = Sample.map(
      ("rate", Sample.word("0.25")), ("decay", Sample.word("0.5")), ("weight_decay", Sample.word("3")),
      ("epsilon", Sample.word("0.001")), ("batch", Sample.word("7")))
    let network = Sample.map(("dropout", Sample.word("0.125")))
    let description = try stage(.fit, [("fit", fit), ("network", network)])
    #expect(
      description["optimiser"]?.text
        == "{\"batch\":7,\"decay\":0.5,\"epsilon\":0.001,\"rate\":0.25,\"weight_decay\":3.0}")
    #expect(description["network"]?["dropout"] == 0.125)
  }
}
