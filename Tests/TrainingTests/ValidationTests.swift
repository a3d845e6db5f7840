// Early stopping by inner validation: who is looked at, what the signal is, and which weights are kept.

import Canonical
import ChebNet
import Clips
import Kernels
import SpectralGraph
import Testing
import Training

@Suite("Inner validation")
struct ValidationTests {
  let study: SmallStudy
  init() throws { study = try SmallStudy() }

  /// Rows of three planes as stored, so that the test can read them itself.
  private func fit(epochs: Int, share: Double = 0.4, rate: Double = 3e-3) -> JSON {
    let rows = SmallStudy.rows(["temporal"], channels: "features").with("unit", at: "normalisation")
    return study.fit(transfer: "scratch", rows: rows, learning: SmallStudy.learning(epochs: epochs, rate: rate))
      .with(.number(share), at: "stopping", "validation").with("none", at: "loss", "class_weights")
  }

  @Test("a share of the subjects is looked at, at least one, and one trains")
  func validators() {
    let subjects = (0..<10).map { "S\($0)" }
    for (share, count) in [(0.01, 1), (0.2, 2), (0.5, 5), (0.9, 9)] {
      let chosen = Randomness(Digest(of: [1])).validators(of: subjects, share: share)
      #expect(chosen.count == count && chosen.isSubset(of: subjects))
    }
    #expect(Randomness(Digest(of: [3])).validators(of: ["A", "B"], share: 0.9).count == 1)
    let seeds = (0..<40).map { Randomness(Digest(of: [$0])).validators(of: subjects, share: 0.1).first ?? "" }
    #expect(Set(seeds).count > 5, "the draw is the stage's")
  }

  /// Goal: the signal is the loss of subjects who do not train, under the weights that are kept. Method: the artifact's
  /// network on the rows of the drawn subjects, read and scored here.
  @Test("the kept weights have the reported loss on the subjects who were looked at")
  func signal() throws {
    let stage = fit(epochs: 4)
    let output = try compute(stage: stage, inputs: study.inputs())
    let result = try JSON(parsing: output.result)
    let watched = Randomness(stage.digest).validators(of: ["S1", "S2", "S3"], share: 0.4)
    #expect(watched.count == 1)
    let expected = try loss(of: watched, artifact: #require(output.artifact))
    let reported = try #require(result["validation_loss"]?.number)
    #expect(abs(reported / expected - 1) < 1e-4, "\(reported) and \(expected)")
    #expect((1...4).contains(try #require(result["best_epoch"]?.integer)))
    let others = try ["S1", "S2", "S3", "S4"].filter { !watched.contains($0) }.map {
      try loss(of: [$0], artifact: #require(output.artifact))
    }
    #expect(others.allSatisfy { abs($0 / reported - 1) > 1e-4 })
  }

  private func loss(of subjects: Set<String>, artifact: [UInt8]) throws -> Double {
    let spec = GraphSpec(side: SmallStudy.side, nearest: 4, stochastic: 1, thresholdSquared: 8, seed: 1)
    let layers = [LayerSpec(order: 3, filters: 4, coarsenings: 1), LayerSpec(order: 2, filters: 5, coarsenings: 2)]
    let model = Model(
      graphs: [GraphHierarchy(spec: spec, levels: 3)],
      network: NetworkSpec(layers: layers, dense: 7, dropout: 0, inputs: 3), classes: 3, entry: .images)
    let file = try SafeTensors.read(artifact)
    for tensor in model.parameters.tensors { try model.parameters.load(tensor.name, from: file) }
    var (sum, count) = (0.0, 0.0)
    for (place, clip) in study.target.clips.enumerated() where subjects.contains(clip.subject) {
      let label = try #require(SmallStudy.labels.firstIndex(of: clip.label))
      for flow in [1, 3, 4] {
        sum -= Double(model.scores(rows: Array(study.target.flow(clip: place, flow: flow)), count: 1)[label])
        count += 1
      }
    }
    return sum / count
  }

  /// Goal: patience listens to the signal, not to the training loss. Method: noise that can be learned by heart only:
  /// the training loss falls for all of the epochs, so nothing else would stop.
  @Test("training stops when the signal rises, and keeps the weights of its best epoch")
  func stops() throws {
    let stage = fit(epochs: 60, rate: 3e-2).with(3, at: "stopping", "patience")
      .with(0, at: "stopping", "smallest_gain")
    var losses: [Float] = []
    let result = try JSON(
      parsing: compute(stage: stage, inputs: study.inputs(), progress: { losses.append($0.loss) }).result)
    let (epochs, best) = (try #require(result["epochs"]?.integer), try #require(result["best_epoch"]?.integer))
    #expect(epochs < 60 && epochs == best + 3, "\(epochs) epochs, the best was \(best)")
    #expect(losses.count == epochs)
  }

  @Test("a watched fit repeats with other threads, and its statistics are of those who train")
  func statistics() throws {
    let stage = fit(epochs: 1).with("training", at: "rows", "normalisation")
    let output = try compute(stage: stage, inputs: study.inputs())
    #expect(try compute(stage: stage, inputs: study.inputs(threads: 2)) == output)
    let watched = Randomness(stage.digest).validators(of: ["S1", "S2", "S3"], share: 0.4)
    var values: [Double] = []
    let size = SmallStudy.side * SmallStudy.side
    for (place, clip) in study.target.clips.enumerated() where clip.subject != "S4" && !watched.contains(clip.subject) {
      for flow in [1, 3, 4] { values += study.target.flow(clip: place, flow: flow)[0..<size].map(Double.init) }
    }
    let mean = try SafeTensors.read(#require(output.artifact)).tensor("rows.mean").values[1]
    #expect(abs(Double(mean) - values.reduce(0, +) / Double(values.count)) < 1e-6)
  }

  @Test("one training subject cannot be looked at and train")
  func oneSubject() throws {
    let stage = fit(epochs: 1).with(study.clips("target", ["S1"]), at: "train")
    let error = #expect(throws: StageError.self) { try compute(stage: stage, inputs: study.inputs()) }
    #expect(error?.description.contains("needs two training subjects") == true)
  }

  @Test("without inner validation a result says nothing of it")
  func absent() throws {
    let stage = study.fit(transfer: "scratch", rows: SmallStudy.rows(["temporal"]))
    let result = try JSON(parsing: compute(stage: stage, inputs: study.inputs()).result)
    #expect(result["best_epoch"] == nil && result["validation_loss"] == nil)
  }
}
