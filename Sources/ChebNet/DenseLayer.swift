// A dense layer over the whole batch, as a forward/backward pair: Y = X W + b, with or without ReLU.
//
// Unlike the convolutions it works on all rows at once, since its weight is large and read once a batch. The work
// is cut into the four fixed lanes by columns of the result, so threads share it and bits stay.

import Kernels

package struct DenseLayer {
  package let inputs: Int
  package let outputs: Int
  package let rectified: Bool
  /// [inputs, outputs] and [outputs].
  package let weight: UnsafePointer<Float>
  package let bias: UnsafePointer<Float>

  /// A layer of these tensors.
  package init(
    inputs: Int, outputs: Int, rectified: Bool, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.rectified = rectified
    self.weight = weight
    self.bias = bias
  }

  /// Y = X W + b, then ReLU where the layer has one.
  ///
  /// Shapes: `x` [count, inputs] with `ldx` floats from row to row; `y` [count, outputs] with `ldy`.
  package func forward(
    _ x: UnsafePointer<Float>, ldx: Int, count: Int, into y: UnsafeMutablePointer<Float>, ldy: Int, threads: Int
  ) {
    Lanes.run(threads: threads) { lane, _ in
      let part = Lanes.part(lane, of: outputs)
      guard !part.isEmpty else { return }
      gemm(
        transposeA: false, transposeB: false, m: count, n: part.count, k: inputs, alpha: 1, a: x, lda: ldx,
        b: weight + part.lowerBound, ldb: outputs, beta: 0, c: y + part.lowerBound, ldc: ldy)
      for row in 0..<count {
        let line = y + row * ldy
        for j in part { line[j] = rectified ? max(line[j] + bias[j], 0) : line[j] + bias[j] }
      }
    }
  }

  /// The gradients of the weight and the bias, **set**; where there is a ReLU, `dy` becomes the gradient before it.
  ///
  /// Shapes: `x`, `y` as in `forward`; `dy` as `y`; `weightGradient` [inputs, outputs]; `biasGradient` [outputs].
  package func backward(
    _ x: UnsafePointer<Float>, ldx: Int, y: UnsafePointer<Float>, dy: UnsafeMutablePointer<Float>, ldy: Int, count: Int,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>, threads: Int
  ) {
    for j in 0..<outputs { biasGradient[j] = 0 }
    for row in 0..<count {
      let line = dy + row * ldy
      if rectified { for j in 0..<outputs where !(y[row * ldy + j] > 0) { line[j] = 0 } }
      for j in 0..<outputs { biasGradient[j] += line[j] }
    }
    Lanes.run(threads: threads) { lane, _ in
      let part = Lanes.part(lane, of: inputs)
      guard !part.isEmpty else { return }
      gemm(
        transposeA: true, transposeB: false, m: part.count, n: outputs, k: count, alpha: 1, a: x + part.lowerBound,
        lda: ldx, b: dy, ldb: ldy, beta: 0, c: weightGradient + part.lowerBound * outputs, ldc: outputs)
    }
  }

  /// dX = dY Wᵀ, set, from the `dy` that `backward` left.
  package func inputGradient(
    _ dy: UnsafePointer<Float>, ldy: Int, count: Int, into dx: UnsafeMutablePointer<Float>, ldx: Int, threads: Int
  ) {
    Lanes.run(threads: threads) { lane, _ in
      let part = Lanes.part(lane, of: inputs)
      guard !part.isEmpty else { return }
      gemm(
        transposeA: false, transposeB: true, m: count, n: part.count, k: outputs, alpha: 1, a: dy, lda: ldy,
        b: weight + part.lowerBound * outputs, ldb: outputs, beta: 0, c: dx + part.lowerBound, ldc: ldx)
    }
  }
}
