// The parts of a description that say how a network learns: optimiser, loss, stopping.

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

  private enum Name: String, CaseIterable { case crossEntropy = "cross_entropy", focal }

  init(_ value: JSON?, path: String) throws(StageError) {
    let fields = try Fields(value, path: path, keys: ["name", "alpha", "gamma", "class_weights"])
    let alpha = Float(try fields.number("alpha", in: 0...1_000))
    let gamma = Float(try fields.number("gamma", in: 0...100))
    classWeights = try fields.choice("class_weights")
    let name = try fields.choice("name", Name.self)
    guard name == .focal || (alpha == 1 && gamma == 0) else {
      throw .description("\(path): cross entropy has alpha 1 and gamma 0; use the name \"focal\" for others")
    }
    loss = Loss(alpha: alpha, gamma: gamma)
  }
}

/// When training ends.
struct StoppingRecipe: Equatable {
  let epochs: Int
  /// Epochs without a gain after which training ends; 0 never ends early.
  let patience: Int
  let smallestGain: Float

  init(_ value: JSON?, path: String) throws(StageError) {
    let fields = try Fields(value, path: path, keys: ["epochs", "patience", "smallest_gain"])
    epochs = try fields.integer("epochs", in: 1...1_000_000)
    patience = try fields.integer("patience", in: 0...1_000_000)
    smallestGain = Float(try fields.number("smallest_gain", in: 0...1_000))
  }
}

/// The three together, as `pretrain` and `fit` name them.
struct LearningRecipe: Equatable {
  let optimiser: OptimiserRecipe
  let loss: LossRecipe
  let stopping: StoppingRecipe

  /// The keys that these parts take.
  static let keys = ["optimiser", "loss", "stopping"]

  init(_ fields: Fields) throws(StageError) {
    optimiser = try OptimiserRecipe(fields.members["optimiser"], path: fields.place("optimiser"))
    loss = try LossRecipe(fields.members["loss"], path: fields.place("loss"))
    stopping = try StoppingRecipe(fields.members["stopping"], path: fields.place("stopping"))
  }
}
