// Adam against the formula in Double, and the same bits from plain loops and vectors.

import Kernels
import Testing

@Suite("adam")
struct AdamTests {
  /// Method: five steps with changing gradients; the formula of Kingma and Ba written out in Double.
  @Test("five steps match the formula in Double", arguments: [0.0, 3.0])
  func formula(weightDecay: Double) {
    let count = 101
    var parameters = numbers(count, stream: 61)
    var first = [Float](repeating: 0, count: count)
    var second = first
    var oracle = parameters.map { Double($0) }
    var mean = [Double](repeating: 0, count: count)
    var square = mean
    for number in 1...5 {
      let gradients = numbers(count, stream: UInt64(70 + number))
      let rate = 1e-2 / (1 + 0.1 * Double(number))
      let step = adamStep(number: number, rate: rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: weightDecay)
      adamUpdate(
        count: count, parameters: &parameters, gradients: gradients, firstMoment: &first, secondMoment: &second,
        step: step)
      let corrections = (1 - power(0.9, number), 1 - power(0.999, number))
      for place in 0..<count {
        let gradient = Double(gradients[place])
        mean[place] = 0.9 * mean[place] + 0.1 * gradient
        square[place] = 0.999 * square[place] + 0.001 * gradient * gradient
        let deviation = (square[place] / corrections.1).squareRoot() + 1e-7
        oracle[place] = oracle[place] * (1 - rate * weightDecay) - rate * mean[place] / corrections.0 / deviation
      }
    }
    #expect(relativeError(parameters, oracle) < 1e-6)
  }

  @Test("plain and selected kernels give the same bits", arguments: [1, 7, 16, 37, 1_009])
  func sameBits(count: Int) {
    let step = adamStep(number: 3, rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.5)
    var results: [[UInt32]] = []
    for plain in [true, false] {
      var parameters = numbers(count, stream: 81)
      var first = numbers(count, stream: 82)
      var second = numbers(count, stream: 83).map { abs($0) }
      let gradients = numbers(count, stream: 84)
      if plain {
        PlainKernels.adamUpdate(count, &parameters, gradients, &first, &second, step)
      } else {
        adamUpdate(
          count: count, parameters: &parameters, gradients: gradients, firstMoment: &first, secondMoment: &second,
          step: step)
      }
      results.append(bits(parameters + first + second))
    }
    #expect(results[0] == results[1])
  }

  @Test("after a million steps the correction is gone")
  func manySteps() {
    let late = adamStep(number: 1_000_000, rate: 1, beta1: 0.9, beta2: 0.999, epsilon: 0, weightDecay: 0)
    var parameters: [Float] = [0]
    var first: [Float] = [1]
    var second: [Float] = [1]
    adamUpdate(
      count: 1, parameters: &parameters, gradients: [1], firstMoment: &first, secondMoment: &second, step: late)
    #expect(abs(parameters[0] + 1) < 1e-6)
  }

  @Test("a step with number zero traps")
  func stepZero() async {
    await #expect(processExitsWith: .failure) {
      _ = adamStep(number: 0, rate: 1, beta1: 0.9, beta2: 0.999, epsilon: 0, weightDecay: 0)
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}

/// The factors of a step by its number.
private func adamStep(
  number: Int, rate: Double, beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double
) -> AdamStep {
  var powers = AdamPowers(beta1: beta1, beta2: beta2)
  for _ in 0..<number { powers.advance() }
  return AdamStep(powers, rate: rate, epsilon: epsilon, weightDecay: weightDecay)
}
