// Predictions of clips by a checkpoint: the same rows, the same passes and the same mean of log-probabilities as in a
// fit that scores its held-out clips. A row's numbers do not depend on the rows beside it, so a clip has the same bits
// alone and among others.

import Canonical
import ChebNet
import Clips
import Kernels
import SpectralGraph

/// What a network says of a clip.
public struct Prediction: Sendable, Equatable {
  /// Mean log-probability of each label over the clip's rows and their mirrors, as a fit's result has it.
  public let scores: [Float]
  /// The scores as probabilities: their exponentials, divided by their sum.
  public let probabilities: [Float]
  /// The place of the largest score.
  public let predicted: Int

  init(scores: [Float]) {
    self.scores = scores
    var logarithms = scores
    logSoftmax(scores, classes: scores.count, into: &logarithms)
    probabilities = logarithms.map { exponential($0) }
    predicted = Scoring.predicted(scores)
  }
}

/// A checkpoint that was opened and found whole.
public final class Predictor {
  /// The labels that are told apart, in the order of the scores.
  public var labels: [String] { recipe.labels }
  /// Pixels along each side of the images that it takes.
  public var side: Int { recipe.side }
  /// The most frames that were stored of a clip of the set that trained it.
  public var frames: Int { recipe.frames }
  /// Between which frames the flow of that set was computed.
  public var flow: FlowPairs { recipe.flow }
  /// The name and the digest of its study.
  public var study: (name: String, digest: Digest) { (recipe.studyName, recipe.studyDigest) }
  /// "set/subject" of everyone whose data changed it.
  public let subjects: [String]
  /// "set/subject" of who was held out of it; nobody where it was trained on all subjects.
  public let heldOut: [String]
  /// Which part of an average it is; nil where it answers alone.
  public var average: String? { file.metadata[CheckpointParts.averageKey] }

  private let path: String
  private let recipe: PredictionRecipe
  private let file: SafeTensors.File
  private let graphs: [GraphHierarchy]
  private let threads: Int

  /// Opens a checkpoint. The process must have entered its numeric class (`CheckpointHeader`).
  /// - Parameter threads: how many threads share the work; never changes a bit.
  /// - Throws: `PredictionError`: unreadable, truncated, without a recipe, of another class, tensors that do not fit.
  public init(path: String, threads: Int = 1) throws(PredictionError) {
    self.path = path
    self.threads = threads
    do { file = try SafeTensors.read(path: path) } catch { throw PredictionError(error.description) }
    guard let text = file.metadata["recipe"] else { throw PredictionError("\(path) \(CheckpointHeader.noRecipe)") }
    do throws(StageError) {
      guard let json = try? JSON(parsing: text.utf8) else { throw StageError.description("its recipe is not JSON") }
      recipe = try PredictionRecipe(json)
      guard recipe.numericClass == NumericClass.selected.name else {
        throw StageError.description(
          "it is of numeric class \(recipe.numericClass) and this process computes in \(NumericClass.selected.name)")
      }
      subjects = try file.provenance()
      let names = file.metadata[CheckpointParts.heldOutKey].flatMap { try? JSON(parsing: $0.utf8) }?.array ?? []
      heldOut = names.compactMap(\.string)
      graphs = try Self.graphs(file, recipe)
      try Self.checkShapes(file, recipe, graphs)
    } catch {
      throw PredictionError(path, error)
    }
  }

  private static func graphs(
    _ file: SafeTensors.File, _ recipe: PredictionRecipe
  ) throws(StageError) -> [GraphHierarchy] {
    var graphs: [GraphHierarchy] = []
    let descriptions = recipe.json["graphs"]?.array ?? []
    for (place, spec) in recipe.graphs.enumerated() {
      graphs.append(
        try GraphTensors.read(
          file, number: place + 1, description: descriptions[place], spec: spec, structure: recipe.structures[place],
          coarsenings: recipe.network.coarsenings))
    }
    return graphs
  }

