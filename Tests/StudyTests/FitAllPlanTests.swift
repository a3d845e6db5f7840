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
    #expect(plan.networks == [6] && plan.stages.pretrainings(ofFit: 6) == [0, 1] && plan.ridge == nil)
    #expect(plan.configuration.name == chosen && plan.seed == 2)
    for stage in plan.stages { #expect(stage.heldOut == [] && stage.fold == nil && !stage.isLeak) }
    let everybody = ["macro", "micro"].flatMap { set in ["S01", "S02", "S03"].map { "\(set)/\($0)" } }
    #expect(plan.provenance == everybody && plan.stages[6].provenance == everybody)
    #expect(plan.stages[6].description["test"] == .null)
    #expect(plan.stages[6].description["train"]?["subjects"]?.array?.count == 3)
  }

  @Test("from scratch it is the fit alone")
  func scratch() throws {
    let plan = try plan(Sample.study(transfer: "scratch"), seed: 1)
    #expect(plan.stages.map(\.kind) == [.fit] && plan.stages.pretrainings(ofFit: 0) == [])
    #expect(plan.provenance == ["micro/S01", "micro/S02", "micro/S03"])
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

  @Test("averaged networks have the seeds and graph seeds of a run's, and the ridge all clips")
  func average() throws {
    let average: (String, StudyNode) = (
      "average", Sample.map(("networks", Sample.word("3")), ("ridge", Sample.word("true")))
    )
    let study = try Sample.study(extra: [average])
    let plan = try plan(study, seed: 2)
    let run = try Plan(study: study, sets: Sample.sets(), numericClass: "avx2.1")
    let cell = try #require(run.cells.first { $0.seed == 2 })
    func seeds(_ stages: [PlannedStage], _ fits: [Int]) -> [[JSON?]] {
      fits.map { fit in
        let stage = stages[fit].description
        return [stage["seed"]] + (stage["graphs"]?.array ?? []).map { $0["seed"] }
      }
    }
    #expect(seeds(plan.stages, plan.networks) == seeds(run.stages, cell.networks))
    #expect(Set(seeds(plan.stages, plan.networks)).count == 3)
    #expect(plan.ridge?["subjects"]?.array?.count == 3 && plan.ridge?["set"] == "micro")
    #expect(plan.ridge == plan.stages[plan.networks[0]].description["train"])
  }

  @Test("a ridge alone has no stage, and names who trains it")
  func ridgeAlone() throws {
    let average: (String, StudyNode) = (
      "average", Sample.map(("networks", Sample.word("0")), ("ridge", Sample.word("true")))
    )
    let plan = try plan(Sample.study(extra: [average]), seed: 1)
    #expect(plan.stages == [] && plan.networks == [] && plan.ridge != nil)
    #expect(plan.provenance == ["micro/S01", "micro/S02", "micro/S03"])
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
