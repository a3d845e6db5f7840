// The weights of a Chebyshev layer as its products read them: in panels, once a batch, for all images of it.

import Kernels

/// W_k and W_kᵀ of one layer, each term in panels.
package final class PackedWeights {
  private let order: Int
  private let inputs: Int
  private let outputs: Int
  private let straight: AlignedFloats
  private let transposed: AlignedFloats

  /// Room for the weights of a layer.
  package init(order: Int, inputs: Int, outputs: Int) {
    (self.order, self.inputs, self.outputs) = (order, inputs, outputs)
    straight = AlignedFloats(count: order * Panel.count(inner: inputs, columns: outputs))
    transposed = AlignedFloats(count: order * Panel.count(inner: outputs, columns: inputs))
  }

  /// Takes the weights, [order, inputs, outputs], for products of the forward pass.
  package func pack(_ weight: UnsafePointer<Float>) {
    for k in 0..<order {
      Panel.pack(
        weight + k * inputs * outputs, stride: outputs, inner: inputs, columns: outputs,
        into: straight.pointer + k * Panel.count(inner: inputs, columns: outputs))
    }
  }

  /// Takes the weights for products of the backward pass.
  package func packTransposed(_ weight: UnsafePointer<Float>) {
    for k in 0..<order {
      Panel.packTransposed(
        weight + k * inputs * outputs, stride: outputs, inner: outputs, columns: inputs,
        into: transposed.pointer + k * Panel.count(inner: outputs, columns: inputs))
    }
  }

  /// W_k, inputs × outputs.
  func term(_ k: Int) -> RightFactor {
    .packed(straight.pointer + k * Panel.count(inner: inputs, columns: outputs), inner: inputs)
  }

  /// W_kᵀ, outputs × inputs.
  func transposedTerm(_ k: Int) -> RightFactor {
    .packed(transposed.pointer + k * Panel.count(inner: outputs, columns: inputs), inner: outputs)
  }
}
