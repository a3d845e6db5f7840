// Bias, ReLU and max pooling of one layer in one pass over Z, as a forward/backward pair.
//
// Children of one parent are consecutive nodes, and fake nodes do not exist here, so they never win. A parent whose
// best child is not positive gives 0 and passes no gradient, which is what ReLU before pooling would do.

import Kernels

package struct Pooling {
  /// Parent j pools the nodes children[j]..<children[j + 1]; parents + 1 entries.
  package let children: [Int32]
  package let filters: Int
  /// The most children that one parent has.
  let mostChildren: Int

  /// The pooling of a layer.
  package init(children: [Int32], filters: Int) {
    self.children = children
    self.filters = filters
    mostChildren = zip(children.dropFirst(), children).map { Int($0 - $1) }.max() ?? 1
  }

  package var parents: Int { children.count - 1 }
  /// Floats of the output, and entries of the winners: parents × filters.
  package var outputCount: Int { parents * filters }

  /// The nodes that some parents pool.
  func nodes(of parents: Range<Int>) -> Range<Int> {
    Int(children[parents.lowerBound])..<Int(children[parents.upperBound])
  }

  /// output = max over children of ReLU(Z + b), with the winning node.
  ///
  /// Shapes: `z` [nodes of the parents, filters]; `bias` [filters]; `output` and `winners` [parents, filters], set.
  /// - Parameter some: the parents to pool; all where it is nil. `z` begins at their first node; `output` and
  ///   `winners` always at parent 0.
  package func forward(
    _ z: UnsafePointer<Float>, some: Range<Int>? = nil, bias: UnsafePointer<Float>,
    into output: UnsafeMutablePointer<Float>, winners: UnsafeMutablePointer<Int32>
  ) {
    let chosen = some ?? 0..<parents
    let start = chosen.lowerBound * filters
    children.withUnsafeBufferPointer { children in
      guard let first = children.baseAddress.map({ $0 + chosen.lowerBound }) else { return }
      biasReluPool(
        z - Int(first[0]) * filters, bias: bias, children: first, parents: chosen.count, filters: filters,
        output: output + start, winner: winners + start)
    }
  }

  /// The gradients of `forward`.
  ///
  /// Shapes: as there; `gradient` [parents, filters]; `dz` [nodes of the parents, filters], set; `biasGradient`
  /// [filters], **added to**.
  package func backward(
    _ gradient: UnsafePointer<Float>, some: Range<Int>? = nil, output: UnsafePointer<Float>,
    winners: UnsafePointer<Int32>, into dz: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>
  ) {
    let chosen = some ?? 0..<parents
    let start = chosen.lowerBound * filters
    children.withUnsafeBufferPointer { children in
      guard let first = children.baseAddress.map({ $0 + chosen.lowerBound }) else { return }
      biasReluPoolGradient(
        gradient + start, output: output + start, winner: winners + start, children: first, parents: chosen.count,
        filters: filters, zGradient: dz - Int(first[0]) * filters, biasGradient: biasGradient)
    }
  }
}
