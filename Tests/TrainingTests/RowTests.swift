// Which rows a clip gives and what numbers stand in them, seen through the features of an untrained network.

import Canonical
import ChebNet
import Clips
import Kernels
import SpectralGraph
import Testing
import Training

@Suite("Rows of clips")
struct RowTests {
  let study: SmallStudy
  init() throws { study = try SmallStudy() }

  /// Frames 3 (onset), 5, 8 (apex), 9, 11 (offset) are stored.
  @Test(
    "onset, apex and offset stay when fewer frames are asked for than are stored",
    arguments: zip([0, 1, 2, 3, 4, 9], [[0, 1, 2, 3, 4], [2], [0, 2], [0, 2, 4], [0, 2, 3, 4], [0, 1, 2, 3, 4]]))
  func frameChoice(limit: Int, expected: [Int]) {
    #expect(FrameChoice.choose(study.target.clips[0].frames, limit: limit) == expected)
  }

  @Test("the frames between are taken evenly")
  func evenFrames() {
    let frames = (0..<13).map { number in
      FrameInfo(number: number, role: number == 0 ? .onset : number == 6 ? .apex : number == 12 ? .offset : .between)
    }
    #expect(FrameChoice.choose(frames, limit: 5) == [0, 3, 6, 9, 12])
  }

