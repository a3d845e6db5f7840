// Kernels of the layers around the products: pooling.
//
// Nothing here is fused or reordered, so all numeric classes give the same bits.

import CKernels

/// Bias, ReLU and max pooling in one pass.
///
/// Shapes: `z` nodes × filters (finer level), `bias` filters, `children` parents + 1 offsets into the nodes,
/// `output` and `winner` parents × filters. `winner` is the node whose value won; the lower index wins ties.
/// NaN is never hidden: it wins every comparison and stays.
/// - Precondition: every parent has at least one child.
public func biasReluPool(
  _ z: UnsafePointer<Float>, bias: UnsafePointer<Float>, children: UnsafePointer<Int32>, parents: Int,
  filters: Int, output: UnsafeMutablePointer<Float>, winner: UnsafeMutablePointer<Int32>
) {
  precondition(filters > 0 && parents >= 0, "pooling needs filters, and no negative number of parents")
  switch NumericClass.selected {
  case .generic: PlainKernels.biasReluPool(z, bias, children, parents, filters, output, winner)
  case .avx2: microfold_pool_avx2(z, bias, children, parents, filters, output, winner)
  case .avx512: microfold_pool_avx512(z, bias, children, parents, filters, output, winner)
  }
}

/// The gradient of `biasReluPool`.
///
/// The gradient of each output goes to the node that won, if the output is positive; every other node gets zero.
/// `zGradient` nodes × filters is **set**, `biasGradient` filters is **added to**, in the order of the parents.
public func biasReluPoolGradient(
  _ gradient: UnsafePointer<Float>, output: UnsafePointer<Float>, winner: UnsafePointer<Int32>,
  children: UnsafePointer<Int32>, parents: Int, filters: Int, zGradient: UnsafeMutablePointer<Float>,
  biasGradient: UnsafeMutablePointer<Float>
) {
  precondition(filters > 0 && parents >= 0, "pooling needs filters, and no negative number of parents")
  switch NumericClass.selected {
  case .generic:
    PlainKernels.biasReluPoolGradient(gradient, output, winner, children, parents, filters, zGradient, biasGradient)
  case .avx2:
    microfold_pool_gradient_avx2(gradient, output, winner, children, parents, filters, zGradient, biasGradient)
  case .avx512:
    microfold_pool_gradient_avx512(gradient, output, winner, children, parents, filters, zGradient, biasGradient)
  }
}
