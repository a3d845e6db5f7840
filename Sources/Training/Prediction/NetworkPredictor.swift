// One network of a checkpoint: the same rows, the same passes and the same mean of log-probabilities as in a fit that
// scores its held-out clips. A row's numbers do not depend on the rows beside it, so a clip has the same bits alone and
// among others.

import Canonical
import ChebNet
import Clips
import Kernels
import SpectralGraph

/// A network that was found whole.
struct NetworkPredictor {
  let recipe: PredictionRecipe
  private let file: SafeTensors.File
  private let graphs: [GraphHierarchy]
  private let threads: Int

  /// A network.
  /// - Parameter file: its tensors, named as in a checkpoint of its own.
  /// - Throws: `StageError` where they do not fit the recipe.
  init(_ recipe: PredictionRecipe, file: SafeTensors.File, threads: Int) throws(StageError) {
    self.recipe = recipe
    self.file = file
    self.threads = threads
    graphs = try Self.graphs(file, recipe)
    try Self.checkShapes(file, recipe, graphs)
  }

  /// Mean log-probabilities of clips.
  func scores(_ set: PreparedSet, clips: [Int]) throws(StageError) -> [[Float]] {
    let selection = ClipSelection(set: set, clips: clips, labels: recipe.facts.labels)
    return recipe.transfer.readsFeatures ? try featureScores(selection) : try imageScores(selection)
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
    try file.require("head.weight", [recipe.network.headDense ?? parts * width, recipe.facts.labels.count])
    try file.require("head.bias", [recipe.facts.labels.count])
    guard let head = recipe.head else { return }
    let image = head.input ? recipe.rows.inputs * recipe.facts.side * recipe.facts.side : nil
    for one in RidgeHead.shapes(features: parts * width, image: image, labels: recipe.facts.labels.count) {
      try file.require(one.name, one.shape)
    }
  }
}

extension SafeTensors.File {
  /// Checks that a tensor is there with a shape.
  func require(_ name: String, _ shape: [Int]) throws(StageError) {
    let found: [Int]
    do { found = try tensor(name).shape } catch { throw .artifact("there is no tensor \(name); write the file again") }
    guard found == shape else { throw .artifact("tensor \(name) has the shape \(found) and the recipe needs \(shape)") }
  }
}

// MARK: - Predicting

extension NetworkPredictor {
  private var context: StageContext {
    StageContext(digest: recipe.facts.studyDigest, inputs: StageInputs(sets: [:], threads: threads))
  }

  /// All layers on images, as `scratch` and `finetune` train them.
  private func imageScores(_ selection: ClipSelection) throws(StageError) -> [[Float]] {
    var rows = try ImageRows(selection, recipe: recipe.rows)
    rows.statistics = recipe.statistics
    let model = Model(
      graphs: graphs, network: recipe.network.spec(inputs: recipe.rows.inputs), classes: recipe.facts.labels.count,
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
        let model = context.extractor(
          graph, recipe.network, inputs: recipe.rows.inputs, classes: recipe.facts.labels.count)
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
      recipe, graphs: graphs, width: rows.width, classes: recipe.facts.labels.count)
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
      .scores(on: copied, clips: selection.clips.count, classes: recipe.facts.labels.count)
  }
}