  /// The weights have the recipe's shapes, so that no memory is taken that the file does not fill.
  private static func checkShapes(
    _ file: SafeTensors.File, _ recipe: PredictionRecipe, _ graphs: [GraphHierarchy]
  ) throws(StageError) {
    let filters = recipe.network.layers[recipe.network.layers.count - 1].filters
    var width = 0
    for (number, graph) in graphs.enumerated() {
      var inputs = recipe.rows.inputs
      for (place, layer) in recipe.network.layers.enumerated() {
        try file.require("sgcn\(number + 1).conv\(place).weight", [layer.order, inputs, layer.filters])
        inputs = layer.filters
      }
      let flat = graph.levels[recipe.network.coarsenings].nodes * filters
      width += recipe.network.dense ?? flat
      guard let dense = recipe.network.dense else { continue }
      try file.require("sgcn\(number + 1).dense.weight", [flat, dense])
    }
    let parts = recipe.fusion == .features ? recipe.rows.branches.count : 1
    if let hidden = recipe.network.headDense {
      try file.require("head.dense.weight", [parts * width, hidden])
      try file.require("head.dense.bias", [hidden])
    }
    try file.require("head.weight", [recipe.network.headDense ?? parts * width, recipe.labels.count])
    try file.require("head.bias", [recipe.labels.count])
    guard let head = recipe.head else { return }
    let image = head.input ? recipe.rows.inputs * recipe.side * recipe.side : nil
    for one in RidgeHead.shapes(features: parts * width, image: image, labels: recipe.labels.count) {
      try file.require(one.name, one.shape)
    }
  }
}

extension SafeTensors.File {
  /// Checks that a tensor is there with a shape.
  fileprivate func require(_ name: String, _ shape: [Int]) throws(StageError) {
    let found: [Int]
    do { found = try tensor(name).shape } catch { throw .artifact("there is no tensor \(name); write the file again") }
    guard found == shape else { throw .artifact("tensor \(name) has the shape \(found) and the recipe needs \(shape)") }
  }
}

// MARK: - Predicting

extension Predictor {
  /// Predicts clips of a set.
  /// - Parameter clips: places in `set.clips`, ascending.
  /// - Throws: `PredictionError` where the set's images or a clip are not what the network looks at.
  public func predictions(of set: PreparedSet, clips: [Int]) throws(PredictionError) -> [Prediction] {
    do throws(StageError) {
      try check(set, clips)
      let selection = ClipSelection(set: set, clips: clips, labels: recipe.labels)
      let scores = recipe.transfer.readsFeatures ? try featureScores(selection) : try imageScores(selection)
      return scores.map { Prediction(scores: $0) }
    } catch {
      throw PredictionError(path, error)
    }
  }

  /// Whether the clip lies in one of the sets that trained the network, and some data of its subject did.
  public func hasSeen(_ set: PreparedSet, clip: Int) -> Bool {
    recipe.sets.contains { name, digest in
      digest == set.digest && subjects.contains { Self.names($0, "\(name)/\(set.clips[clip].subject)") }
    }
  }

  /// Whether an entry of "subjects" is of a person: alone, with a clip behind, or in sets joined as "one+two".
  private static func names(_ entry: String, _ person: String) -> Bool {
    let parts = entry.split(separator: "/", maxSplits: 1)
    let own = parts.count == 2 && parts[0].contains("+") ? String(parts[1]) : entry
    return own == person || own.hasPrefix(person + "/")
  }

