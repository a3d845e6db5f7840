// A small network on real graphs, with its Double reference and one batch: what the tests of whole models share.

import ChebNet
import Kernels
import SpectralGraph
import TestSupport

struct SmallCase {
  let graphs: [GraphHierarchy]
  let network: NetworkSpec
  let classes = 5
  let count = 7
  let rows: [Float]
  var labels: [Int32]
  var weights: [Float]
  let mask: [Float]
  let loss: Loss

  /// Side 11, 3 channels, K 5 and 2, 7 and 13 filters, dense 17, 5 classes, 7 rows: a prime on every axis.
  init(graphs count: Int, dense: Int?, headDense: Int? = nil, gamma: Float = 0.3) {
    let layers = [
      LayerSpec(order: 5, filters: 7, coarsenings: 2), LayerSpec(order: 2, filters: 13, coarsenings: 1),
    ]
    network = NetworkSpec(layers: layers, dense: dense, headDense: headDense, dropout: 0.25, inputs: 3)
    graphs = (0..<count).map { place in
      let spec = GraphSpec(
        side: 11, nearest: place == 0 ? 8 : 4, stochastic: 2, thresholdSquared: 20, seed: UInt64(place + 1))
      return GraphHierarchy(spec: spec, levels: 3)
    }
    rows = GradientCheck.numbers(self.count * 3 * 121, seed: 11).map(Float.init)
    labels = [0, 3, 1, 4, 2, 3, 0]
    weights = [1, 0.5, 2, 0.25, 1.5, 1, 0.75]
    loss = Loss(alpha: 1.5, gamma: gamma)
    let width = graphs.reduce(0) { $0 + (dense ?? $1.levels[3].nodes * 13) }
    mask = GradientCheck.numbers(self.count * width, seed: 12).map { $0 > -0.5 ? 1 : 0 }
  }

  func model(entry: Model.Entry = .images, threads: Int = 1) -> Model {
    let model = Model(graphs: graphs, network: network, classes: classes, entry: entry, threads: threads)
    model.initialise(key: 42)
    for tensor in model.parameters.tensors where !tensor.isWeight {
      for (place, value) in GradientCheck.numbers(tensor.count, seed: tensor.offset).enumerated() {
        model.parameters[tensor.name][place] = Float(value) * 0.1
      }
    }
    return model
  }

  var reference: ReferenceNetwork {
    let layers = graphs.map { graph in
      var (level, inputs) = (0, network.inputs)
      return network.layers.map { layer in
        defer { (level, inputs) = (level + layer.coarsenings, layer.filters) }
        return ReferenceLayer(
          laplacian: Self.dense(graph.levels[level].laplacian), nodes: graph.levels[level].nodes, order: layer.order,
          inputs: inputs, filters: layer.filters,
          children: graph.children(from: level, steps: layer.coarsenings).map(Int.init))
      }
    }
    return ReferenceNetwork(
      layers: layers, pixels: graphs.map { $0.inputOrder.map(Int.init) }, hasDense: network.dense != nil,
      classes: classes, alpha: Double(loss.alpha), gamma: Double(loss.gamma))
  }

  /// The loss of the batch in Double for these parameters.
  func referenceLoss(_ reference: ReferenceNetwork, _ parameters: [String: [Double]]) -> Double {
    let pixels = 3 * 121
    let width = mask.count / count
    return reference.loss(
      rows: (0..<count).map { rows[$0 * pixels..<($0 + 1) * pixels].map(Double.init) }, labels: labels.map(Int.init),
      weights: weights.map(Double.init),
      factors: (0..<count).map { mask[$0 * width..<($0 + 1) * width].map { Double($0) / 0.75 } }, parameters: parameters
    )
  }

  static func dense(_ matrix: SparseMatrix) -> [Double] {
    var dense = [Double](repeating: 0, count: matrix.rows * matrix.columns)
    for row in 0..<matrix.rows {
      for place in Int(matrix.rowStart[row])..<Int(matrix.rowStart[row + 1]) {
        dense[row * matrix.columns + Int(matrix.column[place])] = Double(matrix.value[place])
      }
    }
    return dense
  }
}
