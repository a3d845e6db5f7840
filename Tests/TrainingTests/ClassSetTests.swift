// Source and target may tell different classes apart: the classifier is replaced, everything before it is kept.

import Canonical
import ChebNet
import Testing
import Training

@Suite("Different classes in source and target")
struct ClassSetTests {
  @Test("the classifier is drawn anew for the target's classes", arguments: ["finetune", "frozen"])
  func classifier(transfer: String) throws {
    let study = try SmallStudy()
    let labels = ["joy", "surprise"]
    let test = StageTests.Case(transfer: transfer, fusion: "rows", graphs: 1, mirror: false)
    var (fit, artifacts) = try study.chain(test, learning: SmallStudy.learning(epochs: 1, rate: 0))
    fit = fit.with(study.clips("target", ["S1", "S2", "S3"], labels: labels), at: "train")
      .with(study.clips("target", ["S4"], labels: labels), at: "test")
    let output = try compute(stage: fit, inputs: study.inputs(artifacts))
    let mine = try SafeTensors.read(#require(output.artifact))
    let source = try SafeTensors.read(#require(artifacts[study.pretrain().digest]))
    #expect(try source.tensor("head.weight").shape == [7, 3] && mine.tensor("head.weight").shape == [7, 2])
    #expect(try mine.tensor("sgcn1.dense.weight").values == source.tensor("sgcn1.dense.weight").values)
    let predictions = try #require(JSON(parsing: output.result)["predictions"]?.array)
    #expect(predictions.allSatisfy { labels.contains($0["label"]?.string ?? "") && $0["scores"]?.array?.count == 2 })
    #expect(!predictions.isEmpty)
  }
}
