// The canonical description of a stage: every parameter that can change its answer, and nothing else.
//
// Its digest names the stage and seeds it (the first rule of ARCHITECTURE.md), so a key that cannot change the answer
// must not stand here, and one that can must.

import Canonical

/// The kinds of stages.
public enum StageKind: String, CaseIterable, Sendable { case pretrain, extract, fit, baseline }

/// The clips that a stage reads.
struct ClipSelection {
  let set: String
  let subjects: [String]
  let labels: [String]
  /// The only clips of the subjects that are meant, as `subject/clip`; nil: all of them.
  let only: [String]?
  let digest: Digest
  /// The clips, in the order of the set.
  let clips: [ClipEntry]

  /// The clips of some subjects of a set, or those of them that are listed.
  init(set: String, index: SetIndex, subjects: [String], labels: [String], only: [String]? = nil) {
    self.set = set
    self.subjects = subjects.sorted()
    self.labels = labels
    self.only = only?.sorted()
    let listed = only.map { Set($0) }
    clips = index.clips(of: subjects, labels: labels).filter { listed?.contains($0.path) ?? true }
    digest = JSON.array(clips.map { .string($0.digest.hex) }).digest
  }

  var json: JSON {
    var members: [String: JSON] = [
      "set": .string(set), "subjects": .array(subjects.map { .string($0) }),
      "labels": .array(labels.map { .string($0) }), "digest": .string(digest.hex),
    ]
    if let only { members["only"] = .array(only.map { .string($0) }) }
    return .object(members)
  }

  /// Whose data they are: `set/subject`, or `set/subject/clip` where clips of a subject are left out.
  var provenance: [String] {
    only.map { $0.map { "\(set)/\($0)" } } ?? subjects.map { "\(set)/\($0)" }
  }
}

/// Builds descriptions; `common` keys first, then one function a kind.
struct DescriptionBuilder {
  let numericClass: String
  let side: Int

  private func common(_ kind: StageKind, seed: Int, _ rest: [String: JSON]) -> JSON {
    var members = rest
    members["kind"] = .string(kind.rawValue)
    members["version"] = 1
    members["numeric_class"] = .string(numericClass)
    members["seed"] = .integer(seed)
    return .object(members)
  }

  func graph(_ graph: GraphParameters) -> JSON {
    [
      "side": .integer(side), "nearest": .integer(graph.nearest), "stochastic": .integer(graph.stochastic),
      "threshold_squared": .integer(graph.thresholdSquared), "sigma": .string(graph.sigma.rawValue),
      "lambda_max": .string(graph.largestEigenvalue.rawValue), "seed": .integer(graph.seed),
    ]
  }

  /// A network; the hidden layer of the head is the target network's alone.
  func network(_ network: NetworkParameters, isTarget: Bool = false) -> JSON {
    let layers = network.layers.map { layer -> JSON in
      [
        "order": .integer(layer.order), "filters": .integer(layer.filters),
        "coarsenings": .integer(layer.coarsenings),
      ]
    }
    var members: [String: JSON] = [
      "layers": .array(layers), "dense": network.dense.map { .integer($0) } ?? .null,
      "dropout": .number(network.dropout),
    ]
    if isTarget, let hidden = network.headDense { members["head_dense"] = .integer(hidden) }
    return .object(members)
  }

  func rows(_ rows: RowParameters) -> JSON {
    let frames: JSON =
      rows.temporalFrames.map { ["spatial": .integer(rows.frames), "temporal": .integer($0)] } ?? .integer(rows.frames)
    return [
      "branches": .array(rows.branches.map { .string($0.rawValue) }), "channels": .string(rows.channels.rawValue),
      "frames": frames, "return_row": .bool(rows.returnRow),
      "normalisation": .string(rows.normalisation.rawValue), "mirror": .bool(rows.mirror),
    ]
  }

