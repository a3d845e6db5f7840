// A made-up study, small enough for tests: a target set of micro clips, a source set of stills, and descriptions.
//
// Four subjects, three labels; the label moves one corner of the face: a network can learn it from flow, and hardly
// from single frames of the clips. Sides and counts differ on every axis.

import Canonical
import Clips
import Kernels
import TestSupport
import Training

/// Prepared sets and the descriptions of stages on them.
struct SmallStudy {
  static let side = 12
  static let labels = ["anger", "joy", "surprise"]
  static let subjects = ["S1", "S2", "S3", "S4"]

  let folder: TemporaryFolder
  let target: PreparedSet
  let source: PreparedSet

  init() throws {
    folder = try TemporaryFolder()
    target = try Self.write(folder.file("target.set"), still: false)
    source = try Self.write(folder.file("source.set"), still: true)
  }

  /// Artifacts of stages that were computed, as files.
  func inputs(_ artifacts: [Digest: [UInt8]] = [:], threads: Int = 1) throws -> StageInputs {
    var paths: [Digest: String] = [:]
    for (stage, bytes) in artifacts { paths[stage] = try folder.write(bytes, to: "\(stage.hex).safetensors") }
    let known = paths
    return StageInputs(sets: ["target": target, "source": source], threads: threads) { known[$0] }
  }

  // MARK: - Sets

  /// The target set with the labels of one subject moved on by one.
  func target(relabelled subject: String) throws -> PreparedSet {
    try Self.write(folder.file("relabelled.set"), still: false, relabelled: subject)
  }

  private static func write(_ path: String, still: Bool, relabelled: String = "") throws -> PreparedSet {
    let writer = try SetWriter(path: path, layout: .folders, side: side)
    var random = CounterRandom(key: still ? 5 : 6, stream: 1)
    for (number, subject) in subjects.enumerated() {
      for clip in 0..<5 {
        let label = (number + clip) % labels.count
        let name = labels[(label + (subject == relabelled ? 1 : 0)) % labels.count]
        try add(to: writer, subject: subject, clip: clip, label: label, name: name, still: still, &random)
      }
    }
    _ = try writer.finish()
    return try PreparedSet(path: path)
  }

  private static func add(
    to writer: SetWriter, subject: String, clip: Int, label: Int, name: String, still: Bool,
    _ random: inout CounterRandom
  ) throws {
    let times: [FrameInfo] =
      still
      ? [FrameInfo(number: 1, role: .apex)]
      : [(3, .onset), (5, .between), (8, .apex), (9, .between), (11, .offset)].map { FrameInfo(number: $0, role: $1) }
    var flows = times.dropFirst().map { FlowInfo(from: 3, to: $0.number, isReturn: false) }
    if !still { flows.append(FlowInfo(from: 8, to: 11, isReturn: true)) }
    var frames: [UInt8] = []
    for _ in times {
      frames += image(label: still ? label : nil, &random).map { UInt8(max(0, min(255, 100 + 60 * $0))) }
    }
    var fields: [Float] = []
    for _ in flows { fields += image(label: label, &random) + image(label: nil, &random) + image(label: nil, &random) }
    let content = ClipContent(
      subject: subject, label: name, name: "C\(clip)", frames: times, flows: flows, apexFound: false,
      still: still)
    try writer.add(content, frames: frames, flows: fields)
  }

  /// Noise, and a bright patch whose height says the label.
  private static func image(label: Int?, _ random: inout CounterRandom) -> [Float] {
    (0..<side * side).map { pixel in
      let patch = label.map { pixel / side / 4 == $0 && (4..<8).contains(pixel % side) ? Float(1.5) : 0 } ?? 0
      return patch + 0.4 * random.normal()
    }
  }
}

// MARK: - Descriptions

extension SmallStudy {
  private func common(_ kind: String, _ more: [String: JSON]) -> JSON {
    var members = more
    members["kind"] = .string(kind)
    members["version"] = 1
    members["numeric_class"] = .string(NumericClass.selected.name)
    members["seed"] = 1
    return .object(members)
  }

  func clips(
    _ name: String, _ subjects: [String], labels: [String] = SmallStudy.labels, of other: PreparedSet? = nil
  ) -> JSON {
    let set = other ?? (name == "target" ? target : source)
    let digests = set.clips.filter { subjects.contains($0.subject) && labels.contains($0.label) }
    return [
      "set": .string(name), "subjects": .array(subjects.map { .string($0) }),
      "labels": .array(labels.map { .string($0) }),
      "digest": .string(JSON.array(digests.map { .string($0.digest.hex) }).digest.hex),
    ]
  }

  static func graph(seed: Int) -> JSON {
    [
      "side": .integer(side), "nearest": 4, "stochastic": 1, "threshold_squared": 8, "sigma": "selected",
      "seed": .integer(seed), "lambda_max": "computed",
    ]
  }

