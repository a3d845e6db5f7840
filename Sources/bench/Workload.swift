// Workload W: Table I on one 64 × 64 grey image, graph 8+2 (T² = 20), seven classes; and what it costs at least.
//
// Flops are those of the real nodes alone: what must be computed by any program that does not skip exact zeros.

import ChebNet
import Kernels
import SpectralGraph

/// The network of a benchmark with random images.
struct Workload {
  let name: String
  let network: NetworkSpec
  let graph: GraphHierarchy
  let classes = 7
  let batch: Int
  /// [batch, side²], numbers in 0 ..< 1.
  let images: AlignedFloats
  let labels: [Int32]

  /// W, or a tiny network of the same kind.
  init(batch: Int, tiny: Bool) {
    name = tiny ? "tiny" : "W"
    let small = [(5, 8, 2), (3, 16, 1)].map { LayerSpec(order: $0.0, filters: $0.1, coarsenings: $0.2) }
    network = tiny ? NetworkSpec(layers: small, dense: 32, dropout: 0.5, inputs: 1) : .table1(inputs: 1)
    let spec = GraphSpec(side: tiny ? 16 : 64, nearest: 8, stochastic: 2, thresholdSquared: 20, seed: 1)
    graph = GraphHierarchy(spec: spec, levels: network.coarsenings)
    self.batch = batch
    images = AlignedFloats(count: batch * spec.side * spec.side)
    var random = CounterRandom(key: 1, stream: 1)
    for place in 0..<images.count { images.pointer[place] = random.unit() }
    labels = (0..<batch).map { Int32($0 % 7) }
  }

  /// A model of this workload with fresh weights.
  func model(threads: Int) -> Model {
    let model = Model(graphs: [graph], network: network, classes: classes, entry: .images, threads: threads)
    model.initialise(key: 1)
    return model
  }

  /// What one image costs in one layer, in floating-point operations.
  struct Cost {
    let name: String
    let nodes: Int
    var forward: Double
    var train: Double
  }

  /// The cost of each layer; the dense layer and the head last.
  ///
  /// Backward: the weights' gradient, and but for the first layer the input's with its recurrence.
  var costs: [Cost] {
    var costs: [Cost] = []
    var (level, inputs) = (0, network.inputs)
    for (place, layer) in network.layers.enumerated() {
      let laplacian = graph.levels[level].laplacian
      let nodes = Double(laplacian.rows)
      let hops = Double(layer.order - 1)
      let sparse =
        (2 * Double(laplacian.value.count) * hops + nodes * max(0, hops - 1)) * Double(inputs)
      let product = 2 * nodes * Double(layer.order * inputs * layer.filters)
      let backward = place == 0 ? product : 2 * product + sparse
      costs.append(
        Cost(
          name: "conv \(place + 1)", nodes: laplacian.rows, forward: sparse + product,
          train: sparse + product + backward))
      level += layer.coarsenings
      inputs = layer.filters
    }
    let flat = graph.levels[level].nodes * inputs
    let features = network.dense ?? flat
    var products = 2 * Double(features * classes)
    if let dense = network.dense { products += 2 * Double(flat * dense) }
    costs.append(Cost(name: "dense", nodes: flat, forward: products, train: 3 * products))
    return costs
  }
}
