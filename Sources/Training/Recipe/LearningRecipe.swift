// The parts of a description that say how a network learns: optimiser, loss, stopping, augmentation.

import Canonical
import ChebNet

/// The numbers of Adam, and the batch.
struct OptimiserRecipe: Equatable {
  let rate: Double
  let decay: Double
  let weightDecay: Double
  let epsilon: Double
  /// Rows of one step.
  let batch: Int

  init(_ value: JSON?, path: String) throws(StageError) {
    let fields = try Fields(value, path: path, keys: ["rate", "decay", "weight_decay", "epsilon", "batch"])
    rate = try fields.number("rate", in: 0...1_000)
    decay = try fields.number("decay", in: 0...1_000)
    weightDecay = try fields.number("weight_decay", in: 0...1_000)
    epsilon = try fields.number("epsilon", in: 1e-30...1)
    batch = try fields.integer("batch", in: 1...65_536)
  }
}

/// How strongly the rows of a rare class count.
package enum ClassWeights: String, CaseIterable {
  case none
  /// sqrt(n / (C·n_c)): half way to balance.
  case root
  /// n / (C·n_c): all classes count the same.
  case full

  /// The weight of each class. n and n_c count training clips, C is the number of labels. A class without clips has 0.
  package func weights(clipsOfLabel: [Int]) -> [Float] {
    let all = Double(clipsOfLabel.reduce(0, +))
    return clipsOfLabel.map { clips in
      guard clips > 0 else { return 0 }
      let full = all / (Double(clipsOfLabel.count) * Double(clips))
      return switch self {
      case .none: 1
      case .root: Float(full.squareRoot())
      case .full: Float(full)
      }
    }
  }
}

/// Cross entropy or focal loss (Eq. 6) with class weights.
struct LossRecipe: Equatable {
  let loss: Loss
  let classWeights: ClassWeights
  /// α of each class, in the order of the labels; nil where one α, which is the loss's, serves all.
  let alphas: [Float]?

  private enum Name: String, CaseIterable { case crossEntropy = "cross_entropy", focal }

  init(_ value: JSON?, path: String) throws(StageError) {
    let fields = try Fields(
      value, path: path, keys: ["name", "alpha", "gamma", "class_weights"], optional: ["label_smoothing"])
    alphas = try Self.alphas(fields)
    let alpha = alphas == nil ? Float(try fields.number("alpha", in: 0...1_000)) : 1
    let gamma = Float(try fields.number("gamma", in: 0...100))
    classWeights = try fields.choice("class_weights")
    let name = try fields.choice("name", Name.self)
    guard name == .focal || (alpha == 1 && gamma == 0 && alphas == nil) else {
      throw .description("\(path): cross entropy has alpha 1 and gamma 0; use the name \"focal\" for others")
    }
    let smoothing = try fields.optionalNumber("label_smoothing", in: 1e-9...0.5) ?? 0
    loss = Loss(alpha: alpha, gamma: gamma, smoothing: Float(smoothing))
  }

  private static func alphas(_ fields: Fields) throws(StageError) -> [Float]? {
    guard fields.members["alpha"]?.array != nil else { return nil }
    var alphas: [Float] = []
    for element in try fields.elements("alpha", count: 2...1_000) {
      guard let value = element.value.number, (0...1_000).contains(value) else {
        throw .description("\(element.place) must be a number from 0 to 1000")
      }
      alphas.append(Float(value))
    }
    return alphas
  }

  /// The factor on a row's loss by its class: the weight of its class times its α where classes have their own.
  func weights(clipsOfLabel: [Int]) throws(StageError) -> [Float] {
    let weights = classWeights.weights(clipsOfLabel: clipsOfLabel)
    guard let alphas else { return weights }
    guard alphas.count == weights.count else {
      throw .description("stage.loss.alpha has \(alphas.count) values and the stage \(weights.count) labels")
    }
    return zip(weights, alphas).map { $0 * $1 }
  }
}

/// When training ends.
struct StoppingRecipe: Equatable {
  let epochs: Int
  /// At most about so many steps, in whole epochs; 0 for no such limit.
  let steps: Int
  /// Epochs without a gain after which training ends; 0 never ends early.
  let patience: Int
  let smallestGain: Float
  /// The share of the training subjects who are only looked at: the loss of their rows is the signal, and the weights
  /// of the best epoch are kept. Nil: all train, the training loss is the signal and the last weights are kept.
  let validation: Double?

  init(_ value: JSON?, path: String) throws(StageError) {
    let fields = try Fields(
      value, path: path, keys: ["epochs", "patience", "smallest_gain"], optional: ["validation", "steps"])
    validation = try fields.optionalNumber("validation", in: 0.01...0.9)
    steps = try fields.optionalInteger("steps", in: 1...100_000_000) ?? 0
    epochs = try fields.integer("epochs", in: 1...1_000_000)
    patience = try fields.integer("patience", in: 0...1_000_000)
    smallestGain = Float(try fields.number("smallest_gain", in: 0...1_000))
  }

  /// How many epochs of so many steps training takes at most: one at least.
  func epochs(steps_per_epoch: Int) -> Int {
    guard steps > 0 else { return epochs }
    return min(epochs, max(1, (steps + steps_per_epoch / 2) / steps_per_epoch))
  }
}

/// What is done to training rows before they are learned from; never to rows that are scored.
struct AugmentationRecipe: Equatable {
  /// The most pixels by which an image is shifted, right or left, up or down; 0 leaves it.
  var shift = 0
  /// Both parameters of the Beta distribution of a mixture's share (Zhang et al. 2018); nil mixes nothing.
  var mixup: Double?

  init(_ value: JSON?, path: String) throws(StageError) {
    guard let value else { return }
    let fields = try Fields(value, path: path, keys: [], optional: ["shift", "mixup"])
    shift = try fields.optionalInteger("shift", in: 1...64) ?? 0
    mixup = try fields.optionalNumber("mixup", in: 0.01...10)
  }
}

/// All of them together, as `pretrain` and `fit` name them.
struct LearningRecipe: Equatable {
  let optimiser: OptimiserRecipe
  let loss: LossRecipe
  let stopping: StoppingRecipe
  let augmentation: AugmentationRecipe

  /// The keys that these parts take.
  static let keys = ["optimiser", "loss", "stopping"]
  /// The keys that stand only where they change an answer.
  static let optionalKeys = ["augmentation"]

  init(_ fields: Fields) throws(StageError) {
    optimiser = try OptimiserRecipe(fields.members["optimiser"], path: fields.place("optimiser"))
    loss = try LossRecipe(fields.members["loss"], path: fields.place("loss"))
    stopping = try StoppingRecipe(fields.members["stopping"], path: fields.place("stopping"))
    augmentation = try AugmentationRecipe(fields.members["augmentation"], path: fields.place("augmentation"))
  }
}
