// Pretraining: one SGCN learns the source set's classes. The classifier on top is thrown away when others use it.

import Canonical
import ChebNet
import SpectralGraph

extension StageContext {
  /// Trains one SGCN on the source set.
  func pretrain(_ recipe: PretrainRecipe) throws(StageError) -> StageOutput {
    let selection = try ClipSelection(recipe.clips, in: inputs.sets)
    try checkSide(selection, recipe.graph)
    var rows = try ImageRows(selection, recipe: recipe.rows)
    if recipe.rows.normalisation == .training { rows.statistics = rows.measured() }
    let graph = try hierarchy(recipe.graph, recipe.network)
    let model = Model(
      graphs: [graph], network: recipe.network.spec(inputs: recipe.rows.inputs), classes: recipe.clips.labels.count,
      entry: .images, threads: inputs.threads)
    model.initialise(key: Randomness(digest).initialKey)
    let kept = bases(of: rows, model, recipe.learning)
    let trained = try train(model, kept, selection, recipe.learning, mirror: recipe.rows.mirror)
    let result: JSON = .object([
      "epochs": .integer(trained.epochs), "loss": .float(trained.loss), "accuracy": .number(trained.accuracy),
      "nodes": .array(graph.levels.map { .integer($0.nodes) }),
      "lambda_max": .array(graph.levels.map { .number($0.lambdaMax) }),
    ])
    let artifact = write(
      model.parameters.named + rows.statistics.tensors(recipe.rows.normalisation), provenance: recipe.clips.provenance)
    return StageOutput(result: result.bytes, artifact: artifact)
  }

  /// Rows of images that are made once, for training and for scores.
  func bases(of rows: ImageRows, _ model: Model, _ learning: LearningRecipe) -> KeptBases<ImageRows> {
    KeptBases(
      rows, of: model, mirror: rows.recipe.mirror, capacity: max(learning.optimiser.batch, Scoring.batch),
      limit_bytes: inputs.bases_bytes)
  }

  /// Trains a model and scores the clips that it learned from.
  func train(
    _ model: Model, _ rows: some BatchRows, _ selection: ClipSelection, _ learning: LearningRecipe, mirror: Bool
  ) throws(StageError) -> (epochs: Int, loss: Float, accuracy: Double) {
    let weights = learning.loss.classWeights.weights(clipsOfLabel: selection.clipsOfLabel)
    let trained = try Trainer(context: self, recipe: learning, mirror: mirror)
      .train(model, on: rows, classes: selection.classes, classWeights: weights)
    let scores = try Scoring(context: self, mirror: mirror)
      .scores(on: rows, clips: selection.clips.count, classes: selection.labels.count)
    return (trained.epochs, trained.loss, Scoring.accuracy(scores, classes: selection.classes))
  }
}

extension ChannelStatistics {
  /// The statistics as tensors of a checkpoint, so that whoever uses it can make the same rows; none where rows need
  /// none.
  func tensors(_ normalisation: Normalisation) -> [SafeTensors.Named] {
    guard normalisation == .training else { return [] }
    return [
      SafeTensors.Named(name: "rows.mean", shape: [mean.count], values: mean.map { Float($0) }),
      SafeTensors.Named(name: "rows.deviation", shape: [deviation.count], values: deviation.map { Float($0) }),
    ]
  }

  /// The same as text with all digits, since a rounded statistic gives rows of other bits.
  func metadata(_ normalisation: Normalisation) -> [String: String] {
    normalisation == .training ? ["statistics": json.text] : [:]
  }
}
