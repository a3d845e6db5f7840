// Bias, ReLU and max pooling of one layer in one pass over Z, as a forward/backward pair.
//
// Children of one parent are consecutive nodes, and fake nodes do not exist here, so they never win. A parent whose
// best child is not positive gives 0 and passes no gradient, which is what ReLU before pooling would do.

import Kernels

package struct Pooling {
  /// Parent j pools the nodes children[j]..<children[j + 1]; parents + 1 entries.
  package let children: [Int32]
  package let filters: Int

  /// The pooling of a layer.
  package init(children: [Int32], filters: Int) {
    self.children = children
    self.filters = filters
  }

  /// Floats of the output, and entries of the winners: parents × filters.
  package var outputCount: Int { (children.count - 1) * filters }

  /// output = max over children of ReLU(Z + b), with the winning node.
  ///
  /// Shapes: `z` [nodes, filters]; `bias` [filters]; `output` and `winners` [parents, filters], set.
  package func forward(
    _ z: UnsafePointer<Float>, bias: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
    winners: UnsafeMutablePointer<Int32>
  ) {
    biasReluPool(z, bias: bias, children: children, filters: filters, output: output, winner: winners)
  }

  /// The gradients of `forward`.
  ///
  /// Shapes: as there; `gradient` [parents, filters]; `dz` [nodes, filters], set; `biasGradient` [filters], **added
  /// to**.
  package func backward(
    _ gradient: UnsafePointer<Float>, output: UnsafePointer<Float>, winners: UnsafePointer<Int32>,
    into dz: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>
  ) {
    biasReluPoolGradient(
      gradient, output: output, winner: winners, children: children, filters: filters, zGradient: dz,
      biasGradient: biasGradient)
  }
}
