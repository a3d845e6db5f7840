// The parts of a description that say what the network is: graph and layers.

import Canonical
import ChebNet
import SpectralGraph

extension GraphSpec {
  /// Reads the object "graph".
  init(_ value: JSON?, path: String) throws(StageError) {
    let fields = try Fields(
      value, path: path,
      keys: ["side", "nearest", "stochastic", "threshold_squared", "sigma", "seed", "lambda_max"])
    self.init(
      side: try fields.integer("side", in: 4...512), nearest: try fields.integer("nearest", in: 0...256),
      stochastic: try fields.integer("stochastic", in: 0...256),
      thresholdSquared: try fields.integer("threshold_squared", in: 1...1024),
      sigma: try fields.choice("sigma"), lambdaMax: try fields.choice("lambda_max"),
      seed: UInt64(try fields.integer("seed", in: 0...Int.max)))
    guard nearest + stochastic > 0 else { throw .description("\(path) chooses no neighbour at all") }
  }
}

/// The layers of every SGCN of a stage; the number of inputs follows from the rows.
struct NetworkRecipe: Equatable {
  let layers: [LayerSpec]
  let dense: Int?
  /// The width of the hidden layer of the head, where it has one.
  let headDense: Int?
  let dropout: Float

  /// How many halvings the graph needs.
  var coarsenings: Int { layers.reduce(0) { $0 + $1.coarsenings } }

  init(_ value: JSON?, path: String) throws(StageError) {
    let fields = try Fields(value, path: path, keys: ["layers", "dense", "dropout"], optional: ["head_dense"])
    var layers: [LayerSpec] = []
    for element in try fields.elements("layers", count: 1...16) {
      layers.append(try LayerSpec(element.value, path: element.place))
    }
    self.layers = layers
    dense = fields.members["dense"] == .null ? nil : try fields.integer("dense", in: 1...65_536)
    headDense = try fields.optionalInteger("head_dense", in: 1...65_536)
    dropout = Float(try fields.number("dropout", in: 0...0.99))
    guard coarsenings <= 16 else { throw .description("\(path).layers coarsen \(coarsenings) times, 16 are allowed") }
  }

  /// The network with this many input features at each node.
  func spec(inputs: Int) -> NetworkSpec {
    NetworkSpec(layers: layers, dense: dense, headDense: headDense, dropout: dropout, inputs: inputs)
  }
}

extension LayerSpec {
  fileprivate init(_ value: JSON, path: String) throws(StageError) {
    let fields = try Fields(value, path: path, keys: ["order", "filters", "coarsenings"])
    self.init(
      order: try fields.integer("order", in: 1...64), filters: try fields.integer("filters", in: 1...4096),
      coarsenings: try fields.integer("coarsenings", in: 0...7))
  }
}