  private func check(_ set: PreparedSet, _ clips: [Int]) throws(StageError) {
    guard set.side == recipe.side else {
      throw .data(
        "its images are \(recipe.side) pixels wide and the clips' are \(set.side); prepare them with "
          + "--side \(recipe.side)")
    }
    let looksAtFlow = recipe.rows.branches.contains(.temporal)
    guard !looksAtFlow || set.hasMagnitude == recipe.hasMagnitude else {
      let (own, other) = ("flow in pixels", "flow that was scaled image by image")
      throw .data(
        "it was trained on \(recipe.hasMagnitude ? own : other) and the clips have "
          + "\(set.hasMagnitude ? own : other); give clips of the layout that trained it")
    }
    guard !looksAtFlow || clips.allSatisfy({ set.clips[$0].frames.count < 3 }) || set.flowPairs == recipe.flow else {
      throw .data(
        "it was trained on flow prepared with --flow \(recipe.flow.rawValue) and the clips have --flow "
          + "\(set.flowPairs.rawValue); prepare them alike")
    }
    for clip in clips.map({ set.clips[$0] }) {
      if looksAtFlow, clip.flows.isEmpty {
        throw .data("it looks at movement and \(clip.name) is a still; give a clip's frames from onset to offset")
      }
      if recipe.rows.branches.contains(.spatial), clip.frames.isEmpty {
        throw .data("it looks at frames and \(clip.name) has flow only; give clips of the layout that trained it")
      }
    }
  }

  private var context: StageContext {
    StageContext(digest: recipe.studyDigest, inputs: StageInputs(sets: [:], threads: threads))
  }

  /// All layers on images, as `scratch` and `finetune` train them.
  private func imageScores(_ selection: ClipSelection) throws(StageError) -> [[Float]] {
    var rows = try ImageRows(selection, recipe: recipe.rows)
    rows.statistics = recipe.statistics
    let model = Model(
      graphs: graphs, network: recipe.network.spec(inputs: recipe.rows.inputs), classes: recipe.labels.count,
      entry: .images, threads: threads)
    try model.load(file, from: "", to: "")
    return try scores(model, rows, selection)
  }

  /// Extraction of every branch, then what the fit trained on its features.
  private func featureScores(_ selection: ClipSelection) throws(StageError) -> [[Float]] {
    var files: [[FeaturesFile]] = []
    for branch in recipe.rows.branches {
      let rows = recipe.rows.only(branch)
      let images = try ImageRows(selection, recipe: rows)
      var ofBranch: [FeaturesFile] = []
      for (place, graph) in graphs.enumerated() {
        let model = context.extractor(graph, recipe.network, inputs: recipe.rows.inputs, classes: recipe.labels.count)
        try model.load(file, from: "sgcn\(place + 1).conv", to: "sgcn1.conv")
        if recipe.transfer == .features { try model.load(file, from: "sgcn\(place + 1).dense", to: "sgcn1.dense") }
        let output: Model.Output = recipe.transfer == .features ? .dense : .convolutions
        let features = try context.features(model, images, output: output, mirror: rows.mirror)
        ofBranch.append(FeaturesFile(features, width: model.width(output), recipe: rows, selection: selection))
      }
      files.append(ofBranch)
    }
    let rows = try FeatureRows(selection, recipe: recipe.rows, fusion: recipe.fusion, files: files)
    let (model, _) = try context.headModel(
      recipe, graphs: graphs, width: rows.width, classes: recipe.labels.count)
    guard rows.width == model.inputWidth else {
      throw .artifact("the features are \(rows.width) wide and the network takes \(model.inputWidth)")
    }
    try model.load(file, from: "", to: "")
    return try scores(model, rows, selection)
  }

  private func scores(
    _ model: Model, _ rows: some RowSource, _ selection: ClipSelection
  ) throws(StageError) -> [[Float]] {
    let copied = CopiedRows(rows, of: model, capacity: Scoring.batch)
    if let head = recipe.head {
      let rows = try context.headRows(recipe, model, (selection, copied), input: head.input)
      return try RidgeHead(file, input: head.input).scores(rows, clips: selection.clips.count)
    }
    return try Scoring(context: context, mirror: recipe.rows.mirror)
      .scores(on: copied, clips: selection.clips.count, classes: recipe.labels.count)
  }
}
