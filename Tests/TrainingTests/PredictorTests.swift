// Checkpoints and their predictions: the bits of the stage that scored the same clips, and what is refused.

import Canonical
import ChebNet
import Clips
import Kernels
import TestSupport
import Testing
import Training

@Suite("Predictor")
struct PredictorTests {
  let study: SmallStudy
  init() throws { study = try SmallStudy() }

  /// A checkpoint of a fit with all that it reads.
  private func checkpoint(_ fit: JSON, _ artifacts: [Digest: [UInt8]], graphs: [Int] = [1]) throws -> [UInt8] {
    let pretrainings = graphs.map { study.pretrain(graph: $0).digest }.filter { artifacts[$0] != nil }
    return try CheckpointParts(
      fit: fit, pretrainings: pretrainings, artifacts: artifacts, target: study.target,
      sets: ["target": study.target.digest], study: ("small", Digest(of: [])), configuration: "default"
    ).checkpoint()
  }

  private func scratch(_ change: (JSON) -> JSON = { $0 }) throws -> (fit: JSON, bytes: [UInt8]) {
    let fit = change(study.fit(transfer: "scratch", rows: SmallStudy.rows(["spatial", "temporal"], mirror: true)))
    let output = try compute(stage: fit, inputs: study.inputs())
    return (fit, try checkpoint(fit, [fit.digest: #require(output.artifact)]))
  }

  private func predictor(_ bytes: [UInt8], threads: Int = 1) throws -> Predictor {
    try Predictor(path: study.folder.write(bytes, to: "a.checkpoint"), threads: threads)
  }

  private func places(_ subject: String) -> [Int] {
    study.target.clips.indices.filter { study.target.clips[$0].subject == subject }
  }

  /// Goal: one way to compute a score. Method: the held-out clips of a fit against the checkpoint of the same fit.
  private func expectStageBits(_ fit: JSON, _ artifacts: [Digest: [UInt8]], graphs: [Int] = [1]) throws {
    let output = try compute(stage: fit, inputs: study.inputs(artifacts))
    var all = artifacts
    all[fit.digest] = output.artifact
    let stage = try #require(JSON(parsing: output.result)["predictions"]?.array)
    for threads in [1, 2] {
      let predictor = try predictor(checkpoint(fit, all, graphs: graphs), threads: threads)
      let predictions = try predictor.predictions(of: study.target, clips: places("S4"))
      #expect(predictions.map { $0.scores.map { Double("\($0)") } } == stage.map { $0["scores"]?.array?.map(\.number) })
      #expect(predictions.map { predictor.labels[$0.predicted] } == stage.map { $0["predicted"]?.string })
      for prediction in predictions {
        #expect(abs(prediction.probabilities.reduce(0, +) - 1) < 1e-5)
        #expect(prediction.probabilities.max() == prediction.probabilities[prediction.predicted])
      }
      // Alone a clip is another batch, and the size of a product may show in the last bit.
      let one = try #require(predictor.predictions(of: study.target, clips: [places("S4")[2]]).first)
      #expect(zip(one.scores, predictions[2].scores).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test("a checkpoint gives the bits of the stage that scored the same clips", arguments: StageTests.cases)
  func bits(test: StageTests.Case) throws {
    let (fit, artifacts) = try study.chain(test)
    try expectStageBits(fit, artifacts, graphs: Array(1...test.graphs))
  }

  @Test("a closed-form head gives the bits of its stage", arguments: StageTests.cases)
  func headBits(test: StageTests.Case) throws {
    let (fit, artifacts) = try study.chain(test)
    let head: JSON = ["kind": "ridge", "input": .bool(test.fusion == "rows")]
    try expectStageBits(fit.with(head, at: "head"), artifacts, graphs: Array(1...test.graphs))
  }

  @Test("a head that the recipe names must be in the file")
  func headMissing() throws {
    let (_, bytes) = try scratch { $0.with(["kind": "ridge", "input": true], at: "head") }
    #expect(try refusal(bytes) == "accepted")
    let without = try changed(bytes, tensors: { $0.name == "ridge.input.weight" ? nil : $0 })
    #expect(try refusal(without).contains("there is no tensor ridge.input.weight"))
  }

  @Test("statistics of the training clips keep all digits", arguments: ["training", "unit"])
  func normalisation(name: String) throws {
    let fit = study.fit(transfer: "scratch", rows: SmallStudy.rows(["spatial", "temporal"]))
    try expectStageBits(fit.with(.string(name), at: "rows", "normalisation"), [:])
  }

  @Test("a hidden layer of the head is in the checkpoint and in its predictions", arguments: StageTests.cases)
  func headDense(test: StageTests.Case) throws {
    let (fit, artifacts) = try study.chain(test)
    let deeper = fit.with(6, at: "network", "head_dense")
    try expectStageBits(deeper, artifacts, graphs: Array(1...test.graphs))
    let file = try SafeTensors.read(#require(compute(stage: deeper, inputs: study.inputs(artifacts)).artifact))
    #expect(try file.tensor("head.dense.weight").shape[1] == 6 && file.tensor("head.weight").shape == [6, 3])
  }

  /// Goal: nothing is done to rows that are scored. Method: a predictor, which knows no augmentation, on them.
  @Test("augmentation of training rows leaves held-out clips alone", arguments: AugmentationTests.kinds)
  func augmented(augmentation: JSON) throws {
    let fit = study.fit(transfer: "scratch", rows: SmallStudy.rows(["temporal"], mirror: true))
    try expectStageBits(fit.with(augmentation, at: "augmentation"), [:])
  }

  @Test("a fit that holds nobody out trains, predicts nobody, and its checkpoint names all subjects")
  func everybody() throws {
    let (_, bytes) = try scratch {
      $0.with(.null, at: "test").with(study.clips("target", SmallStudy.subjects), at: "train")
    }
    let file = try SafeTensors.read(bytes)
    #expect(file.metadata["subjects"] == "[\"target/S1\",\"target/S2\",\"target/S3\",\"target/S4\"]")
    let predictor = try predictor(bytes)
    #expect(predictor.subjects.count == 4 && predictor.labels == SmallStudy.labels)
    #expect(predictor.side == SmallStudy.side && predictor.frames == 5)
    #expect(predictor.heldOut == [])
    #expect(try predictor.predictions(of: study.target, clips: [0, 7, 19]).count == 3)
  }

  @Test("equal parts give equal bytes, and the header names the class")
  func canonical() throws {
    let (first, second) = (try scratch().bytes, try scratch().bytes)
    #expect(first == second)
    let path = try study.folder.write(first, to: "a.checkpoint")
    #expect(try CheckpointHeader(path: path).numericClass == NumericClass.selected)
  }

  // MARK: - Refusals

  private func refusal(_ bytes: [UInt8]) throws -> String {
    do {
      _ = try predictor(bytes)
      return "accepted"
    } catch let error as PredictionError {
      return error.description
    }
  }

  /// The same file with other metadata, or with changed tensors.
  private func changed(
    _ bytes: [UInt8], recipe: (JSON) -> JSON = { $0 }, tensors: (SafeTensors.Named) -> SafeTensors.Named? = { $0 }
  ) throws -> [UInt8] {
    let file = try SafeTensors.read(bytes)
    var metadata = file.metadata
    metadata["recipe"] = try recipe(JSON(parsing: #require(metadata["recipe"]).utf8)).text
    return SafeTensors.write(file.tensors.compactMap(tensors), metadata: metadata)
  }

  @Test("a checkpoint that is damaged or does not fit its recipe is refused with what is wrong")
  func damaged() throws {
    let (fit, bytes) = try scratch()
    #expect(try refusal(bytes) == "accepted")
    for count in [0, 7, 8, 500, bytes.count / 2, bytes.count - 1] {
      #expect(try refusal(Array(bytes.prefix(count))).contains("not a usable safetensors file"), "\(count) bytes")
    }
    let artifact = try #require(compute(stage: fit, inputs: study.inputs()).artifact)
    #expect(try refusal(artifact).contains("holds no recipe"))
    #expect(try refusal(changed(bytes, recipe: { $0.with(2, at: "version") })).contains("version"))
    #expect(try refusal(changed(bytes, recipe: { $0.with(nil, at: "labels") })).contains("\"labels\""))
    #expect(try refusal(changed(bytes, recipe: { $0.with(["a", "b"], at: "labels") })).contains("head.weight"))
    #expect(try refusal(changed(bytes, recipe: { $0.with("avx2.99", at: "numeric_class") })).contains("avx2.99"))
    #expect(try refusal(changed(bytes, recipe: { $0.with(9, at: "network", "dense") })).contains("dense.weight"))
    for name in ["sgcn1.conv1.weight", "head.weight", "head.bias", "graph1.step0.children"] {
      let line = try refusal(changed(bytes, tensors: { $0.name == name ? nil : $0 }))
      #expect(line.contains("no tensor \(name)"), "\(line)")
    }
  }

  @Test("a graph that is not the recipe's is refused, whatever was changed", arguments: ["order", "column", "value"])
  func graphs(list: String) throws {
    let (_, bytes) = try scratch()
    func spoil(_ tensor: SafeTensors.Named) -> SafeTensors.Named {
      guard tensor.name == "graph1.level1.\(list)" else { return tensor }
      var values = tensor.values
      values[3] += 1
      return SafeTensors.Named(name: tensor.name, shape: tensor.shape, values: values)
    }
    let spoilt = try changed(bytes, tensors: spoil)
    #expect(try refusal(spoilt).contains("graph 1 is not the one"))
    let moved = try changed(bytes, recipe: { $0.with(.array([SmallStudy.graph(seed: 2)]), at: "graphs") })
    #expect(try refusal(moved).contains("graph 1 is not the one"))
  }

  @Test("clips that the network does not look at are refused in words")
  func strangers() throws {
    let predictor = try predictor(scratch().bytes)
    func refusal(_ set: PreparedSet) -> String {
      do {
        _ = try predictor.predictions(of: set, clips: [0])
        return "accepted"
      } catch {
        return error.description
      }
    }
    let writer = try SetWriter(path: study.folder.file("wide.set"), layout: .folders, side: 16)
    try writer.add(
      ClipContent(
        subject: "S", label: "joy", name: "C", frames: [FrameInfo(number: 1, role: .apex)], flows: [],
        apexFound: false, still: true), frames: [UInt8](repeating: 9, count: 256), flows: [])
    _ = try writer.finish()
    #expect(refusal(try PreparedSet(path: study.folder.file("wide.set"))).contains("--side 12"))
    #expect(refusal(study.source).contains("still"))
  }
}
