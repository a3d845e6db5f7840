// The parameters of one configuration: everything that can change an answer, by section of the study file.

import Canonical

/// How σ of Eq. 1 is read.
public enum SigmaReading: String, CaseIterable, Sendable { case selected, pixel }

/// Which largest eigenvalue rescales a Laplacian (Eq. 3).
public enum LargestEigenvalue: String, CaseIterable, Sendable { case computed, two }

/// One p + q graph (Algorithm 1). The image side comes from the prepared set.
public struct GraphParameters: Sendable, Equatable {
  /// p, the nearest neighbours.
  public var nearest: Int
  /// q, the neighbours drawn at random.
  public var stochastic: Int
  /// T², the squared distance within which candidates lie, in pixels².
  public var thresholdSquared: Int
  /// How σ is read.
  public var sigma: SigmaReading
  /// Which eigenvalue rescales.
  public var largestEigenvalue: LargestEigenvalue
  /// The seed of the draw; source and target share it.
  public var seed: Int
}

/// One convolution layer (Table I: K, d, s).
public struct LayerParameters: Sendable, Equatable {
  /// K, the number of Chebyshev terms.
  public var order: Int
  /// d, the number of filters.
  public var filters: Int
  /// s, the number of coarsenings: the layer pools by 2^s.
  public var coarsenings: Int
}

/// One SGCN (Table I).
public struct NetworkParameters: Sendable, Equatable {
  /// The convolution layers.
  public var layers: [LayerParameters]
  /// The width of the fully connected layer; nil where there is none.
  public var dense: Int?
  /// The width of a hidden layer of the target network's head (d_fc3); nil where the head is linear.
  public var headDense: Int?
  /// The probability with which a feature is dropped before the classifier.
  public var dropout: Double
}

/// What the network looks at.
public enum Branch: String, CaseIterable, Sendable { case spatial, temporal }

/// How a flow image enters the network.
public enum FlowChannels: String, CaseIterable, Sendable { case magnitude, features, rows }

/// How a row is brought to scale.
public enum Normalisation: String, CaseIterable, Sendable { case image, unit, training }

/// How the images of a clip become rows of the network.
public struct RowParameters: Sendable, Equatable {
  /// The branches whose rows are used.
  public var branches: [Branch]
  /// How a flow image enters.
  public var channels: FlowChannels
  /// M_s: at most this many frames of a clip; 0 takes all that are stored, 1 the apex alone.
  public var frames: Int
  /// M_t, where it is another: at most so many frames whose flow is taken.
  public var temporalFrames: Int?
  /// Whether the study names the number itself; then some clip must have as many.
  public var framesAreWritten = false
  /// Whether the return flow (apex → offset, negated) is a row too.
  public var returnRow: Bool
  /// How a row is brought to scale.
  public var normalisation: Normalisation
  /// Whether training rows are mirrored with probability ½ and scores averaged over mirrors.
  public var mirror: Bool
}

/// How Eq. 5 joins the branches.
public enum Fusion: String, CaseIterable, Sendable { case rows, features }

/// What the target network takes from the source network.
public enum Transfer: String, CaseIterable, Sendable { case features, frozen, finetune, scratch }

/// The loss (Eq. 6).
public enum LossName: String, CaseIterable, Sendable {
  case crossEntropy = "cross_entropy"
  case focal
}

/// How classes are weighted in the loss.
public enum ClassWeights: String, CaseIterable, Sendable { case none, root, full }

/// α of each class.
public enum ClassAlphas: Sendable, Equatable {
  /// In the order of the labels.
  case listed([Double])
  /// By the name of the label.
  case named([String: Double])

  /// The values in the order of these labels; nil where they are for other labels.
  func values(for labels: [String]) -> [Double]? {
    switch self {
    case .listed(let values): return values.count == labels.count ? values : nil
    case .named(let values):
      let found = labels.compactMap { values[$0] }
      return found.count == labels.count && values.count == labels.count ? found : nil
    }
  }

