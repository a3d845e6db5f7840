// Checkpoints that average: the mean of what their members say, a ridge that says what its baseline stage said, and
// what is refused.

import Canonical
import ChebNet
import Clips
import Kernels
import TestSupport
import Testing
import Training

@Suite("Averaged checkpoints")
struct AverageTests {
  let study: SmallStudy
  init() throws { study = try SmallStudy() }

  private func parts(graph: Int, _ rows: JSON = SmallStudy.rows(["temporal"], mirror: true)) throws -> CheckpointParts {
    let fit = study.fit(transfer: "scratch", rows: rows, graphs: [graph]).with(.integer(graph), at: "seed")
    let output = try compute(stage: fit, inputs: study.inputs())
    return try CheckpointParts(
      fit: fit, pretrainings: [], artifacts: [fit.digest: #require(output.artifact)], target: study.target,
      sets: ["target": study.target.digest], study: ("small", Digest(of: [])), configuration: "default",
      heldOut: ["target/S4"])
  }

  private func ridge(_ set: PreparedSet? = nil) throws -> AveragedRidge {
    let set = set ?? study.target
    return try AveragedRidge(train: study.clips("target", ["S1", "S2", "S3"], of: set), sets: ["target": set])
  }

  private func average(
    _ networks: [CheckpointParts], _ ridge: AveragedRidge?, target: PreparedSet? = nil
  ) throws -> [UInt8] {
    try AverageParts(
      networks: networks, ridge: ridge, asked: (SmallStudy.labels, NumericClass.selected.name, 1),
      target: target ?? study.target, sets: ["target": study.target.digest], study: ("small", Digest(of: [])),
      configuration: "default", heldOut: ["target/S4"]
    ).checkpoint()
  }

  private func predictor(_ bytes: [UInt8], threads: Int = 1) throws -> Predictor {
    try Predictor(path: study.folder.write(bytes, to: "a.checkpoint"), threads: threads)
  }

  private func scores(_ bytes: [UInt8], threads: Int = 1, of set: PreparedSet? = nil) throws -> [[Double]] {
    let set = set ?? study.target
    let clips = set.clips.indices.filter { set.clips[$0].subject == "S4" }
    return try predictor(bytes, threads: threads).predictions(of: set, clips: clips).map(\.scores)
  }

  private func mean(_ lists: [[[Double]]]) -> [[Double]] {
    lists[0].indices.map { clip in
      lists[0][clip].indices.map { label in lists.reduce(0) { $0 + $1[clip][label] } / Double(lists.count) }
    }
  }

  @Test("networks and a ridge: the mean of the single predictions, to the last bit, by any number of threads")
  func means() throws {
    let networks = try [parts(graph: 1), parts(graph: 2), parts(graph: 3)]
    let ridge = try ridge()
    let singles = try networks.map { try scores($0.checkpoint()) }
    #expect(Set(singles).count == 3)
    let ofNetworks = mean(singles)
    let ofRidge = try scores(average([], ridge))
    #expect(try scores(average(networks, nil)) == ofNetworks)
    for threads in [1, 2] {
      #expect(try scores(average(networks, ridge), threads: threads) == mean([ofNetworks, ofRidge]))
    }
  }

  /// Goal: the ridge that a run averages. Method: its baseline stage on the same held-out clips; floats of about 1 by
  /// two ways of summing in Double.
  @Test("the ridge says what its baseline stage said, of flow and of frames", arguments: ["flow", "frames"])
  func ridgeOfStage(images: String) throws {
    let set = images == "flow" ? study.target : try framesAlone()
    let stage = study.baseline(["ridge_balanced"], set: set)
    let result = try JSON(parsing: compute(stage: stage, inputs: StageInputs(sets: ["target": set])).result)
    let said = try #require(result["methods"]?["ridge_balanced"]?.array).map {
      $0["scores"]?.array?.compactMap(\.number) ?? []
    }
    let mine = try scores(average([], ridge(set), target: set), of: set)
    #expect(mine.count == 5 && said.count == 5)
    for (one, other) in zip(mine.joined(), said.joined()) { #expect(abs(one - other) < 1e-6) }
  }

  /// The frames of the target alone.
  private func framesAlone() throws -> PreparedSet {
    let writer = try SetWriter(path: study.folder.file("frames.set"), layout: .folders, side: SmallStudy.side)
    for (place, clip) in study.target.clips.enumerated() {
      var bytes: [UInt8] = []
      for frame in clip.frames.indices { bytes += study.target.grey(clip: place, frame: frame) }
      try writer.add(
        ClipContent(
          subject: clip.subject, label: clip.label, name: clip.name, frames: clip.frames, flows: [], apexFound: false,
          still: false), frames: bytes, flows: [])
    }
    _ = try writer.finish()
    return try PreparedSet(path: study.folder.file("frames.set"))
  }

  @Test("the file names all subjects, who was held out, and every network by its own names")
  func content() throws {
    let networks = try [parts(graph: 1), parts(graph: 2)]
    let bytes = try average(networks, ridge())
    let file = try SafeTensors.read(bytes)
    #expect(file.metadata["subjects"] == "[\"target/S1\",\"target/S2\",\"target/S3\"]")
    let own = try SafeTensors.read(networks[1].checkpoint())
    for tensor in own.tensors { #expect(try file.tensor("net2.\(tensor.name)").values == tensor.values) }
    let predictor = try predictor(bytes)
    #expect(predictor.heldOut == ["target/S4"] && predictor.labels == SmallStudy.labels && predictor.frames == 5)
    #expect(try average(networks, ridge()) == bytes)
  }

  @Test("what is missing or of another set is refused in words")
  func damaged() throws {
    let bytes = try average([parts(graph: 1), parts(graph: 2)], ridge())
    func refusal(_ name: String, recipe: (JSON) -> JSON = { $0 }) throws -> String {
      let file = try SafeTensors.read(bytes)
      var metadata = file.metadata
      metadata["recipe"] = try recipe(JSON(parsing: #require(metadata["recipe"]).utf8)).text
      do {
        _ = try predictor(SafeTensors.write(file.tensors.filter { $0.name != name }, metadata: metadata))
        return "accepted"
      } catch { return "\(error)" }
    }
    #expect(try refusal("") == "accepted")
    #expect(try refusal("net2.head.weight").contains("no tensor head.weight"))
    #expect(try refusal("ridge.weight_rest").contains("no tensor weight_rest"))
    #expect(try refusal("", recipe: { $0.with("colour", at: "ridge", "images") }).contains("flow, difference, frame"))
    #expect(try refusal("", recipe: { $0.with(["a", "b"], at: "labels") }).contains("are of other labels"))
    #expect(try refusal("", recipe: { $0.with([], at: "networks").with(.null, at: "ridge") }).contains("no ridge"))
    #expect(try refusal("", recipe: { $0.with("avx2.99", at: "numeric_class") }).contains("of other labels"))
  }

  @Test("a clip without the images of the ridge is refused")
  func strangers() throws {
    let predictor = try predictor(average([], ridge()))
    let still = #expect(throws: PredictionError.self) { try predictor.predictions(of: study.source, clips: [0]) }
    #expect(still?.description.contains("is a still") == true)
  }
}
