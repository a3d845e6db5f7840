// A stage computes exactly what was asked for, or says in one line why not.

import Canonical
import Testing
import Training

@Suite("Stage descriptions")
struct DescriptionTests {
  let study: SmallStudy
  init() throws { study = try SmallStudy() }

  private func line(_ description: JSON) throws -> String {
    let error = #expect(throws: StageError.self) { try compute(stage: description, inputs: study.inputs()) }
    return error?.description ?? ""
  }

  private var scratch: JSON { study.fit(transfer: "scratch", rows: SmallStudy.rows(["temporal"])) }

  @Test("an unknown key is named with its place")
  func unknownKey() throws {
    let text = try line(scratch.with(1, at: "optimiser", "rat"))
    #expect(text.contains("unknown key \"rat\" in stage.optimiser"), "\(text)")
    #expect(try line(scratch.with(1, at: "epochs")).contains("\"epochs\" in stage"))
  }

  @Test(
    "a missing key is named with its place",
    arguments: ["graphs", "network", "rows", "optimiser", "loss", "stopping", "train", "seed", "kind", "features"])
  func missingKey(key: String) throws {
    #expect(try line(scratch.with(nil, at: key)).contains("the key \"\(key)\" is missing in stage"))
  }

  @Test("a value of a wrong type or out of range is named with what would be right")
  func wrongValue() throws {
    #expect(try line(scratch.with("big", at: "optimiser", "batch")).contains("stage.optimiser.batch must be a whole"))
    #expect(try line(scratch.with(1.5, at: "network", "dropout")).contains("stage.network.dropout must be a number"))
    #expect(try line(scratch.with("mean", at: "fusion")).contains("one of rows, features"))
    #expect(try line(scratch.with(2, at: "version")).contains("version is not 1"))
    #expect(try line(scratch.with("avx9.1", at: "numeric_class")).contains("numeric class avx9.1"))
  }

  @Test("a subject in both training and test is a leak")
  func leak() throws {
    let text = try line(scratch.with(study.clips("target", ["S3", "S4"]), at: "test"))
    #expect(text.contains("subject S3") && text.contains("leak"))
  }

  /// Statistics, the signal of early stopping and the partners of mixtures are taken from `train` alone: nobody can be
  /// named beside it, and whoever wants to slip a tested subject in there has to name that subject in `train`.
  @Test("normalisation, early stopping and mixup name no subjects, so a tested one among theirs is one in train")
  func plantedLeaks() throws {
    let test = study.clips("target", ["S3", "S4"])
    let planted: [(part: String, key: String, value: JSON)] = [
      ("rows", "normalisation", "training"), ("stopping", "validation", 0.3), ("augmentation", "mixup", 0.4),
    ]
    for (part, key, value) in planted {
      let base = scratch.with([:], at: "augmentation")
      let whole = base.with(value, at: part, key)
      _ = try compute(stage: whole, inputs: study.inputs())
      let beside = try line(whole.with(["S4"], at: part, "subjects"))
      #expect(beside.contains("unknown key \"subjects\" in stage.\(part)"), "\(beside)")
      for clips in [["subjects": ["S4"]], test, ["S4"], "S4"] as [JSON] {
        #expect(try line(whole.with(clips, at: part, key)).contains("stage.\(part).\(key) must be"), "\(part)")
      }
      let text = try line(whole.with(test, at: "test"))
      #expect(text.contains("subject S3 is in stage.train and in stage.test: a leak"), "\(text)")
    }
  }

  @Test("cross entropy takes no focal parameters, so no two descriptions mean one stage")
  func focalParameters() throws {
    #expect(try line(scratch.with(2, at: "loss", "gamma")).contains("use the name \"focal\""))
  }

  @Test("three flow features and one grey channel cannot enter the same network")
  func inputsAgree() throws {
    let rows = SmallStudy.rows(["spatial", "temporal"], channels: "features")
    #expect(try line(scratch.with(rows, at: "rows")).contains("three inputs"))
  }

  @Test("parents must be those that the transfer needs")
  func parents() throws {
    let one = Digest(of: [1])
    #expect(
      try line(study.fit(transfer: "finetune", rows: SmallStudy.rows(["temporal"]))).contains("stage.checkpoints"))
    let features = study.fit(transfer: "features", rows: SmallStudy.rows(["temporal"]))
    #expect(try line(features).contains("0 entries for graph 0, temporal"))
    let rows = SmallStudy.rows(["temporal"])
    let fused = study.fit(transfer: "finetune", fusion: "features", rows: rows, checkpoints: [one])
    #expect(try line(fused).contains("stage.fusion"))
  }

  @Test("other clips than the plan's are refused")
  func clipsDigest() throws {
    let text = try line(scratch.with(.string(Digest(of: [7]).hex), at: "train", "digest"))
    #expect(text.hasPrefix("data:") && text.contains("not those of the plan"))
  }

  @Test("a parent that is absent, another stage's or damaged is refused")
  func artifacts() throws {
    let parent = study.pretrain().digest
    let child = study.fit(transfer: "finetune", rows: SmallStudy.rows(["temporal"]), checkpoints: [parent])
    #expect(try line(child).contains("is not here"))
    let other = try compute(stage: study.pretrain(graph: 2), inputs: study.inputs())
    for bytes in [other.artifact ?? [], Array((other.artifact ?? []).dropLast())] {
      let inputs = try study.inputs([parent: bytes])
      let error = #expect(throws: StageError.self) { try compute(stage: child, inputs: inputs) }
      #expect(error?.description.hasPrefix("artifact:") == true, "\(String(describing: error))")
    }
  }
}