  /// A training for these labels; nil where they are not known, for reports. What came after version 1 of descriptions
  /// stands only where it changes an answer, so that what never had it keeps its digest.
  func training(_ training: TrainingParameters, labels: [String]?) -> [String: JSON] {
    var stopping: [String: JSON] = [
      "epochs": .integer(training.epochs), "patience": .integer(training.patience),
      "smallest_gain": .number(training.smallestGain),
    ]
    if training.steps > 0 { stopping["steps"] = .integer(training.steps) }
    if let share = training.validation { stopping["validation"] = .number(share) }
    var augmentation: [String: JSON] = [:]
    if training.shift > 0 { augmentation["shift"] = .integer(training.shift) }
    if training.mixup > 0 { augmentation["mixup"] = .number(training.mixup) }
    var members: [String: JSON] = [
      "optimiser": [
        "rate": .number(training.rate), "decay": .number(training.decay),
        "weight_decay": .number(training.weightDecay), "epsilon": .number(training.epsilon),
        "batch": .integer(training.batch),
      ],
      "loss": loss(training.loss, labels: labels), "stopping": .object(stopping),
    ]
    if !augmentation.isEmpty { members["augmentation"] = .object(augmentation) }
    return members
  }

  private func loss(_ loss: LossParameters, labels: [String]?) -> JSON {
    var members: [String: JSON] = [
      "name": .string(loss.name.rawValue), "alpha": .number(loss.alpha), "gamma": .number(loss.gamma),
      "class_weights": .string(loss.classWeights.rawValue),
    ]
    if let alphas = loss.alphas {
      members["alpha"] = labels.flatMap(alphas.values).map { .array($0.map { .number($0) }) } ?? alphas.json
    }
    if loss.labelSmoothing > 0 { members["label_smoothing"] = .number(loss.labelSmoothing) }
    return .object(members)
  }

  /// The head; nil where the trained classifier answers.
  func head(_ head: HeadParameters) -> JSON? {
    head.kind == .trained ? nil : ["kind": .string(head.kind.rawValue), "input": .bool(head.input)]
  }

  func pretrain(
    graph: GraphParameters, network: NetworkParameters, rows: RowParameters, training: TrainingParameters,
    clips: ClipSelection, seed: Int
  ) -> JSON {
    var members = self.training(training, labels: clips.labels)
    members["graph"] = self.graph(graph)
    members["network"] = self.network(network)
    members["rows"] = self.rows(rows)
    members["clips"] = clips.json
    return common(.pretrain, seed: seed, members)
  }

  /// One network of a pretrained file. It draws nothing, so it has no seed of its own.
  func imported(
    file: Digest, part: Int, graph: GraphParameters, network: NetworkParameters, rows: RowParameters
  ) -> JSON {
    common(
      .pretrain, seed: 0,
      [
        "imported": ["file": .string(file.hex), "part": .integer(part)], "graph": self.graph(graph),
        "network": self.network(network), "rows": self.rows(rows),
      ])
  }

  func extract(
    graph: GraphParameters, network: NetworkParameters, rows: RowParameters, clips: ClipSelection, branch: Branch,
    output: String, checkpoint: Digest
  ) -> JSON {
    common(
      .extract, seed: 0,
      [
        "graph": self.graph(graph), "network": self.network(network), "rows": self.rows(rows), "clips": clips.json,
        "branch": .string(branch.rawValue), "output": .string(output), "checkpoint": .string(checkpoint.hex),
      ])
  }

  /// A fit; without `test` nobody is held out and nobody predicted.
  func fit(
    values: Parameters, train: ClipSelection, test: ClipSelection?, checkpoints: [Digest],
    features: [(graph: Int, branch: Branch, stage: Digest)], seed: Int
  ) -> JSON {
    var members = training(values.fit, labels: train.labels)
    members["graphs"] = .array(values.graphs.map(graph))
    members["network"] = network(values.network, isTarget: true)
    members["rows"] = rows(values.rows)
    members["fusion"] = .string(values.fusion.rawValue)
    members["transfer"] = .string(values.transfer.rawValue)
    if let head = head(values.head) { members["head"] = head }
    members["train"] = train.json
    members["test"] = test?.json ?? .null
    members["checkpoints"] = .array(checkpoints.map { .string($0.hex) })
    members["features"] = .array(
      features.map {
        ["graph": .integer($0.graph), "branch": .string($0.branch.rawValue), "stage": .string($0.stage.hex)]
      })
    return common(.fit, seed: seed, members)
  }

  /// The baselines of a fold; `openCV` is the version of OpenCV where a method needs it.
  func baseline(
    methods: [String], ridgeLambda: Double, openCV: String?, train: ClipSelection, test: ClipSelection
  ) -> JSON {
    var members: [String: JSON] = [
      "methods": .array(methods.map { .string($0) }), "ridge_lambda": .number(ridgeLambda), "train": train.json,
      "test": test.json,
    ]
    if let openCV { members["opencv"] = .string(openCV) }
    return common(.baseline, seed: 0, members)
  }
}
