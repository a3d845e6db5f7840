// Workload W: Table I on one 64 × 64 grey image, graph 8+2 (T² = 20), seven classes.

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

  /// W, the same at another side, or a tiny network of the same kind.
  init(batch: Int, side: Int, tiny: Bool) {
    name = tiny ? "tiny" : side == 64 ? "W" : "W, side \(side)"
    let small = [(5, 8, 2), (3, 16, 1)].map { LayerSpec(order: $0.0, filters: $0.1, coarsenings: $0.2) }
    network = tiny ? NetworkSpec(layers: small, dense: 32, dropout: 0.5, inputs: 1) : .table1(inputs: 1)
    let spec = GraphSpec(side: side, nearest: 8, stochastic: 2, thresholdSquared: 20, seed: 1)
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

  /// Nodes of the finest level: pixels.
  var nodes: Int { graph.levels[0].nodes }

  /// The least work of one image.
  func work(isBasisKept: Bool) -> NetworkWork {
    NetworkWork(network, on: graph, classes: classes, isBasisKept: isBasisKept)
  }
}
