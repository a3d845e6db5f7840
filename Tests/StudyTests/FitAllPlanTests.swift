// Training on everybody: no fold, nobody held out, one configuration and one seed.

import Canonical
import Study
import Testing

@Suite("Plan of fit-all")
struct FitAllPlanTests {
  private let grid: (String, StudyNode) = (
    "grid", Sample.map(("fit.loss.class_weights", Sample.list(Sample.word("none"), Sample.word("root"))))
  )
  private let chosen = "fit.loss.class_weights=root"

  private func plan(
    _ study: Study, _ configuration: String? = nil, seed: Int? = nil
  ) throws -> FitAllPlan {
    try FitAllPlan(
      study: study, configuration: configuration, seed: seed, sets: Sample.sets(), numericClass: "avx2.1")
  }

  @Test("two graphs and two branches are two pretrainings, four extractions and one fit of all subjects")
  func stages() throws {
    let plan = try plan(Sample.study(extra: [grid]), chosen, seed: 2)
    #expect(plan.stages.map(\.kind) == [.pretrain, .pretrain, .extract, .extract, .extract, .extract, .fit])
    #expect(plan.pretrainings == [0, 1])
    #expect(plan.configuration.name == chosen && plan.seed == 2)
    for stage in plan.stages { #expect(stage.heldOut == [] && stage.fold == nil && !stage.isLeak) }
    let everybody = ["macro", "micro"].flatMap { set in ["S01", "S02", "S03"].map { "\(set)/\($0)" } }
    #expect(plan.fit.provenance == everybody)
    #expect(plan.fit.description["test"] == .null)
    #expect(plan.fit.description["train"]?["subjects"]?.array?.count == 3)
  }

  @Test("from scratch it is the fit alone")
  func scratch() throws {
    let plan = try plan(Sample.study(transfer: "scratch"), seed: 1)
    #expect(plan.stages.map(\.kind) == [.fit] && plan.pretrainings == [])
    #expect(plan.fit.provenance == ["micro/S01", "micro/S02", "micro/S03"])
  }

  @Test("no stage of it is a stage of a fold, and the study is the plan's")
  func apart() throws {
    let study = try Sample.study()
    let folds = try Plan(study: study, sets: Sample.sets(), numericClass: "avx2.1")
    let plan = try plan(study, seed: 1)
    let ofFolds = Set(folds.stages.map(\.digest))
    #expect(plan.stages.allSatisfy { !ofFolds.contains($0.digest) }, "all subjects are in no fold's training")
    #expect(plan.studyDigest == folds.studyDigest)
  }

  @Test("an open choice is refused with the names there are")
  func open() throws {
    func refusal(_ study: Study, _ configuration: String? = nil, seed: Int? = nil) -> String {
      do {
        _ = try plan(study, configuration, seed: seed)
        return "accepted"
      } catch {
        return "\(error)"
      }
    }
    let study = try Sample.study(extra: [grid])
    #expect(refusal(study, seed: 1).contains("2 configurations; choose one by --configuration NAME: \"fit.loss"))
    #expect(refusal(study, chosen).contains("2 seeds (1, 2); choose one by --seed N"))
    #expect(refusal(study, "other", seed: 1).contains("no configuration \"other\""))
    #expect(refusal(study, chosen, seed: 9) == "accepted", "any seed, as --seeds takes it")
  }
}