  @Test("class weights are none, root and full of n over C times n_c")
  func classWeights() {
    #expect(ClassWeights.none.weights(clipsOfLabel: [8, 2, 0]) == [1, 1, 0])
    #expect(ClassWeights.full.weights(clipsOfLabel: [8, 2, 2]) == [0.5, 2, 2])
    #expect(
      ClassWeights.root.weights(clipsOfLabel: [12, 3, 3]) == [
        Float(0.5).squareRoot(), Float(2).squareRoot(), Float(2).squareRoot(),
      ])
  }

  /// The numbers of a plane, standardised by itself.
  private func standardised(_ plane: [Float]) -> [Float] {
    let mean = plane.reduce(0.0) { $0 + Double($1) } / Double(plane.count)
    let variance = plane.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(plane.count)
    return plane.map { Float((Double($0) - mean) / (variance.squareRoot() + 1e-3)) }
  }

  private func flipped(_ plane: [Float], sign: Float) -> [Float] {
    let side = SmallStudy.side
    return plane.indices.map { sign * plane[$0 / side * side + side - 1 - $0 % side] }
  }

  /// The rows of a clip, each followed by its mirror, made without the code under test.
  private func expectedRows(_ clip: Int, branch: String) -> [[Float]] {
    let size = SmallStudy.side * SmallStudy.side
    var planes: [(plane: [Float], sign: Float)] = []
    if branch == "spatial" {
      for frame in [0, 2, 4] { planes.append((study.target.grey(clip: clip, frame: frame).map { Float($0) / 255 }, 1)) }
    } else {
      // Flows 3 → 5, 8, 9, 11 are stored, then the return row; 8 and 11 are ends of chosen frames.
      for flow in [1, 3, 4] {
        let field = Array(study.target.flow(clip: clip, flow: flow))
        for channel in 0..<3 {
          planes.append((Array(field[channel * size..<(channel + 1) * size]), channel == 0 ? -1 : 1))
        }
      }
    }
    return planes.flatMap { [standardised($0.plane), standardised(flipped($0.plane, sign: $0.sign))] }
  }

  /// Goal: selection, order, normalisation, mirroring and extraction together. Method: rows made by hand through the
  /// same checkpoint; 1e-4 is a hundred times the rounding of standardised floats.
  @Test(
    "extracted features are the network's output of each row and its mirror, in order",
    arguments: ["spatial", "temporal"])
  func features(branch: String) throws {
    let parent = study.pretrain()
    let checkpoint = try #require(compute(stage: parent, inputs: study.inputs()).artifact)
    let stage = study.extract(branch: branch, output: "dense", checkpoint: parent.digest, mirror: true)
    let output = try compute(stage: stage, inputs: study.inputs([parent.digest: checkpoint]))
    let tensor = try SafeTensors.read(#require(output.artifact)).tensor("features")
    let rows = study.target.clips.indices.flatMap { expectedRows($0, branch: branch) }
    #expect(tensor.shape == [rows.count, 7])
    #expect(try JSON(parsing: output.result) == ["rows": .integer(rows.count), "width": 7])
    let expected = try network(checkpoint).run(rows)
    let worst = zip(tensor.values, expected).map { abs($0 - $1) }.max() ?? 1
    #expect(worst < 1e-4, "worst difference \(worst)")
    #expect(Set(tensor.values).count > rows.count, "features that do not depend on the row would pass all else")
  }

  private func network(_ checkpoint: [UInt8]) throws -> Model {
    let spec = GraphSpec(side: SmallStudy.side, nearest: 4, stochastic: 1, thresholdSquared: 8, seed: 1)
    let layers = [LayerSpec(order: 3, filters: 4, coarsenings: 1), LayerSpec(order: 2, filters: 5, coarsenings: 2)]
    let model = Model(
      graphs: [GraphHierarchy(spec: spec, levels: 3)],
      network: NetworkSpec(layers: layers, dense: 7, dropout: 0, inputs: 1), classes: 3, entry: .images)
    let file = try SafeTensors.read(checkpoint)
    for tensor in model.parameters.tensors { try model.parameters.load(tensor.name, from: file) }
    return model
  }

  /// Goal: rule 3, no leak by statistics. Method: the checkpoint's statistics against those of the training clips.
  @Test("normalisation by training rows sees the training clips and nothing else")
  func trainingStatistics() throws {
    let rows = SmallStudy.rows(["temporal"]).with("training", at: "normalisation")
    let stage = study.fit(transfer: "scratch", rows: rows, learning: SmallStudy.learning(epochs: 1))
    let file = try SafeTensors.read(#require(compute(stage: stage, inputs: study.inputs()).artifact))
    let size = SmallStudy.side * SmallStudy.side
    var (sum, squares, count) = (0.0, 0.0, 0.0)
    for (place, clip) in study.target.clips.enumerated() where clip.subject != "S4" {
      for flow in [1, 3, 4] {
        for value in study.target.flow(clip: place, flow: flow)[0..<size] {
          (sum, squares, count) = (sum + Double(value), squares + Double(value) * Double(value), count + 1)
        }
      }
    }
    let mean = try file.tensor("rows.mean").values[1]
    let deviation = try file.tensor("rows.deviation").values[1]
    #expect(abs(Double(mean) - sum / count) < 1e-6)
    #expect(abs(Double(deviation) - (squares / count - sum / count * sum / count).squareRoot()) < 1e-6)
  }

  @Test("an extract refuses normalisation by training rows, since it serves every fold")
  func extractStatistics() throws {
    let stage = study.extract(branch: "temporal", output: "dense", checkpoint: Digest(of: [1]))
      .with("training", at: "rows", "normalisation")
    let error = #expect(throws: StageError.self) { try compute(stage: stage, inputs: study.inputs()) }
    #expect(error?.description.contains("serves all folds") == true)
  }

  @Test("a still has no flow, and the stage says which clip")
  func stillWithoutFlow() throws {
    let stage = study.pretrain().with(SmallStudy.rows(["temporal"]), at: "rows")
    let error = #expect(throws: StageError.self) { try compute(stage: stage, inputs: study.inputs()) }
    #expect(error?.description.contains("clip S1/C0 has no flow") == true)
  }
}

extension Model {
  /// Dense outputs of rows, one after the other.
  fileprivate func run(_ rows: [[Float]]) throws -> [Float] {
    var outputs = [Float](repeating: 0, count: rows.count * featureWidth)
    outputs.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      features(rows: rows.flatMap(\.self), count: rows.count, output: .dense, into: base)
    }
    return outputs
  }
}
