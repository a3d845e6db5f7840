// Names, shapes and widths of a network, from its graphs and its table; the memory that its passes share.

import Kernels
import SpectralGraph

/// What follows from graphs, network, classes and entry.
struct ModelLayout {
  let names: [String]
  let tensors: [(name: String, shape: [Int])]
  /// Flattened convolution of each SGCN.
  let flat: [Int]
  /// Features of each SGCN before the head.
  let features: [Int]
  let inputWidth: Int
  /// Outputs of the hidden layer of the head; 0 where there is none.
  let hiddenWidth: Int
  let classes: Int

  var convolutionWidth: Int { flat.reduce(0, +) }
  var featureWidth: Int { features.reduce(0, +) }

  init(graphs: [GraphHierarchy], network: NetworkSpec, classes: Int, entry: Model.Entry) {
    names = graphs.indices.map { "sgcn\($0 + 1)" }
    let filters = network.layers[network.layers.count - 1].filters
    flat = graphs.map { graph in
      precondition(graph.levels.count > network.coarsenings, "the graph has too few levels for this network")
      return graph.levels[network.coarsenings].nodes * filters
    }
    features = flat.map { network.dense ?? $0 }
    var tensors: [(name: String, shape: [Int])] = []
    for (name, width) in zip(names, flat) {
      if entry == .images { tensors += Self.convolutions(name, network) }
      if entry != .dense, let dense = network.dense {
        tensors += [("\(name).dense.weight", [width, dense]), ("\(name).dense.bias", [dense])]
      }
    }
    let width = features.reduce(0, +)
    if let hidden = network.headDense {
      tensors += [("head.dense.weight", [width, hidden]), ("head.dense.bias", [hidden])]
    }
    hiddenWidth = network.headDense ?? 0
    self.tensors = tensors + [("head.weight", [network.headDense ?? width, classes]), ("head.bias", [classes])]
    self.classes = classes
    switch entry {
    case .images: inputWidth = network.inputs * graphs[0].side * graphs[0].side
    case .convolutions: inputWidth = flat.reduce(0, +)
    case .dense: inputWidth = width
    }
  }

  private static func convolutions(_ name: String, _ network: NetworkSpec) -> [(name: String, shape: [Int])] {
    var fan = network.inputs
    var tensors: [(name: String, shape: [Int])] = []
    for (place, layer) in network.layers.enumerated() {
      tensors.append(("\(name).conv\(place).weight", [layer.order, fan, layer.filters]))
      tensors.append(("\(name).conv\(place).bias", [layer.filters]))
      fan = layer.filters
    }
    return tensors
  }
}

/// Buffers of a batch: they grow to the largest batch seen and are used again.
final class Workspace {
  let layout: ModelLayout
  private(set) var rows = 0
  /// Flattened convolutions [rows, convolutionWidth] and their gradient.
  private(set) var flat = AlignedFloats(count: 16)
  private(set) var flatGradient = AlignedFloats(count: 16)
  /// Features before the head [rows, featureWidth], after dropout, their gradient, and the factors of dropout.
  private(set) var features = AlignedFloats(count: 16)
  private(set) var dropped = AlignedFloats(count: 16)
  private(set) var featureGradient = AlignedFloats(count: 16)
  private(set) var factors = AlignedFloats(count: 16)
  /// Outputs of the hidden layer of the head, [rows, hiddenWidth], and their gradient.
  private(set) var hidden = AlignedFloats(count: 16)
  private(set) var hiddenGradient = AlignedFloats(count: 16)
  /// [rows, classes].
  private(set) var logits = AlignedFloats(count: 16)
  private(set) var logitGradient = AlignedFloats(count: 16)
  /// What second classes add to the gradient of the logits; there once rows were mixed.
  private var second = AlignedFloats(count: 16)
  /// What the backward passes of the dense layers need beside their results.
  private(set) var denseScratch = AlignedFloats(count: 16)
  /// Gradients of the convolutions of each SGCN, lane after lane.
  var lanes: [AlignedFloats] = []

  init(_ layout: ModelLayout) { self.layout = layout }

  func reserve(denseScratch count: Int) {
    if count > denseScratch.count { denseScratch = AlignedFloats(count: count) }
  }

  /// Room for [rows, classes].
  func secondGradient(rows count: Int) -> UnsafeMutablePointer<Float> {
    if count * layout.classes > second.count { second = AlignedFloats(count: count * layout.classes) }
    return second.pointer
  }

  func reserve(rows count: Int) {
    guard count > rows else { return }
    rows = count
    flat = AlignedFloats(count: count * layout.convolutionWidth)
    flatGradient = AlignedFloats(count: count * layout.convolutionWidth)
    features = AlignedFloats(count: count * layout.featureWidth)
    dropped = AlignedFloats(count: count * layout.featureWidth)
    featureGradient = AlignedFloats(count: count * layout.featureWidth)
    factors = AlignedFloats(count: count * layout.featureWidth)
    hidden = AlignedFloats(count: count * layout.hiddenWidth)
    hiddenGradient = AlignedFloats(count: count * layout.hiddenWidth)
    logits = AlignedFloats(count: count * layout.classes)
    logitGradient = AlignedFloats(count: count * layout.classes)
  }
}