  /// The values as the study wrote them.
  var json: JSON {
    switch self {
    case .listed(let values): .array(values.map { .number($0) })
    case .named(let values): .object(values.mapValues { .number($0) })
    }
  }
}

/// The loss with its parameters.
public struct LossParameters: Sendable, Equatable {
  /// Cross entropy or focal.
  public var name: LossName
  /// α of Eq. 6.
  public var alpha: Double
  /// γ of Eq. 6.
  public var gamma: Double
  /// The class weights of the training clips.
  public var classWeights: ClassWeights
  /// α of each class, in place of the one α.
  public var alphas: ClassAlphas?
  /// The share of a row that all classes have in equal parts.
  public var labelSmoothing = 0.0
}

/// One training: optimiser, loss, and when it ends.
public struct TrainingParameters: Sendable, Equatable {
  /// Adam's learning rate.
  public var rate: Double
  /// Time decay: rate / (1 + decay · step).
  public var decay: Double
  /// Decoupled weight decay, of weights only.
  public var weightDecay: Double
  /// Adam's ε.
  public var epsilon: Double
  /// Rows a step.
  public var batch: Int
  /// The loss.
  public var loss: LossParameters
  /// At most this many epochs.
  public var epochs: Int
  /// At most about so many steps, in whole epochs, so that a larger set does not train longer; 0 for no such limit.
  public var steps = 0
  /// Epochs without gain until training stops; 0 never stops early.
  public var patience: Int
  /// What counts as a gain of the signal.
  public var smallestGain: Double
  /// The share of the training subjects whose loss is the signal and who do not train; nil: the training loss is.
  public var validation: Double?
  /// Training images are shifted by at most this many pixels.
  public var shift = 0
  /// Both parameters of the Beta distribution that mixes training rows; 0 mixes nothing.
  public var mixup = 0.0
}

/// What is averaged into one prediction: mean log-probabilities of networks, then of those and a ridge.
public struct AverageParameters: Sendable, Equatable {
  /// How many networks; each has seeds of its own, of the weights and of the graphs' draws. 0 leaves the ridge alone.
  public var networks: Int
  /// Whether the balanced ridge of the same training clips is averaged in, with the weight of all networks together.
  public var ridge: Bool

  /// One network by itself.
  public static let one = AverageParameters(networks: 1, ridge: false)
}

/// What answers for a trained network.
public enum HeadKind: String, CaseIterable, Sendable {
  /// The classifier that was trained with it.
  case trained
  /// A balanced ridge on what that classifier reads, solved after the training.
  case ridge
}

/// What turns a network's features into scores.
public struct HeadParameters: Sendable, Equatable {
  /// What answers.
  public var kind: HeadKind
  /// Whether a ridge reads the standardised image beside the features.
  public var input: Bool
}

/// One point of a study's grid.
public struct Parameters: Sendable, Equatable {
  /// One graph, or two for the dual network (Eq. 4).
  public var graphs: [GraphParameters]
  /// Each SGCN.
  public var network: NetworkParameters
  /// Images to rows.
  public var rows: RowParameters
  /// How branches are joined (Eq. 5).
  public var fusion: Fusion
  /// What is transferred.
  public var transfer: Transfer
  /// The training of the source network.
  public var pretrain: TrainingParameters
  /// The training of the target network.
  public var fit: TrainingParameters
  /// What answers after it.
  public var head = HeadParameters(kind: .trained, input: false)
  /// What is averaged into a prediction.
  public var average = AverageParameters.one

  /// The parameters of one of the averaged networks: the first has the graphs as written, others draw anew.
  func member(_ place: Int) -> Parameters {
    var values = self
    for graph in graphs.indices where graphs[graph].stochastic > 0 {
      values.graphs[graph].seed = seed(graphs[graph].seed, member: place)
    }
    return values
  }

  /// A seed of one of the averaged networks: far from those that a person writes.
  func seed(_ seed: Int, member: Int) -> Int { seed + member * 1_000_003 }

  /// The number of input features of a node.
  public var inputs: Int {
    rows.branches == [.temporal] && rows.channels == .features ? 3 : 1
  }
}
