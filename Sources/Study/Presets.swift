// The two recipes that a study may start from; every key of the study overrides its preset.

/// A named set of defaults.
public enum Preset: String, CaseIterable, Sendable {
  /// The network and training of the paper (Table I, section IV-B).
  case table1 = "table-1"
  /// A small network for small flow images: about 12,000 parameters on 28 × 28.
  case compact
}

extension Parameters {
  /// The parameters of a preset.
  init(preset: Preset) {
    switch preset {
    case .table1: self = .table1
    case .compact: self = .compact
    }
  }

  private static func graph(_ nearest: Int, _ stochastic: Int, seed: Int = 1) -> GraphParameters {
    GraphParameters(
      nearest: nearest, stochastic: stochastic, thresholdSquared: 20, sigma: .selected,
      largestEigenvalue: .computed, seed: seed)
  }

  private static func layers(_ table: [(order: Int, filters: Int, coarsenings: Int)]) -> [LayerParameters] {
    table.map { LayerParameters(order: $0.order, filters: $0.filters, coarsenings: $0.coarsenings) }
  }

  private static let crossEntropy = LossParameters(name: .crossEntropy, alpha: 1, gamma: 0, classWeights: .none)

  private static var table1: Parameters {
    let training = TrainingParameters(
      rate: 1e-5, decay: 1e-6, weightDecay: 0, epsilon: 1e-7, batch: 32, loss: crossEntropy,
      epochs: 100, patience: 10, smallestGain: 1e-4)
    return Parameters(
      graphs: [graph(8, 2), graph(4, 0, seed: 2)],
      network: NetworkParameters(
        layers: layers([(9, 32, 2), (9, 32, 2), (6, 64, 1), (6, 64, 1), (4, 128, 1), (4, 128, 1)]),
        dense: 512, dropout: 0.5),
      rows: RowParameters(
        branches: [.spatial, .temporal], channels: .magnitude, frames: 10, returnRow: false,
        normalisation: .image, mirror: false),
      fusion: .rows, transfer: .features, pretrain: training, fit: training)
  }

  private static var compact: Parameters {
    let loss = LossParameters(name: .crossEntropy, alpha: 1, gamma: 0, classWeights: .root)
    let training = TrainingParameters(
      rate: 3e-4, decay: 0, weightDecay: 3, epsilon: 1e-7, batch: 32, loss: loss,
      epochs: 30, patience: 0, smallestGain: 1e-4)
    return Parameters(
      graphs: [graph(8, 2)],
      network: NetworkParameters(layers: layers([(5, 16, 2), (3, 32, 1)]), dense: nil, dropout: 0.5),
      rows: RowParameters(
        branches: [.temporal], channels: .features, frames: 10, returnRow: true,
        normalisation: .image, mirror: true),
      fusion: .rows, transfer: .scratch, pretrain: training, fit: training)
  }
}
