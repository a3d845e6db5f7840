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
    let watched = try watched(selection, recipe.learning.stopping)
    if recipe.rows.normalisation == .training { rows.statistics = rows.measured(without: watched) }
    let graph = try hierarchy(recipe.graph, recipe.network)
    let model = Model(
      graphs: [graph], network: recipe.network.spec(inputs: recipe.rows.inputs), classes: recipe.clips.labels.count,
      entry: .images, threads: inputs.threads)
    model.initialise(key: Randomness(digest).initialKey)
    let kept = bases(of: rows, model, recipe.learning)
    let trained = try train(
      model, kept, selection, recipe.learning, mirror: recipe.rows.mirror, provenance: recipe.clips.provenance)
    var result = trained.json
    result["nodes"] = .array(graph.levels.map { .integer($0.nodes) })
    result["lambda_max"] = .array(graph.levels.map { .number($0.lambdaMax) })
    let artifact = write(
      model.parameters.named + rows.statistics.tensors(recipe.rows.normalisation), provenance: recipe.clips.provenance)
    return StageOutput(result: JSON.object(result).bytes, artifact: artifact)
  }

  /// Rows of images that are made once, for training and for scores.
  func bases(of rows: ImageRows, _ model: Model, _ learning: LearningRecipe) -> KeptBases<ImageRows> {
    KeptBases(
      rows, of: model, mirror: rows.recipe.mirror, capacity: max(learning.optimiser.batch, Scoring.batch),
      limit_bytes: inputs.bases_bytes)
  }

  /// Trains a model and scores the clips that it learned from, those that were only looked at among them.
  func train(
    _ model: Model, _ rows: some BatchRows, _ selection: ClipSelection, _ learning: LearningRecipe, mirror: Bool,
    provenance: [String]
  ) throws(StageError) -> TrainedNetwork {
    let watched = try watched(selection, learning.stopping)
    let weights = try learning.loss.weights(clipsOfLabel: selection.clipsOfLabel(without: watched))
    let split =
      watched.isEmpty
      ? RowSplit(rows: rows.clipOfRow.count) : RowSplit(clipOfRow: rows.clipOfRow, watched: watched)
    let trained = try Trainer(context: self, recipe: learning, mirror: mirror, provenance: provenance)
      .train(model, on: rows, classes: selection.classes, classWeights: weights, split: split)
    let scores = try Scoring(context: self, mirror: mirror)
      .scores(on: rows, clips: selection.clips.count, classes: selection.labels.count)
    return TrainedNetwork(trained: trained, accuracy: Scoring.accuracy(scores, classes: selection.classes))
  }
}

/// A training with the rate of clips of its own that the network then recognises.
struct TrainedNetwork {
  let trained: Trained
  let accuracy: Double

  /// What a result says of it; `best_epoch` and `validation_loss` only where subjects were looked at.
  var json: [String: JSON] {
    var members: [String: JSON] = [
      "epochs": .integer(trained.epochs), "loss": .float(trained.loss), "accuracy": .number(accuracy),
    ]
    if let best = trained.best {
      members["best_epoch"] = .integer(best.epoch)
      members["validation_loss"] = .float(best.loss)
    }
    return members
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
