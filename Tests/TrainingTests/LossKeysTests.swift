// What the loss of a stage is, from its description: recomputed from the weights of a stage that learned nothing.

import Canonical
import ChebNet
import Clips
import Foundation
import Kernels
import SpectralGraph
import Testing
import Training

@Suite("Loss and score of a stage")
struct LossKeysTests {
  let study: SmallStudy
  init() throws { study = try SmallStudy() }

  /// A stage whose weights stay as they were drawn, without dropout, on rows that a test can read: flow as stored.
  private func stage(_ loss: JSON, test: [String] = ["S4"]) -> JSON {
    let rows = SmallStudy.rows(["temporal"], channels: "features").with("unit", at: "normalisation")
    return study.fit(transfer: "scratch", rows: rows, learning: SmallStudy.learning(epochs: 1, rate: 0))
      .with(loss, at: "loss").with(0, at: "network", "dropout")
  }

  private struct Row {
    let clip: Int
    let label: Int
    let logProbabilities: [Double]
  }

  /// Every row of some subjects, scored by the network of an artifact.
  private func rows(of subjects: [String], artifact: [UInt8]) throws -> [Row] {
    let spec = GraphSpec(side: SmallStudy.side, nearest: 4, stochastic: 1, thresholdSquared: 8, seed: 1)
    let layers = [LayerSpec(order: 3, filters: 4, coarsenings: 1), LayerSpec(order: 2, filters: 5, coarsenings: 2)]
    let model = Model(
      graphs: [GraphHierarchy(spec: spec, levels: 3)],
      network: NetworkSpec(layers: layers, dense: 7, dropout: 0, inputs: 3), classes: 3, entry: .images)
    let file = try SafeTensors.read(artifact)
    for tensor in model.parameters.tensors { try model.parameters.load(tensor.name, from: file) }
    var rows: [Row] = []
    for (place, clip) in study.target.clips.enumerated() where subjects.contains(clip.subject) {
      let label = try #require(SmallStudy.labels.firstIndex(of: clip.label))
      for flow in [1, 3, 4] {
        let scores = model.scores(rows: Array(study.target.flow(clip: place, flow: flow)), count: 1)
        rows.append(Row(clip: place, label: label, logProbabilities: scores.map(Double.init)))
      }
    }
    return rows
  }

  private func expectLoss(_ loss: JSON, _ ofRow: (Row) -> Double) throws {
    let output = try compute(stage: stage(loss), inputs: study.inputs())
    let rows = try rows(of: ["S1", "S2", "S3"], artifact: #require(output.artifact))
    let expected = rows.reduce(0) { $0 + ofRow($1) } / Double(rows.count)
    let reported = try #require(JSON(parsing: output.result)["loss"]?.number)
    #expect(abs(reported / expected - 1) < 1e-4, "\(reported), \(expected) is right")
  }

  private func focal(_ row: Row, _ label: Int) -> Double {
    let logP = row.logProbabilities[label]
    return -pow(1 - exp(logP), 2) * logP
  }

  @Test("α of each class multiplies the focal loss of its rows")
  func alphas() throws {
    let alphas = [0.25, 1, 4]
    try expectLoss(["name": "focal", "alpha": [0.25, 1, 4], "gamma": 2, "class_weights": "none"]) {
      alphas[$0.label] * focal($0, $0.label)
    }
  }

  @Test("smoothed labels mix the losses of all classes, under class weights too")
  func smoothing() throws {
    let counts = SmallStudy.labels.map { label in
      Double(study.target.clips.count { $0.subject != "S4" && $0.label == label })
    }
    try expectLoss(["name": "focal", "alpha": 1, "gamma": 2, "class_weights": "full", "label_smoothing": 0.3]) { row in
      let mixed = (0..<3).reduce(0.0) { $0 + (0.1 + ($1 == row.label ? 0.7 : 0)) * focal(row, $1) }
      return mixed * 15 / (3 * counts[row.label])
    }
  }

  @Test("α for other labels than the stage's is refused")
  func wrongCount() throws {
    let loss: JSON = ["name": "focal", "alpha": [1, 2], "gamma": 2, "class_weights": "none"]
    let error = #expect(throws: StageError.self) { try compute(stage: stage(loss), inputs: study.inputs()) }
    #expect(error?.description.contains("has 2 values and the stage 3 labels") == true)
    let cross: JSON = ["name": "cross_entropy", "alpha": [1, 1, 1], "gamma": 0, "class_weights": "none"]
    #expect(throws: StageError.self) { try compute(stage: stage(cross), inputs: study.inputs()) }
  }

  @Test("a clip's score is the mean of its rows' log-probabilities")
  func meanOfRows() throws {
    let loss: JSON = ["name": "cross_entropy", "alpha": 1, "gamma": 0, "class_weights": "none"]
    let output = try compute(stage: stage(loss), inputs: study.inputs())
    let rows = try rows(of: ["S4"], artifact: #require(output.artifact))
    let predictions = try #require(JSON(parsing: output.result)["predictions"]?.array)
    let clips = study.target.clips.indices.filter { study.target.clips[$0].subject == "S4" }
    #expect(predictions.count == clips.count)
    for (clip, prediction) in zip(clips, predictions) {
      let mine = rows.filter { $0.clip == clip }
      #expect(mine.count == 3)
      for label in 0..<3 {
        let mean = mine.reduce(0) { $0 + $1.logProbabilities[label] } / 3
        #expect(abs((prediction["scores"]?.array?[label].number ?? 0) - mean) < 1e-5)
      }
    }
  }
}
