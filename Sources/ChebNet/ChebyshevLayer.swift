// A Chebyshev convolution inside the network (Eq. 3), one image at a time, as a forward/backward pair.
//
// Forward: Z = Σ T_k(L) X W_k, each term of the recursion multiplied as soon as it stands, so only two live.
// Backward needs no stored term: L is symmetric, so U_k = T_k(L) dZ gives both dW_k = Xᵀ U_k and dX = Σ U_k W_kᵀ.
// Everything of one image fits in the L2 cache; that is why the batch does not go through layer by layer. A term is
// multiplied block of rows by block of rows, right after the hop that made the block, while it lies in the L1 cache.

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

  /// Rows of a block: a multiple of every tile, so that only the last block of a level has an odd tile.
  private static let blockRows = 48

  /// Z = Σ T_k(L) X W_k.
  ///
  /// Shapes: `x` [nodes, inputs]; `weight` after `pack`; `z` [nodes, outputs], set.
  package func forward(
    _ x: UnsafePointer<Float>, weight: PackedWeights, into z: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    recursion(x, width: inputs, scratch: scratch) { k, term, rows in
      panelProduct(
        rows: rows.count, columns: outputs, inner: inputs, .rows(term + rows.lowerBound * inputs, stride: inputs),
        weight.term(k), into: z + rows.lowerBound * outputs, stride: outputs, adds: k > 0)
    }
  }

  /// The gradients of `forward`.
  ///
  /// Shapes: as there; `weight` after `packTransposed`; `dz` [nodes, outputs]; `weightGradient` [order, inputs,
  /// outputs], **added to**; `dx` [nodes, inputs], set.
  package func backward(
    _ x: UnsafePointer<Float>, _ dz: UnsafePointer<Float>, weight: PackedWeights,
    weightGradient: UnsafeMutablePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    recursion(dz, width: outputs, scratch: scratch) { k, term, rows in
      let block = term + rows.lowerBound * outputs
      panelProduct(
        rows: inputs, columns: outputs, inner: rows.count,
        .transposed(x + rows.lowerBound * inputs, stride: inputs), .rows(block, stride: outputs),
        into: weightGradient + k * inputs * outputs, stride: outputs, adds: true)
      panelProduct(
        rows: rows.count, columns: inputs, inner: outputs, .rows(block, stride: outputs), weight.transposedTerm(k),
        into: dx + rows.lowerBound * inputs, stride: inputs, adds: k > 0)
    }
  }

  /// Hands out T_0 v = v, T_1 v = L v, T_k v = 2 L T_(k−1) v − T_(k−2) v, one after the other, each in blocks of rows:
  /// of `term` only these rows and those before them are there.
  private func recursion(
    _ v: UnsafePointer<Float>, width: Int, scratch: UnsafeMutablePointer<Float>,
    _ use: (_ k: Int, _ term: UnsafePointer<Float>, _ rows: Range<Int>) -> Void
  ) {
    var last = v
    var (next, other) = (scratch, scratch + nodes * width)
    for k in 0..<order {
      for start in stride(from: 0, to: nodes, by: Self.blockRows) {
        let rows = start..<min(start + Self.blockRows, nodes)
        switch k {
        case 0: break
        case 1: sparseProduct(laplacian, rows: rows, v, width: width, into: next)
        case 2: chebyshevStep(laplacian, rows: rows, last, v, width: width, into: next)
        default: chebyshevStep(laplacian, rows: rows, last, next, width: width, into: next)
        }
        use(k, k == 0 ? v : UnsafePointer(next), rows)
      }
      if k > 0 {
        last = UnsafePointer(next)
        swap(&next, &other)
      }
    }
  }
}
