// A fit: one fold trains its network and predicts its held-out clips; without held-out clips it trains on everybody.
//
// The four transfers differ only in what the model's rows are (images, pooled convolutions, dense outputs) and in
// which tensors start from the source network. The rows of both branches train together (Eq. 5).

import Canonical
import ChebNet
import Clips
import SpectralGraph

extension StageContext {
  /// Trains one fold and predicts its held-out clips.
  func fit(_ recipe: FitRecipe) throws(StageError) -> StageOutput {
    let train = try ClipSelection(recipe.train, in: inputs.sets)
    let test = try recipe.test.map { clips throws(StageError) in try ClipSelection(clips, in: inputs.sets) }
    if recipe.transfer.readsFeatures { return try fitFeatures(recipe, train, test) }
    return try fitImages(recipe, train, test)
  }

  private func fitImages(
    _ recipe: FitRecipe, _ train: ClipSelection, _ test: ClipSelection?
  ) throws(StageError) -> StageOutput {
    try checkSide(train, recipe.graphs[0])
    var rows = try ImageRows(train, recipe: recipe.rows)
    if recipe.rows.normalisation == .training {
      rows.statistics = rows.measured(without: try watched(train, recipe.learning.stopping))
    }
    var heldOut = try test.map { clips throws(StageError) in (clips, try ImageRows(clips, recipe: recipe.rows)) }
    heldOut?.1.statistics = rows.statistics
    let model = Model(
      graphs: try hierarchies(recipe), network: recipe.network.spec(inputs: recipe.rows.inputs),
      classes: train.labels.count, entry: .images, threads: inputs.threads)
    model.initialise(key: Randomness(digest).initialKey)
    var provenance = [recipe.train.provenance]
    for (number, stage) in recipe.checkpoints.enumerated() {
      let checkpoint = try artifact(of: stage)
      try model.load(checkpoint, from: "sgcn1.", to: "sgcn\(number + 1).")
      provenance.append(try checkpoint.provenance())
    }
    let kept = bases(of: rows, model, recipe.learning)
    return try finish(recipe, model, (train, kept), heldOut, provenance, rows.statistics)
  }

  private func fitFeatures(
    _ recipe: FitRecipe, _ train: ClipSelection, _ test: ClipSelection?
  ) throws(StageError) -> StageOutput {
    let files = try featuresFiles(recipe, train)
    let rows = try FeatureRows(train, recipe: recipe.rows, fusion: recipe.fusion, files: files)
    let heldOut = try test.map { clips throws(StageError) in
      (clips, try FeatureRows(clips, recipe: recipe.rows, fusion: recipe.fusion, files: files))
    }
    let (model, copies) = try headModel(
      recipe, graphs: try hierarchies(recipe), width: rows.width, classes: train.labels.count)
    guard rows.width == model.inputWidth, heldOut?.1.width ?? rows.width == model.inputWidth else {
      throw .artifact("the extracted features are \(rows.width) wide and the network takes \(model.inputWidth)")
    }
    model.initialise(key: Randomness(digest).initialKey)
    var provenance = [recipe.train.provenance] + files.joined().map(\.provenance)
    for (number, stage) in recipe.checkpoints.enumerated() {
      let checkpoint = try artifact(of: stage)
      for copy in 0..<copies {
        try model.load(checkpoint, from: "sgcn1.", to: "sgcn\(copy * recipe.graphs.count + number + 1).")
      }
      provenance.append(try checkpoint.provenance())
    }
    let copied = CopiedRows(rows, of: model, capacity: max(recipe.learning.optimiser.batch, Scoring.batch))
    return try finish(recipe, model, (train, copied), heldOut, provenance, ChannelStatistics())
  }

