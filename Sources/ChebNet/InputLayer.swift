// The first Chebyshev convolution: few input features, no gradient for the image.
//
// Its terms T_k(L) x are a few numbers a node, far fewer than the filters, so they are kept for the backward pass
// (as planes of nodes) instead of running the recursion over the filters: dW = B dZ with B the kept basis.

import Kernels

/// The convolution of the first layer. Basis row k·inputs + channel is the plane T_k(L) x_channel.
package struct InputLayer {
  /// Rescaled Laplacian of the finest level, [nodes, nodes].
  package let laplacian: SparseMatrix
  /// K.
  package let order: Int
  /// Channels of the image, and F_out.
  package let inputs: Int
  package let outputs: Int

  /// A layer on a level's rescaled Laplacian.
  package init(laplacian: SparseMatrix, order: Int, inputs: Int, outputs: Int) {
    self.laplacian = laplacian
    self.order = order
    self.inputs = inputs
    self.outputs = outputs
  }

  package var nodes: Int { laplacian.rows }
  /// Floats of the basis.
  package var basisCount: Int { order * inputs * nodes }

  /// Fills the basis and Z = Bᵀ W.
  ///
  /// Shapes: `row` [inputs, pixels]; `pixels` node → pixel; `basis` [order·inputs, nodes], set;
  /// `weight` [order, inputs, outputs]; `z` [nodes, outputs], set.
  package func forward(
    _ row: UnsafePointer<Float>, pixels: [Int32], weight: UnsafePointer<Float>, basis: UnsafeMutablePointer<Float>,
    into z: UnsafeMutablePointer<Float>
  ) {
    for channel in 0..<inputs {
      let plane = row + channel * nodes  // every pixel is a node of the finest level
      let first = basis + channel * nodes
      pixels.withUnsafeBufferPointer { pixels in
        for node in 0..<nodes { first[node] = plane[Int(pixels[node])] }
      }
      expand(first)
    }
    gemm(
      transposeA: true, transposeB: false, m: nodes, n: outputs, k: order * inputs, alpha: 1, a: basis, lda: nodes,
      b: weight, ldb: outputs, beta: 0, c: z, ldc: outputs)
  }

  /// dW = B dZ, **added to** `weightGradient` [order, inputs, outputs].
  package func backward(
    basis: UnsafePointer<Float>, _ dz: UnsafePointer<Float>, weightGradient: UnsafeMutablePointer<Float>
  ) {
    gemm(
      transposeA: false, transposeB: false, m: order * inputs, n: outputs, k: nodes, alpha: 1, a: basis, lda: nodes,
      b: dz, ldb: outputs, beta: 1, c: weightGradient, ldc: outputs)
  }

  /// The higher terms of one channel, whose planes lie inputs·nodes apart.
  private func expand(_ first: UnsafeMutablePointer<Float>) {
    let step = inputs * nodes
    guard order > 1 else { return }
    sparseProduct(laplacian, first, width: 1, into: first + step)
    for k in 2..<max(order, 2) {
      chebyshevStep(laplacian, first + (k - 1) * step, first + (k - 2) * step, width: 1, into: first + k * step)
    }
  }
}
