// What the table of layers becomes on one graph: the layers, and where everything of an image lies in memory.

import SpectralGraph

struct ConvolutionPlan {
  /// One layer of the table with its tensors and its places in an image's slot.
  struct Stage {
    let pooling: Pooling
    let weight: Tensor
    let bias: Tensor
    let nodes: Int
    let filters: Int
    /// Where the input of this layer begins in the slot; the first layer reads its basis instead.
    let store: Int
    /// Where its winners begin in the slot of winners.
    let winners: Int
  }

  /// A layer after the first, with its weights in panels.
  struct Inner {
    let layer: ChebyshevLayer
    let packed: PackedWeights
  }

  let input: InputLayer
  /// The layers after the first.
  private(set) var inner: [Inner] = []
  private(set) var stages: [Stage] = []
  /// Floats and winners of an image's slot.
  private(set) var storeCount = 0
  private(set) var winnerCount = 0

  init(name: String, graph: GraphHierarchy, network: NetworkSpec, parameters: ParameterBlock) {
    precondition(graph.levels.count > network.coarsenings, "the graph has too few levels for this network")
    let first = network.layers[0]
    input = InputLayer(
      laplacian: graph.levels[0].laplacian, order: first.order, inputs: network.inputs,
      pooling: Pooling(children: graph.children(from: 0, steps: first.coarsenings), filters: first.filters))
    var (level, fan) = (0, network.inputs)
    for (place, layer) in network.layers.enumerated() {
      let laplacian = graph.levels[level].laplacian
      let pooling = Pooling(children: graph.children(from: level, steps: layer.coarsenings), filters: layer.filters)
      stages.append(
        Stage(
          pooling: pooling, weight: parameters.tensor("\(name).conv\(place).weight"),
          bias: parameters.tensor("\(name).conv\(place).bias"), nodes: graph.levels[level].nodes,
          filters: layer.filters, store: storeCount, winners: winnerCount))
      if place > 0 {
        let packed = PackedWeights(order: layer.order, inputs: fan, outputs: layer.filters)
        let convolution = ChebyshevLayer(
          laplacian: laplacian, order: layer.order, inputs: fan, outputs: layer.filters)
        inner.append(Inner(layer: convolution, packed: packed))
        storeCount += Self.aligned(graph.levels[level].nodes * fan)
      }
      winnerCount += pooling.outputCount
      (level, fan) = (level + layer.coarsenings, layer.filters)
    }
  }

  // MARK: - Scratch of a thread: terms of bases; then Z or dZ, the gradient of a layer's input, terms of a recursion

  /// Where the gradient of a layer's input begins.
  var gradientOffset: Int {
    Self.aligned(max(input.scratchCount, stages.dropFirst().map { $0.nodes * $0.filters }.max() ?? 0))
  }
  /// Where the terms of the recursion begin.
  var termsOffset: Int {
    gradientOffset + Self.aligned(inner.map { $0.layer.nodes * $0.layer.inputs }.max() ?? 0)
  }
  /// Floats of all of it.
  var scratchCount: Int {
    let terms = inner.map { max($0.layer.forwardScratch, $0.layer.backwardScratch) }.max() ?? 0
    return max(termsOffset + terms, input.expandScratch)
  }

  /// Rounded up to a cache line.
  private static func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}