  static let network: JSON = [
    "layers": [["order": 3, "filters": 4, "coarsenings": 1], ["order": 2, "filters": 5, "coarsenings": 2]],
    "dense": 7, "dropout": 0.25,
  ]

  static func rows(_ branches: [String], channels: String = "rows", mirror: Bool = false) -> JSON {
    [
      "branches": .array(branches.map { .string($0) }), "channels": .string(channels), "frames": 3, "return_row": true,
      "normalisation": "image", "mirror": .bool(mirror),
    ]
  }

  static func learning(epochs: Int = 3, rate: Double = 3e-3) -> [String: JSON] {
    [
      "optimiser": ["rate": .number(rate), "decay": 1e-6, "weight_decay": 0, "epsilon": 1e-7, "batch": 8],
      "loss": ["name": "cross_entropy", "alpha": 1, "gamma": 0, "class_weights": "root"],
      "stopping": ["epochs": .integer(epochs), "patience": 0, "smallest_gain": 1e-4],
    ]
  }

  func pretrain(graph: Int = 1) -> JSON {
    common(
      "pretrain",
      Self.learning().merging([
        "graph": Self.graph(seed: graph), "network": Self.network,
        "rows": Self.rows(["spatial"], channels: "magnitude"),
        "clips": clips("source", Array(Self.subjects.dropLast())),
      ]) { _, new in new })
  }

  func extract(
    graph: Int = 1, branch: String, output: String, checkpoint: Digest, mirror: Bool = false
  ) -> JSON {
    common(
      "extract",
      [
        "graph": Self.graph(seed: graph), "network": Self.network, "rows": Self.rows([branch], mirror: mirror),
        "clips": clips("target", Self.subjects), "branch": .string(branch), "output": .string(output),
        "checkpoint": .string(checkpoint.hex),
      ])
  }

  func fit(
    transfer: String, fusion: String = "rows", rows: JSON, graphs: [Int] = [1], checkpoints: [Digest] = [],
    features: [JSON] = [], learning: [String: JSON] = SmallStudy.learning()
  ) -> JSON {
    common(
      "fit",
      learning.merging([
        "graphs": .array(graphs.map { Self.graph(seed: $0) }), "network": Self.network, "rows": rows,
        "fusion": .string(fusion), "transfer": .string(transfer), "train": clips("target", ["S1", "S2", "S3"]),
        "test": clips("target", ["S4"]), "checkpoints": .array(checkpoints.map { .string($0.hex) }),
        "features": .array(features),
      ]) { _, new in new })
  }

  func baseline(_ methods: [String], lambda: Double = 1, set: PreparedSet? = nil, name: String = "target") -> JSON {
    common(
      "baseline",
      [
        "methods": .array(methods.map { .string($0) }), "ridge_lambda": .number(lambda),
        "train": clips(name, ["S1", "S2", "S3"], of: set), "test": clips(name, ["S4"], of: set),
      ])
  }
}

// MARK: - Chains

extension SmallStudy {
  /// Computes the parents of a case and gives the fit's description with their artifacts.
  func chain(
    _ test: StageTests.Case, learning: [String: JSON] = SmallStudy.learning()
  ) throws -> (fit: JSON, artifacts: [Digest: [UInt8]]) {
    var artifacts: [Digest: [UInt8]] = [:]
    var checkpoints: [Digest] = []
    var features: [JSON] = []
    let graphs = Array(1...test.graphs)
    if test.transfer != "scratch" {
      for graph in graphs {
        let stage = pretrain(graph: graph)
        artifacts[stage.digest] = try compute(stage: stage, inputs: inputs()).artifact
        checkpoints.append(stage.digest)
      }
    }
    if ["frozen", "features"].contains(test.transfer) {
      for (number, graph) in graphs.enumerated() {
        for branch in ["spatial", "temporal"] {
          let stage = extract(
            graph: graph, branch: branch, output: test.transfer == "frozen" ? "convolution" : "dense",
            checkpoint: checkpoints[number], mirror: test.mirror)
          artifacts[stage.digest] = try compute(stage: stage, inputs: inputs(artifacts)).artifact
          features.append(
            ["graph": .integer(number), "branch": .string(branch), "stage": .string(stage.digest.hex)])
        }
      }
    }
    let fit = self.fit(
      transfer: test.transfer, fusion: test.fusion,
      rows: SmallStudy.rows(["spatial", "temporal"], mirror: test.mirror),
      graphs: graphs, checkpoints: ["frozen", "finetune"].contains(test.transfer) ? checkpoints : [],
      features: features,
      learning: learning)
    return (fit, artifacts)
  }
}

extension JSON {
  /// The same object with one member changed, by a path of keys; nil removes it.
  func with(_ value: JSON?, at path: String...) -> JSON { with(value, path: path[...]) }

  private func with(_ value: JSON?, path: ArraySlice<String>) -> JSON {
    guard let key = path.first, var members = object else { return self }
    members[key] = path.count == 1 ? value : members[key]?.with(value, path: path.dropFirst())
    return .object(members)
  }
}
