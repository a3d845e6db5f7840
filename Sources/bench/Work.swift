// What a network costs at least: flops of the real nodes alone, and the bytes of the parameters' update.
//
// That is what must be computed by any program that does not skip exact zeros. The adjoint recurrence runs over the
// inputs' gradients, so its hops are as many as forward; the first layer has no gradient for its image, and its basis
// can be kept, since it depends on the image alone.

import ChebNet
import Kernels
import SpectralGraph

/// Least work of one image.
struct Work {
  /// Flops of dense products.
  var dense = 0.0
  /// Flops of sparse products.
  var sparse = 0.0
  /// Bytes to and from memory.
  var bytes = 0.0

  /// All flops.
  var flops: Double { dense + sparse }

  static func + (left: Work, right: Work) -> Work {
    Work(dense: left.dense + right.dense, sparse: left.sparse + right.sparse, bytes: left.bytes + right.bytes)
  }
}

/// Least work of one image in one layer.
struct LayerWork {
  let nodes: Int
  let forward: Work
  let backward: Work
}

/// Least work of one image in a network on one graph.
struct NetworkWork {
  /// The convolutions.
  let layers: [LayerWork]
  /// The dense layer and the head together.
  let dense: LayerWork
  /// Floats of the parameters.
  let parameters: Int

  /// - Parameter isBasisKept: whether the first layer's sparse products are done once for all steps.
  init(_ network: NetworkSpec, on graph: GraphHierarchy, classes: Int, isBasisKept: Bool) {
    var layers: [LayerWork] = []
    var parameters = 0
    var (level, inputs) = (0, network.inputs)
    for (place, layer) in network.layers.enumerated() {
      let laplacian = graph.levels[level].laplacian
      let nodes = Double(laplacian.rows)
      let hops = Double(layer.order - 1)
      let sparse = (2 * Double(laplacian.value.count) * hops + nodes * max(0, hops - 1)) * Double(inputs)
      let product = 2 * nodes * Double(layer.order * inputs * layer.filters)
      let isFirst = place == 0
      layers.append(
        LayerWork(
          nodes: laplacian.rows, forward: Work(dense: product, sparse: isFirst && isBasisKept ? 0 : sparse),
          backward: Work(dense: isFirst ? product : 2 * product, sparse: isFirst ? 0 : sparse)))
      parameters += (layer.order * inputs + 1) * layer.filters
      level += layer.coarsenings
      inputs = layer.filters
    }
    let flat = graph.levels[level].nodes * inputs
    let features = network.dense ?? flat
    let weights = (network.dense.map { flat * $0 } ?? 0) + features * classes
    self.layers = layers
    dense = LayerWork(
      nodes: flat, forward: Work(dense: 2 * Double(weights)), backward: Work(dense: 4 * Double(weights)))
    self.parameters = parameters + weights + (network.dense ?? 0) + classes
  }

  /// Forward alone.
  var forward: Work { layers.reduce(dense.forward) { $0 + $1.forward } }

  /// Forward and backward, and this image's share of the update of a batch.
  func train(batch: Int) -> Work {
    layers.reduce(forward + dense.backward) { $0 + $1.backward } + Work(bytes: updateBytes / Double(batch))
  }

  /// Bytes of one step of Adam: parameters and both moments read and written, gradients read.
  var updateBytes: Double { 7 * 4 * Double(parameters) }
}
