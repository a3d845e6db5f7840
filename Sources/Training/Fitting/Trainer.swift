// The one training loop: epochs of seeded batches until the signal no longer falls.
//
// The early-stopping signal is the training loss, or the loss of training subjects who are only looked at; never a
// held-out clip (design section 4).

import Canonical
import ChebNet
import Kernels

/// What training came to.
struct Trained {
  let epochs: Int
  /// Mean loss of the last epoch.
  let loss: Float
  /// Where subjects were looked at, the epoch whose weights were kept, counted from 1, and the loss of their rows then;
  /// else nil: the weights are the last epoch's.
  let best: (epoch: Int, loss: Float)?
}

/// Ends training when the signal has not fallen by the smallest gain for some epochs.
struct Stopping {
  private let recipe: StoppingRecipe
  /// The lowest signal so far.
  private(set) var lowest = Float.infinity
  /// Epochs since then.
  private(set) var waited = 0

  init(_ recipe: StoppingRecipe) { self.recipe = recipe }

  /// Goes on where another one stood.
  mutating func restore(lowest: Float, waited: Int) { (self.lowest, self.waited) = (lowest, waited) }

  /// Takes the signal of an epoch; true where it should be the last one.
  mutating func isLast(loss: Float) -> Bool {
    if loss < lowest - recipe.smallestGain {
      lowest = loss
      waited = 0
    } else {
      waited += 1
    }
    return recipe.patience > 0 && waited >= recipe.patience
  }
}

/// Trains a model on rows.
struct Trainer {
  let context: StageContext
  let recipe: LearningRecipe
  let mirror: Bool
  /// `set/subject` of everyone whose data the trained weights will have seen.
  let provenance: [String]

  /// Trains every parameter of the model.
  ///
  /// - Parameters:
  ///   - classes: the class of each clip of the selection that the rows belong to.
  ///   - classWeights: the loss weight of each class; the mean over a batch is not divided by them.
  ///   - split: which of the rows train and which are only looked at.
  func train(
    _ model: Model, on rows: some BatchRows, classes: [Int32], classWeights: [Float], split: RowSplit
  ) throws(StageError) -> Trained {
    let optimiser = recipe.optimiser
    let steps_per_epoch = (split.learning.count + optimiser.batch - 1) / optimiser.batch
    let epochs = recipe.stopping.epochs(steps_per_epoch: steps_per_epoch)
    var batch = Batch(rows: rows, classes: classes, weights: classWeights, split: split)
    var state = EpochCheckpoint(
      stopping: Stopping(recipe.stopping), best: split.watching.isEmpty ? nil : BestWeights(model.parameters),
      adam: Adam(
        rate: optimiser.rate, decay: optimiser.decay, epsilon: optimiser.epsilon, weightDecay: optimiser.weightDecay))
    if let file = context.givenCheckpoint {
      _ = state.restore(
        file, of: context.digest, epochs: epochs, steps_per_epoch: steps_per_epoch, into: model.parameters)
    }
    let randomness = Randomness(context.digest)
    let dropoutKey = randomness.dropoutKey
    while true {
      let epoch = state.epoch
      let plan = EpochPlan(randomness, epoch: epoch, rows: split.learning.count, mirror: mirror, recipe.augmentation)
      var total = 0.0
      for start in stride(from: 0, to: plan.order.count, by: optimiser.batch) {
        try context.checkCancelled()
        batch.fill(plan.order[start..<min(start + optimiser.batch, plan.order.count)], plan)
        if let alpha = recipe.augmentation.mixup {
          batch.mix(randomness.mixture(step: state.step, rows: batch.labels.count, alpha: alpha))
        }
        let loss = rows.gradient(
          labels: batch.labels, weights: batch.lossWeights, second: batch.second, loss: recipe.loss.loss,
          dropout: .drawn(key: dropoutKey, step: state.step))
        guard loss.isFinite else { throw notFinite(epoch: epoch, loss: loss) }
        total += Double(loss) * Double(batch.labels.count)
        state.adam.step(model.parameters, model.gradients, threads: model.threads)
        state.step += 1
      }
      state.epoch += 1
      let loss = Float(total / Double(plan.order.count))
      let progress = StageProgress(epoch: state.epoch, epochs: epochs, loss: loss)
      context.progress(progress)
      let signal =
        try state.best == nil ? loss : watchedLoss(rows, &batch, model.classes, split.watching, state.epoch)
      state.best?.take(model.parameters, epoch: state.epoch, loss: signal)
      if state.stopping.isLast(loss: signal) || state.epoch == epochs {
        state.best?.restore(model.parameters)
        return Trained(epochs: state.epoch, loss: loss, best: state.best.map { ($0.epoch, $0.loss) })
      }
      context.keep(progress) {
        state.bytes(of: context.digest, model.parameters, provenance: provenance)
      }
    }
  }

  /// The mean loss of rows that do not train: as they are, nothing dropped.
  private func watchedLoss(
    _ rows: some BatchRows, _ batch: inout Batch<some BatchRows>, _ classes: Int, _ watching: [Int], _ epoch: Int
  ) throws(StageError) -> Float {
    var sum = 0.0
    var logits = [Float](repeating: 0, count: Scoring.batch * classes)
    var derivative = [Float](repeating: 0, count: classes)
    for start in stride(from: 0, to: watching.count, by: Scoring.batch) {
      batch.fill(watching[start..<min(start + Scoring.batch, watching.count)])
      rows.logits(count: batch.labels.count, into: &logits)
      for (place, label) in batch.labels.enumerated() {
        let loss = recipe.loss.loss.row(
          Array(logits[place * classes..<(place + 1) * classes]), classes: classes, label: Int(label), scale: 1,
          derivative: &derivative)
        sum += Double(batch.lossWeights[place] * loss)
      }
    }
    let loss = Float(sum / Double(watching.count))
    guard loss.isFinite else { throw notFinite(epoch: epoch - 1, loss: loss) }
    return loss
  }

  private func notFinite(epoch: Int, loss: Float) -> StageError {
    .numeric("the loss became \(loss) in epoch \(epoch + 1); try a smaller optimiser.rate")
  }
}
