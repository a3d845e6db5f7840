// Own exponential and logarithm against libm in Double.

import Glibc
import Kernels
import Testing

@Suite("elementary functions")
struct ElementaryFunctionsTests {
  /// Method: every 997th float from the smallest subnormal to infinity; error in ulps of the Float result.
  @Test("the logarithm errs by less than 0.51 ulp everywhere")
  func logarithm() {
    var worst = 0.0
    for pattern in stride(from: UInt32(1), to: 0x7F80_0000, by: 997) {
      let x = Float(bitPattern: pattern)
      worst = max(worst, ulps(Kernels.naturalLog(x), Glibc.log(Double(x))))
    }
    print("logarithm: worst error \(worst) ulp")
    #expect(worst < 0.51)
  }

  @Test("the exponential errs by less than 0.51 ulp everywhere")
  func exponentials() {
    var worst = 0.0
    for step in -1_040_000...887_000 {
      let x = Float(step) * 1e-4
      worst = max(worst, ulps(Kernels.exponential(x), Glibc.exp(Double(x))))
    }
    print("exponential: worst error \(worst) ulp")
    #expect(worst < 0.51)
  }

  @Test("both are good to 1e-15 in Double")
  func doubles() {
    var worst = (exponential: 0.0, logarithm: 0.0)
    for step in 1...100_000 {
      let x = Double(step) * 0.0137 - 700
      worst.exponential = max(worst.exponential, abs(exponential(x) / Glibc.exp(x) - 1))
      let y = Double(step) * 0.0021
      worst.logarithm = max(worst.logarithm, abs(naturalLog(y) - Glibc.log(y)) / max(abs(Glibc.log(y)), 1e-9))
    }
    print("in Double: worst relative errors \(worst)")
    #expect(worst.exponential < 1e-15 && worst.logarithm < 1e-15)
  }

  @Test("limits, zeros and NaN")
  func limits() {
    #expect(exponential(Float(0)) == 1 && exponential(Float(1_000)) == .infinity && exponential(Float(-1_000)) == 0)
    #expect(exponential(-Float.infinity) == 0 && exponential(Float.infinity) == .infinity)
    #expect(exponential(Float.nan).isNaN && naturalLog(Float.nan).isNaN && naturalLog(Float(-1)).isNaN)
    #expect(naturalLog(Float(1)) == 0 && naturalLog(Float(0)) == -.infinity && naturalLog(Float.infinity) == .infinity)
  }

  @Test("arrays have the same bits as single numbers")
  func arrays() {
    let x = numbers(37, stream: 1).map { 20 * $0 }
    var y = x
    exponential(x, count: 37, into: &y)
    #expect(bits(y) == bits(x.map { exponential($0) }))
    var z = y
    naturalLog(y, count: 37, into: &z)
    #expect(bits(z) == bits(y.map { naturalLog($0) }))
  }

  private func ulps(_ ours: Float, _ exact: Double) -> Double {
    if Float(exact) == ours { return abs(Double(ours) - exact) / Double(ours.magnitude.ulp) }
    return abs(Double(ours) - exact) / Double(max(Float(exact.magnitude).ulp, Float.leastNonzeroMagnitude))
  }
}
