// A Chebyshev convolution inside the network (Eq. 3), one image at a time, as a forward/backward pair.
//
// Forward: Z = Σ T_k(L) X W_k, each term of the recursion multiplied as soon as it stands, so only two live.
// Backward needs no stored term: L is symmetric, so U_k = T_k(L) dZ gives both dW_k = Xᵀ U_k and dX = Σ U_k W_kᵀ.
// Everything of one image fits in the L2 cache; that is why the batch does not go through layer by layer.

import Kernels

/// The convolution of one layer. Bias, ReLU and pooling follow in `Pooling`.
package struct ChebyshevLayer {
  /// Rescaled Laplacian of the layer's level, [nodes, nodes].
  package let laplacian: SparseMatrix
  /// K.
  package let order: Int
  /// F_in and F_out.
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
  /// Floats that `forward` needs beside its result.
  package var forwardScratch: Int { order > 1 ? 2 * nodes * inputs : 0 }
  /// Floats that `backward` needs beside its result.
  package var backwardScratch: Int { order > 1 ? 2 * nodes * outputs : 0 }

  /// Z = Σ T_k(L) X W_k.
  ///
  /// Shapes: `x` [nodes, inputs]; `weight` [order, inputs, outputs]; `z` [nodes, outputs], set.
  package func forward(
    _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, into z: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    recursion(x, width: inputs, scratch: scratch) { k, term in
      gemm(
        transposeA: false, transposeB: false, m: nodes, n: outputs, k: inputs, alpha: 1, a: term, lda: inputs,
        b: weight + k * inputs * outputs, ldb: outputs, beta: k == 0 ? 0 : 1, c: z, ldc: outputs)
    }
  }

  /// The gradients of `forward`.
  ///
  /// Shapes: as there; `dz` [nodes, outputs]; `weightGradient` [order, inputs, outputs], **added to**;
  /// `dx` [nodes, inputs], set.
  package func backward(
    _ x: UnsafePointer<Float>, _ dz: UnsafePointer<Float>, weight: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let size = inputs * outputs
    recursion(dz, width: outputs, scratch: scratch) { k, term in
      gemm(
        transposeA: true, transposeB: false, m: inputs, n: outputs, k: nodes, alpha: 1, a: x, lda: inputs,
        b: term, ldb: outputs, beta: 1, c: weightGradient + k * size, ldc: outputs)
      gemm(
        transposeA: false, transposeB: true, m: nodes, n: inputs, k: outputs, alpha: 1, a: term, lda: outputs,
        b: weight + k * size, ldb: outputs, beta: k == 0 ? 0 : 1, c: dx, ldc: inputs)
    }
  }

  /// Hands out T_0 v = v, T_1 v = L v, T_k v = 2 L T_(k−1) v − T_(k−2) v, one after the other.
  private func recursion(
    _ v: UnsafePointer<Float>, width: Int, scratch: UnsafeMutablePointer<Float>,
    _ use: (_ k: Int, _ term: UnsafePointer<Float>) -> Void
  ) {
    use(0, v)
    guard order > 1 else { return }
    var last = UnsafeMutablePointer<Float>(scratch)
    var other = scratch + nodes * width
    sparseProduct(laplacian, v, width: width, into: last)
    use(1, last)
    for k in 2..<max(order, 2) {
      chebyshevStep(laplacian, last, k == 2 ? v : UnsafePointer(other), width: width, into: other)
      swap(&last, &other)
      use(k, last)
    }
  }
}
