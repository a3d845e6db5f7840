// The description of a fit: what one fold trains, from what, and whom it predicts.

import Canonical
import SpectralGraph

/// How branches meet.
enum Fusion: String, CaseIterable {
  /// Eq. 5: every row of every branch is a row of the dense head.
  case rows
  /// The mean row of each branch, side by side: one vector a clip.
  case features
}

/// What of the source network a fold keeps.
enum Transfer: String, CaseIterable {
  /// Outputs of the trained dense layer feed a new classifier; nothing of the source network is trained.
  case features
  /// Convolutions stay, dense layers train on with the classifier.
  case frozen
  /// All parameters start from the source network and train.
  case finetune
  /// No source network.
  case scratch

  /// Does the fit read extracted features instead of images?
  var readsFeatures: Bool { self == .features || self == .frozen }
}

/// What a fitted network is, beside its numbers.
protocol FittedNetwork {
  var network: NetworkRecipe { get }
  var rows: RowsRecipe { get }
  var fusion: Fusion { get }
  var transfer: Transfer { get }
}

/// One fold, or everybody.
struct FitRecipe: FittedNetwork {
  /// A features file and what it holds.
  struct Source: Equatable {
    let graph: Int
    let branch: Branch
    let stage: Digest
  }

  let graphs: [GraphSpec]
  let network: NetworkRecipe
  let rows: RowsRecipe
  let fusion: Fusion
  let transfer: Transfer
  let learning: LearningRecipe
  let train: ClipsRecipe
  /// The held-out clips; nil where nobody is held out.
  let test: ClipsRecipe?
  /// One pretraining per graph; empty for `scratch` and `features`.
  let checkpoints: [Digest]
  /// One extraction per graph and branch; empty for `finetune` and `scratch`.
  let sources: [Source]
  /// What answers instead of the trained classifier; nil: the classifier.
  let head: HeadRecipe?

  init(_ description: JSON, common: [String]) throws(StageError) {
    let keys = ["graphs", "network", "rows", "fusion", "transfer", "train", "test", "checkpoints", "features"]
    let fields = try Fields(
      description, path: "stage", keys: common + keys + LearningRecipe.keys,
      optional: LearningRecipe.optionalKeys + ["head"])
    graphs = try Self.graphs(fields)
    network = try NetworkRecipe(fields.members["network"], path: fields.place("network"))
    rows = try RowsRecipe(fields.members["rows"], path: fields.place("rows"))
    fusion = try fields.choice("fusion")
    transfer = try fields.choice("transfer")
    learning = try LearningRecipe(fields)
    train = try ClipsRecipe(fields.members["train"], path: fields.place("train"))
    let heldOut = fields.members["test"]
    test = heldOut == .null ? nil : try ClipsRecipe(heldOut, path: fields.place("test"))
    checkpoints = try Self.checkpoints(fields)
    sources = try Self.sources(fields)
    head = try fields.members["head"].map { value throws(StageError) in
      try HeadRecipe(value, path: fields.place("head"))
    }
    if let test { try Self.checkSplit(train: train, test: test) }
    try checkParents()
    guard learning.augmentation.shift == 0 || !transfer.readsFeatures else {
      throw .description("stage.augmentation.shift moves images, and transfer \(transfer.rawValue) reads features")
    }
  }

  static func graphs(_ fields: Fields) throws(StageError) -> [GraphSpec] {
    var graphs: [GraphSpec] = []
    for element in try fields.elements("graphs", count: 1...2) {
      graphs.append(try GraphSpec(element.value, path: element.place))
    }
    guard Set(graphs.map(\.side)).count == 1 else { throw .description("stage.graphs have different sides") }
    return graphs
  }

  private static func checkpoints(_ fields: Fields) throws(StageError) -> [Digest] {
    var digests: [Digest] = []
    for element in try fields.elements("checkpoints", count: 0...2) {
      digests.append(try Fields.digest(element.value, place: element.place))
    }
    return digests
  }

  private static func sources(_ fields: Fields) throws(StageError) -> [Source] {
    var sources: [Source] = []
    for element in try fields.elements("features", count: 0...4) {
      let source = try Fields(element.value, path: element.place, keys: ["graph", "branch", "stage"])
      sources.append(
        Source(
          graph: try source.integer("graph", in: 0...1), branch: try source.choice("branch"),
          stage: try source.digest("stage")))
    }
    return sources
  }

  /// The held-out clips are of the same set and classes, and of other subjects, or of none of the listed clips.
  static func checkSplit(train: ClipsRecipe, test: ClipsRecipe) throws(StageError) {
    guard train.set == test.set, train.labels == test.labels else {
      throw .description("stage.train and stage.test must name the same set and the same labels")
    }
    if let one = train.only, let other = test.only {
      guard let both = one.intersection(other).min() else { return }
      throw .description("clip \(both) is in stage.train and in stage.test: a leak")
    }
    if let both = test.subjects.first(where: train.subjects.contains) {
      throw .description("subject \(both) is in stage.train and in stage.test: a leak")
    }
  }

  /// The parents are those that the transfer needs, no more.
  private func checkParents() throws(StageError) {
    let wantsCheckpoints = transfer == .frozen || transfer == .finetune
    guard checkpoints.count == (wantsCheckpoints ? graphs.count : 0) else {
      throw .description("stage.checkpoints must have one digest per graph for frozen and finetune, none for others")
    }
    guard transfer.readsFeatures else {
      guard sources.isEmpty else { throw .description("stage.features must be empty for finetune and scratch") }
      guard fusion == .rows else {
        throw .description(
          "stage.fusion \"features\" joins extracted features of branches; "
            + "with transfer \(transfer.rawValue) use \"rows\", or use transfer features or frozen")
      }
      return
    }
    for graph in graphs.indices {
      for branch in rows.branches {
        let count = sources.count { $0.graph == graph && $0.branch == branch }
        guard count == 1 else {
          throw .description("stage.features has \(count) entries for graph \(graph), \(branch.rawValue); 1 is needed")
        }
      }
    }
    guard sources.count == graphs.count * rows.branches.count else {
      throw .description("stage.features names a graph or a branch that the stage does not have")
    }
  }
}
