// A dense layer over the whole batch, as a forward/backward pair: Y = X W + b, with or without ReLU.
//
// Unlike the convolutions it works on all rows at once, since its weight is large and read once a batch. The work is
// cut into the four fixed lanes, by columns of the result or by rows of the weight: every number of a result is one sum
// in one order, so threads share the work and bits stay, and so do a row's bits among more or fewer rows.

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

  /// Rows of the weight that are at work at once: a panel of them stays in the L1 cache.
  private static let blockRows = 64

  /// Floats that `backward` and `inputGradient` need beside their results for `count` rows.
  package func scratchCount(_ count: Int) -> Int {
    Lanes.count * Self.blockRows * count
      + max(Panel.count(inner: count, columns: outputs), Panel.count(inner: outputs, columns: count))
  }

  /// Y = X W + b, then ReLU where the layer has one. A row's values do not depend on the rows beside it.
  ///
  /// Shapes: `x` [count, inputs] with `ldx` floats from row to row; `y` [count, outputs] with `ldy`.
  package func forward(
    _ x: UnsafePointer<Float>, ldx: Int, count: Int, into y: UnsafeMutablePointer<Float>, ldy: Int, threads: Int
  ) {
    Lanes.run(threads: threads) { lane, _ in
      let part = Lanes.part(lane, of: outputs)
      guard !part.isEmpty else { return }
      Self.blocks(of: 0..<inputs) { block in
        panelProduct(
          rows: count, columns: part.count, inner: block.count, .rows(x + block.lowerBound, stride: ldx),
          .rows(weight + block.lowerBound * outputs + part.lowerBound, stride: outputs), into: y + part.lowerBound,
          stride: ldy, adds: block.lowerBound > 0)
      }
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
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>,
    scratch packed: UnsafeMutablePointer<Float>, threads: Int
  ) {
    for j in 0..<outputs { biasGradient[j] = 0 }
    for row in 0..<count {
      let line = dy + row * ldy
      if rectified { for j in 0..<outputs where !(y[row * ldy + j] > 0) { line[j] = 0 } }
      for j in 0..<outputs { biasGradient[j] += line[j] }
    }
    Panel.pack(dy, stride: ldy, inner: count, columns: outputs, into: packed)
    Lanes.run(threads: threads) { lane, _ in
      Self.blocks(of: Lanes.part(lane, of: inputs)) { block in
        panelProduct(
          rows: block.count, columns: outputs, inner: count, .transposed(x + block.lowerBound, stride: ldx),
          .packed(packed, inner: count), into: weightGradient + block.lowerBound * outputs, stride: outputs,
          adds: false)
      }
    }
  }

  /// dX = dY Wᵀ, set, from the `dy` that `backward` left: as dXᵀ = W dYᵀ, which reads the weight from front to back.
  package func inputGradient(
    _ dy: UnsafePointer<Float>, ldy: Int, count: Int, into dx: UnsafeMutablePointer<Float>, ldx: Int,
    scratch: UnsafeMutablePointer<Float>, threads: Int
  ) {
    let packed = scratch + Lanes.count * Self.blockRows * count
    Panel.packTransposed(dy, stride: ldy, inner: outputs, columns: count, into: packed)
    Lanes.run(threads: threads) { lane, _ in
      let flipped = scratch + lane * Self.blockRows * count
      Self.blocks(of: Lanes.part(lane, of: inputs)) { block in
        panelProduct(
          rows: block.count, columns: count, inner: outputs,
          .rows(weight + block.lowerBound * outputs, stride: outputs), .packed(packed, inner: outputs), into: flipped,
          stride: count, adds: false)
        for row in 0..<count {
          let target = dx + row * ldx + block.lowerBound
          for i in 0..<block.count { target[i] = flipped[i * count + row] }
        }
      }
    }
  }

  private static func blocks(of range: Range<Int>, _ body: (Range<Int>) -> Void) {
    for start in stride(from: range.lowerBound, to: range.upperBound, by: blockRows) {
      body(start..<min(start + blockRows, range.upperBound))
    }
  }
}
