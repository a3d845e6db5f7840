// Stages end to end on a small study: every transfer and fusion, reproducible bytes, stopping and cancelling.

import Canonical
import ChebNet
import Testing
import Training

@Suite("Stages")
struct StageTests {
  let study: SmallStudy
  init() throws { study = try SmallStudy() }

  /// A transfer, a fusion, how many graphs, mirrored rows or not.
  struct Case: Sendable, CustomTestStringConvertible {
    let transfer, fusion: String
    let graphs: Int
    let mirror: Bool
    var testDescription: String { "\(transfer), \(fusion), \(graphs) graph(s)\(mirror ? ", mirrored" : "")" }
  }

  static let cases = [
    Case(transfer: "scratch", fusion: "rows", graphs: 1, mirror: true),
    Case(transfer: "scratch", fusion: "rows", graphs: 2, mirror: false),
    Case(transfer: "finetune", fusion: "rows", graphs: 2, mirror: true),
    Case(transfer: "frozen", fusion: "rows", graphs: 2, mirror: true),
    Case(transfer: "frozen", fusion: "features", graphs: 1, mirror: false),
    Case(transfer: "features", fusion: "rows", graphs: 1, mirror: false),
    Case(transfer: "features", fusion: "features", graphs: 2, mirror: true),
  ]

  /// Goal: rule 1. Method: the same stage twice, with one thread and with two; bytes of result and artifact.
  @Test("a fit predicts every held-out clip, and the same bytes each time", arguments: cases)
  func reproducible(test: Case) throws {
    let (fit, artifacts) = try study.chain(test)
    let first = try compute(stage: fit, inputs: study.inputs(artifacts))
    let second = try compute(stage: fit, inputs: study.inputs(artifacts, threads: 2))
    #expect(first == second)
    let result = try JSON(parsing: first.result)
    #expect(result["epochs"]?.integer == 3)
    let head = try SafeTensors.read(#require(first.artifact)).tensor("head.weight")
    #expect(head.shape == [7 * test.graphs * (test.fusion == "features" ? 2 : 1), 3], "branches side by side")
    let predictions = try #require(result["predictions"]?.array)
    #expect(predictions.map { $0["clip"]?.string } == ["C0", "C1", "C2", "C3", "C4"])
    for prediction in predictions {
      let scores = try #require(prediction["scores"]?.array).compactMap(\.number)
      #expect(scores.count == 3 && scores.allSatisfy { $0 < 0 })
      let best = try #require(scores.indices.max { scores[$0] < scores[$1] })
      #expect(prediction["predicted"]?.string == SmallStudy.labels[best])
    }
  }

  /// Goal: what a transfer says it starts from. Method: a learning rate of 0 leaves every parameter as it was loaded.
  @Test("a transfer starts from the source network's parameters", arguments: ["finetune", "frozen"])
  func startsFromCheckpoint(transfer: String) throws {
    let test = Case(transfer: transfer, fusion: "rows", graphs: 2, mirror: false)
    let (fit, artifacts) = try study.chain(test, learning: SmallStudy.learning(epochs: 1, rate: 0))
    let trained = try compute(stage: fit, inputs: study.inputs(artifacts))
    let mine = try SafeTensors.read(#require(trained.artifact))
    let names = mine.tensors.map(\.name).filter { $0.hasPrefix("sgcn") }
    #expect(names.contains("sgcn2.dense.weight"))
    #expect(names.contains("sgcn1.conv0.weight") == (transfer == "finetune"))
    for name in names {
      let number = name.hasPrefix("sgcn1.") ? 1 : 2
      let source = try SafeTensors.read(#require(artifacts[study.pretrain(graph: number).digest]))
      let values = try source.tensor("sgcn1." + name.dropFirst(6)).values
      #expect(try mine.tensor(name).values == values, "\(name)")
    }
  }

  @Test("an artifact names its stage and the subjects that changed it, its parents' too")
  func provenance() throws {
    let (fit, artifacts) = try study.chain(Case(transfer: "frozen", fusion: "rows", graphs: 1, mirror: false))
    let file = try SafeTensors.read(#require(compute(stage: fit, inputs: study.inputs(artifacts)).artifact))
    #expect(file.metadata["stage"] == fit.digest.hex)
    let expected = "[\"source/S1\",\"source/S2\",\"source/S3\",\"target/S1\",\"target/S2\",\"target/S3\"]"
    #expect(file.metadata["subjects"] == expected)
    let extract = try SafeTensors.read(
      #require(
        artifacts.values.first { bytes in
          (try? SafeTensors.read(bytes))?.metadata["clips"] != nil
        }))
    #expect(
      extract.metadata["subjects"] == "[\"source/S1\",\"source/S2\",\"source/S3\"]", "rows carry the checkpoint's")
  }

  @Test("progress comes after each epoch, and patience ends training early")
  func stopping() throws {
    let rows = SmallStudy.rows(["temporal"])
    var stage = study.fit(transfer: "scratch", rows: rows, learning: SmallStudy.learning(epochs: 9))
    stage = stage.with(2, at: "stopping", "patience").with(1000, at: "stopping", "smallest_gain")
    var seen: [StageProgress] = []
    let output = try compute(stage: stage, inputs: study.inputs(), progress: { seen.append($0) })
    #expect(seen.map(\.epoch) == [1, 2, 3], "the first epoch is a gain over nothing, then two without")
    #expect(seen.allSatisfy { $0.epochs == 9 && $0.loss > 0 })
    #expect(try JSON(parsing: output.result)["epochs"]?.integer == 3)
  }

  @Test("a cancelled stage ends between two batches")
  func cancel() throws {
    var asked = 0
    let inputs = try study.inputs()
    let stage = study.fit(transfer: "scratch", rows: SmallStudy.rows(["temporal"]))
    #expect(throws: StageError.cancelled) {
      try compute(
        stage: stage, inputs: inputs,
        isCancelled: {
          asked += 1
          return asked > 2
        })
    }
    #expect(asked == 3)
  }

  @Test("a loss that is no longer a number is an error that says so")
  func notFinite() throws {
    let learning = SmallStudy.learning(epochs: 50).merging([
      "optimiser": ["rate": 1000, "decay": 0, "weight_decay": 1000, "epsilon": 1e-7, "batch": 8]
    ]) { _, new in new }
    let stage = study.fit(transfer: "scratch", rows: SmallStudy.rows(["temporal"]), learning: learning)
    let error = #expect(throws: StageError.self) { try compute(stage: stage, inputs: study.inputs()) }
    #expect(error?.description.hasPrefix("numbers:") == true, "\(String(describing: error))")
  }

  /// Goal: the whole path learns. Method: the label is a patch in u, which compact-like training must find.
  @Test("a network from scratch learns a movement that frames do not show")
  func learns() throws {
    let stage = study.fit(
      transfer: "scratch", rows: SmallStudy.rows(["temporal"], channels: "features", mirror: false),
      learning: SmallStudy.learning(epochs: 40, rate: 1e-2))
    let result = try JSON(parsing: compute(stage: stage, inputs: study.inputs()).result)
    let predictions = result["predictions"]?.array ?? []
    #expect(predictions.count { $0["label"] == $0["predicted"] } >= 4)
  }
}