  /// What a fit of extracted features trains, and how many copies of the SGCNs' dense layers are in it.
  ///
  /// `features`: the classifier alone, on rows of any width. `frozen`: the dense layers of each SGCN and the
  /// classifier; with branches side by side each branch has dense layers of its own.
  func headModel(
    _ recipe: some FittedNetwork, graphs: [GraphHierarchy], width: Int, classes: Int
  ) throws(StageError) -> (model: Model, copies: Int) {
    let network = recipe.network.spec(inputs: recipe.rows.inputs)
    if recipe.transfer == .features {
      let head = NetworkSpec(
        layers: network.layers, dense: width, headDense: network.headDense, dropout: network.dropout,
        inputs: network.inputs)
      let model = Model(graphs: [graphs[0]], network: head, classes: classes, entry: .dense, threads: inputs.threads)
      return (model, 0)
    }
    let copies = recipe.fusion == .features ? recipe.rows.branches.count : 1
    guard copies * graphs.count <= 2 else {
      throw .description(
        "transfer \"frozen\" with fusion \"features\" would train \(copies * graphs.count) dense layers; "
          + "2 are allowed; use fusion \"rows\", one graph, or one branch")
    }
    let all = (0..<copies).flatMap { _ in graphs }
    let model = Model(graphs: all, network: network, classes: classes, entry: .convolutions, threads: inputs.threads)
    return (model, copies)
  }

  private func hierarchies(_ recipe: FitRecipe) throws(StageError) -> [GraphHierarchy] {
    var graphs: [GraphHierarchy] = []
    for graph in recipe.graphs { graphs.append(try hierarchy(graph, recipe.network)) }
    return graphs
  }

  /// The features of each graph, for each branch.
  private func featuresFiles(_ recipe: FitRecipe, _ selection: ClipSelection) throws(StageError) -> [[FeaturesFile]] {
    let clips = selection.set.clips.enumerated().map { ($0.element.digest, $0.offset) }
    let clipsByDigest = Dictionary(clips) { first, _ in first }
    var files: [[FeaturesFile]] = []
    for branch in recipe.rows.branches {
      var ofBranch: [FeaturesFile] = []
      for graph in recipe.graphs.indices {
        for source in recipe.sources where source.graph == graph && source.branch == branch {
          ofBranch.append(
            try FeaturesFile(
              stage: source.stage, context: self, clipsByDigest: clipsByDigest, recipe: recipe.rows.only(branch),
              selection: selection))
        }
      }
      files.append(ofBranch)
    }
    return files
  }

  private func finish<Rows: RowSource>(
    _ recipe: FitRecipe, _ model: Model, _ train: (clips: ClipSelection, rows: some BatchRows),
    _ test: (clips: ClipSelection, rows: Rows)?, _ provenance: [[String]], _ statistics: ChannelStatistics
  ) throws(StageError) -> StageOutput {
    let mirror = recipe.rows.mirror
    let trained = try self.train(
      model, train.rows, train.clips, recipe.learning, mirror: mirror, provenance: mergedProvenance(provenance))
    let solved = try recipe.head.map { head throws(StageError) in
      try self.head(recipe, model, train, input: head.input)
    }
    var predictions = JSON.array([])
    if let test {
      let rows = CopiedRows(test.rows, of: model, capacity: Scoring.batch)
      let scores: [[Float]]
      if let head = solved?.head {
        let rows = try headRows(recipe, model, (test.clips, rows), input: recipe.head?.input ?? false)
        scores = head.scores(rows, clips: test.clips.clips.count)
      } else {
        scores = try Scoring(context: self, mirror: mirror)
          .scores(on: rows, clips: test.clips.clips.count, classes: test.clips.labels.count)
      }
      predictions = test.clips.predictions(scores)
    }
    var result = trained.json
    result["predictions"] = predictions
    if let solved { result["accuracy"] = .number(solved.accuracy) }
    if let choice = solved?.head.choice { result["head"] = choice.json }
    let normalisation = recipe.rows.normalisation
    let tensors = model.parameters.named + (solved?.head.tensors ?? []) + statistics.tensors(normalisation)
    let artifact = write(
      tensors, provenance: mergedProvenance(provenance),
      more: statistics.metadata(normalisation))
    return StageOutput(result: JSON.object(result).bytes, artifact: artifact)
  }
}
