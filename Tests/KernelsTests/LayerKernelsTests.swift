// Pooling, vectors and Adam: the same bits from plain loops, AVX2 and AVX-512, and the right values.

import CKernels
import Kernels
import Testing

@Suite("layer kernels")
struct LayerKernelsTests {
  static let filters = [1, 3, 7, 8, 13, 16, 31, 32, 37, 64, 67, 128]

  @Test("a hand-worked pooling: bias, ReLU, the lower index on ties, NaN stays")
  func handWorked() {
    let z: [Float] = [1, -5, 2, 1, -6, 2, .nan, -4, 0]
    var output = [Float](repeating: 9, count: 6)
    var winner = [Int32](repeating: 9, count: 6)
    biasReluPool(z, bias: [1, 0, -1], children: [0, 2, 3], parents: 2, filters: 3, output: &output, winner: &winner)
    #expect(Array(output[0..<3]) == [2, 0, 1])
    #expect(output[3].isNaN && output[4] == 0 && output[5] == 0)
    #expect(winner == [0, 0, 0, 2, 2, 2])
    var zGradient = [Float](repeating: 9, count: 9)
    var biasGradient: [Float] = [10, 10, 10]
    biasReluPoolGradient(
      [1, 2, 3, 4, 5, 6], output: output, winner: winner, children: [0, 2, 3], parents: 2, filters: 3,
      zGradient: &zGradient, biasGradient: &biasGradient)
    #expect(zGradient == [1, 0, 3, 0, 0, 0, 0, 0, 0])
    #expect(biasGradient == [11, 10, 13])
  }

  @Test("every instruction set pools to the same bits", arguments: filters)
  func pooling(filters: Int) {
    let plain = PoolCase(filters, .generic)
    #expect(plain.zGradient.contains { $0 != 0 } && plain.output.contains(0))
    for other in [NumericClass.avx2, .avx512] where other.isSupported {
      let ours = PoolCase(filters, other)
      #expect(bits(ours.output) == bits(plain.output) && ours.winner == plain.winner)
      #expect(bits(ours.zGradient) == bits(plain.zGradient) && bits(ours.biasGradient) == bits(plain.biasGradient))
    }
  }
}

/// One pooling over parents of one to four children, and its gradient.
private struct PoolCase {
  var output: [Float]
  var winner: [Int32]
  var zGradient: [Float]
  var biasGradient: [Float]

  init(_ filters: Int, _ numericClass: NumericClass) {
    let children: [Int32] = [0, 1, 3, 6, 10, 14, 15, 19]
    // Rounded to quarters, so that ties happen.
    var z = numbers(19 * filters, stream: 51).map { ($0 * 4).rounded() / 4 }
    // A first, a middle and a last child that is not a number, and a zero with a sign.
    for (child, filter) in [(3, 0), (7, filters / 2), (13, filters - 1)] { z[child * filters + filter] = .nan }
    z[14 * filters] = -0.0
    let bias = numbers(filters, stream: 52)
    let gradient = numbers(7 * filters, stream: 53)
    output = [Float](repeating: 9, count: 7 * filters)
    winner = [Int32](repeating: 9, count: 7 * filters)
    zGradient = [Float](repeating: 9, count: 19 * filters)
    biasGradient = numbers(filters, stream: 54)
    switch numericClass {
    case .generic:
      PlainKernels.biasReluPool(z, bias, children, 7, filters, &output, &winner)
      PlainKernels.biasReluPoolGradient(
        gradient, output, winner, children, 7, filters, &zGradient, &biasGradient)
    case .avx2:
      microfold_pool_avx2(z, bias, children, 7, filters, &output, &winner)
      microfold_pool_gradient_avx2(gradient, output, winner, children, 7, filters, &zGradient, &biasGradient)
    case .avx512:
      microfold_pool_avx512(z, bias, children, 7, filters, &output, &winner)
      microfold_pool_gradient_avx512(gradient, output, winner, children, 7, filters, &zGradient, &biasGradient)
    }
  }
}
