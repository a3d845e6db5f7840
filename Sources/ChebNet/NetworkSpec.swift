// The shape of a network as a value: a table of Chebyshev layers, an optional dense layer, dropout.
//
// Presets are the paper's Table I and `compact`, the small network that real flow asked for.

/// One row of the table of layers: Chebyshev convolution of `order` terms, ReLU, max pooling by 2^`coarsenings`.
public struct LayerSpec: Hashable, Sendable {
  /// K, the number of Chebyshev terms (Eq. 3); order 1 sees a node alone.
  public let order: Int
  /// Output features of a node.
  public let filters: Int
  /// Coarsening steps pooled at once: 0 keeps every node, 2 pools by 4.
  public let coarsenings: Int

  /// A row of the table.
  public init(order: Int, filters: Int, coarsenings: Int) {
    precondition(order >= 1 && filters >= 1, "a layer has at least one term and one filter")
    precondition((0...7).contains(coarsenings), "a layer pools by at most 2^7")
    self.order = order
    self.filters = filters
    self.coarsenings = coarsenings
  }
}

/// A whole network but for its graphs and its classes.
public struct NetworkSpec: Hashable, Sendable {
  /// Convolutions from the image down.
  public let layers: [LayerSpec]
  /// Width of the dense layer of each SGCN, or nil: the flattened convolution goes to the head as it is.
  public let dense: Int?
  /// Width of a hidden dense layer between dropout and the classifier (d_fc3 of Eq. 5), or nil: the classifier reads
  /// the features themselves.
  public let headDense: Int?
  /// The share of features that dropout sets to zero before the head, in 0..<1.
  public let dropout: Float
  /// Input features of a node (channels of the image).
  public let inputs: Int

  /// A network by its table.
  public init(layers: [LayerSpec], dense: Int?, headDense: Int? = nil, dropout: Float, inputs: Int) {
    precondition(!layers.isEmpty && inputs >= 1, "a network has a layer and an input")
    precondition(dropout >= 0 && dropout < 1, "dropout is a share in 0..<1")
    precondition(dense ?? 1 >= 1 && headDense ?? 1 >= 1, "a dense layer has a width")
    self.layers = layers
    self.dense = dense
    self.headDense = headDense
    self.dropout = dropout
    self.inputs = inputs
  }

  /// How many coarsenings a graph needs for this network.
  public var coarsenings: Int { layers.reduce(0) { $0 + $1.coarsenings } }

  /// Table I: K = 9, 9, 6, 6, 4, 4; 32 to 128 filters; pools 4, 4, 2, 2, 2, 2; dense 512; dropout 0.5.
  public static func table1(inputs: Int) -> NetworkSpec {
    let rows = [(9, 32, 2), (9, 32, 2), (6, 64, 1), (6, 64, 1), (4, 128, 1), (4, 128, 1)]
    return NetworkSpec(layers: rows.map(LayerSpec.init), dense: 512, dropout: 0.5, inputs: inputs)
  }

  /// Compact: K 5, 16 filters, pool 4; K 3, 32 filters, pool 2; flattened to the head; dropout 0.5.
  public static func compact(inputs: Int) -> NetworkSpec {
    let rows = [(5, 16, 2), (3, 32, 1)]
    return NetworkSpec(layers: rows.map(LayerSpec.init), dense: nil, dropout: 0.5, inputs: inputs)
  }
}
