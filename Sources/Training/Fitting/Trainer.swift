// The one training loop: epochs of seeded batches until the loss no longer falls.
//
// The early-stopping signal is the training loss, never a held-out clip (design section 4).

import Canonical
import ChebNet
import Kernels

/// What training came to.
struct Trained: Equatable {
  let epochs: Int
  /// Mean loss of the last epoch.
  let loss: Float
}

/// Ends training when the loss has not fallen by the smallest gain for some epochs.
struct Stopping {
  private let recipe: StoppingRecipe
  private var best = Float.infinity
  private var waited = 0

  init(_ recipe: StoppingRecipe) { self.recipe = recipe }

  /// Takes the loss of an epoch; true where it should be the last one.
  mutating func isLast(loss: Float) -> Bool {
    if loss < best - recipe.smallestGain {
      best = loss
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

  /// Trains every parameter of the model.
  ///
  /// - Parameters:
  ///   - classes: the class of each clip of the selection that the rows belong to.
  ///   - classWeights: the loss weight of each class; the mean over a batch is not divided by them.
  func train(
    _ model: Model, on rows: some BatchRows, classes: [Int32], classWeights: [Float]
  ) throws(StageError) -> Trained {
    let randomness = Randomness(context.digest)
    let count = rows.clipOfRow.count
    let optimiser = recipe.optimiser
    let dropoutKey = randomness.dropoutKey
    var batch = Batch(rows: rows, classes: classes, weights: classWeights)
    var adam = Adam(
      rate: optimiser.rate, decay: optimiser.decay, epsilon: optimiser.epsilon, weightDecay: optimiser.weightDecay)
    var stopping = Stopping(recipe.stopping)
    var (step, epoch) = (0, 0)
    while true {
      let order = randomness.order(epoch: epoch, rows: count)
      let mirrored = mirror ? randomness.mirrored(epoch: epoch, rows: count) : nil
      var total = 0.0
      for start in stride(from: 0, to: count, by: optimiser.batch) {
        try context.checkCancelled()
        batch.fill(order[start..<min(start + optimiser.batch, count)], mirrored: mirrored)
        let loss = rows.gradient(
          labels: batch.labels, weights: batch.lossWeights, loss: recipe.loss.loss,
          dropout: .drawn(key: dropoutKey, step: step))
        guard loss.isFinite else { throw notFinite(epoch: epoch, loss: loss) }
        total += Double(loss) * Double(batch.labels.count)
        adam.step(model.parameters, model.gradients, threads: model.threads)
        step += 1
      }
      epoch += 1
      let loss = Float(total / Double(count))
      context.progress(StageProgress(epoch: epoch, epochs: recipe.stopping.epochs, loss: loss))
      if stopping.isLast(loss: loss) || epoch == recipe.stopping.epochs { return Trained(epochs: epoch, loss: loss) }
    }
  }

  private func notFinite(epoch: Int, loss: Float) -> StageError {
    .numeric("the loss became \(loss) in epoch \(epoch + 1); try a smaller optimiser.rate")
  }
}

/// What a step knows of its rows beside them.
private struct Batch<Rows: BatchRows> {
  private(set) var labels: [Int32] = []
  private(set) var lossWeights: [Float] = []
  private let rows: Rows
  private let clipOfRow: [Int]
  private let classes: [Int32]
  private let weights: [Float]

  init(rows: Rows, classes: [Int32], weights: [Float]) {
    self.rows = rows
    clipOfRow = rows.clipOfRow
    self.classes = classes
    self.weights = weights
  }

  /// Takes these rows, each mirrored where `mirrored` says so for its number.
  mutating func fill(_ numbers: some Sequence<Int32>, mirrored: [Bool]?) {
    labels.removeAll(keepingCapacity: true)
    lossWeights.removeAll(keepingCapacity: true)
    for number in numbers {
      let row = Int(number)
      rows.put(row: row, mirrored: mirrored?[row] ?? false, at: labels.count)
      let label = classes[clipOfRow[row]]
      labels.append(label)
      lossWeights.append(weights[Int(label)])
    }
  }
}
