// The network: one SGCN, or two with graphs of their own (dual, Eq. 4), and a linear head.
//
// image → convolutions → flatten → (dense → ReLU)? of each SGCN → side by side → dropout → (dense → ReLU)? → head →
// logits.
// Rows may enter later, where earlier layers are frozen and their outputs were computed once (`Entry`).

import Kernels
import SpectralGraph

/// A network with its parameters and the memory of its passes. Belongs to one thread; uses `threads` of its own.
public final class Model {
  /// What the rows are that enter.
  public enum Entry: String, Sendable {
    /// Images, [inputs, side²] planes in pixel order; each SGCN sees the same image.
    case images
    /// Flattened pooled outputs of the last convolution of every SGCN, side by side.
    case convolutions
    /// Outputs of the dense layers, side by side. Without dense layers the same as `convolutions`.
    case dense
  }

  /// The shape of each SGCN.
  public let network: NetworkSpec
  /// How many logits.
  public let classes: Int
  /// What the rows are.
  public let entry: Entry
  /// How many threads share the work, at most 4; never changes a bit.
  public let threads: Int
  /// `sgcn1.conv0.weight` [K, F_in, F_out], `sgcn1.conv0.bias`, …, `sgcn1.dense.weight` [in, out], …,
  /// `head.dense.weight` [features, hidden] and its bias where the head has a hidden layer, `head.weight` [features or
  /// hidden, classes], `head.bias`; only what stands after the entry.
  public let parameters: ParameterBlock
  /// The gradients that `gradient` left, laid out as the parameters.
  public let gradients: ParameterBlock
  /// Floats of a row.
  public let inputWidth: Int
  /// Floats of a row's flattened convolutions, all SGCNs side by side.
  public let convolutionWidth: Int
  /// Floats of a row before the head.
  public let featureWidth: Int

  let convolutions: [Convolutions]
  let dense: [DenseLayer]
  /// The hidden layer of the head, where it has one.
  let hidden: DenseLayer?
  let head: DenseLayer
  /// The tensors of the dense layers and the head.
  let tensors: Tensors
  let work: Workspace

  /// A network of zeros.
  /// - Parameters:
  ///   - graphs: one for each SGCN; one or two.
  ///   - classes: at least 2.
  ///   - threads: at least 1.
  public init(graphs: [GraphHierarchy], network: NetworkSpec, classes: Int, entry: Entry, threads: Int = 1) {
    precondition(graphs.count == 1 || graphs.count == 2, "a network has one SGCN or two")
    precondition(Set(graphs.map(\.side)).count == 1, "both graphs of a dual network see the same image")
    precondition(classes >= 2 && threads >= 1, "a network has two classes and a thread at least")
    let layout = ModelLayout(graphs: graphs, network: network, classes: classes, entry: entry)
    parameters = ParameterBlock(layout.tensors)
    gradients = ParameterBlock(like: parameters)
    self.network = network
    self.classes = classes
    self.entry = entry
    self.threads = threads
    (inputWidth, convolutionWidth, featureWidth) = (layout.inputWidth, layout.convolutionWidth, layout.featureWidth)
    let block = parameters
    convolutions = layout.names.enumerated().compactMap { place, name in
      guard entry == .images else { return nil }
      return Convolutions(name: name, graph: graphs[place], network: network, parameters: block)
    }
    dense = layout.names.compactMap { name in
      guard block.contains("\(name).dense.weight") else { return nil }
      return DenseLayer(named: "\(name).dense", rectified: true, in: block)
    }
    hidden = network.headDense.map { _ in DenseLayer(named: "head.dense", rectified: true, in: block) }
    head = DenseLayer(named: "head", rectified: false, in: block)
    func pair(_ name: String) -> (Tensor, Tensor) { (block.tensor("\(name).weight"), block.tensor("\(name).bias")) }
    let names = layout.names.map { "\($0).dense" }.filter { block.contains("\($0).weight") }
    tensors = Tensors(
      dense: names.map(pair), hidden: network.headDense.map { _ in pair("head.dense") }, head: pair("head"))
    work = Workspace(layout)
  }

  /// The weight and the bias of every layer that works by the batch.
  struct Tensors {
    let dense: [(weight: Tensor, bias: Tensor)]
    let hidden: (weight: Tensor, bias: Tensor)?
    let head: (weight: Tensor, bias: Tensor)
  }

  /// Draws new parameters: convolutions N(0, 2 / (K·F_in)), dense N(0, 2 / n), head N(0, 1 / n), biases 0.
  /// A tensor's draws depend on the key and its name alone.
  public func initialise(key: UInt64) {
    for tensor in parameters.tensors {
      guard tensor.isWeight else {
        parameters[tensor.name].update(repeating: 0)
        continue
      }
      let fan = tensor.shape.dropLast().reduce(1, *)
      let gain: Float = tensor.name == "head.weight" ? 1 : 2
      parameters.draw(tensor.name, deviation: (gain / Float(fan)).squareRoot(), key: key)
    }
  }
}

extension DenseLayer {
  /// The layer whose tensors are `name.weight` and `name.bias`.
  init(named name: String, rectified: Bool, in block: ParameterBlock) {
    let weight = block.tensor("\(name).weight")
    self.init(
      inputs: weight.shape[0], outputs: weight.shape[1], rectified: rectified,
      weight: UnsafePointer(block.block.pointer + weight.offset),
      bias: UnsafePointer(block.block.pointer + block.tensor("\(name).bias").offset))
  }
}
