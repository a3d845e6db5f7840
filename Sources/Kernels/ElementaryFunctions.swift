// Exponential and logarithm of our own, so that every machine gives the same bits.
//
// libm chooses its code by processor, ours does not: plain IEEE additions, multiplications and divisions in Double,
// never fused. The Float functions round the Double result once, so they err by hardly more than half an ulp.

/// e^x, relative error about 1e-15. Overflows to infinity, underflows to zero (or a subnormal), keeps NaN.
public func exponential(_ x: Double) -> Double {
  if x.isNaN { return x }
  if x > 709.8 { return .infinity }
  if x < -745.2 { return 0 }
  let whole = (x * 1.4426950408889634).rounded(.toNearestOrEven)
  // ln 2 in two parts; the first has trailing zeros, so that whole * high is exact.
  let rest = (x - whole * 6.93147180369123816490e-01) - whole * 1.90821492927058770002e-10
  var sum = 1.0 / 6_227_020_800
  for factor in inverseFactorials { sum = sum * rest + factor }
  let power = Int(whole)
  // In two steps, since 2^power alone may lie outside the normal range.
  return sum * powerOfTwo(power / 2) * powerOfTwo(power - power / 2)
}

/// ln x, relative error about 1e-15. Minus infinity at zero, NaN below, infinity at infinity.
public func naturalLog(_ x: Double) -> Double {
  if x.isNaN || x < 0 { return .nan }
  if x == 0 { return -.infinity }
  if x == .infinity { return x }
  var power = Double(x.exponent)
  var mantissa = x.significand
  if mantissa > 1.4142135623730951 {
    mantissa *= 0.5
    power += 1
  }
  // ln m = 2 artanh s with s = (m - 1) / (m + 1), |s| < 0.172: the series falls by 34 with every term.
  let s = (mantissa - 1) / (mantissa + 1)
  let square = s * s
  var sum = 0.0
  for divisor in stride(from: 23.0, through: 3.0, by: -2.0) { sum = (sum + 1 / divisor) * square }
  let small = 2 * s + 2 * s * sum
  return power * 6.93147180369123816490e-01 + (power * 1.90821492927058770002e-10 + small)
}

/// e^x in Float, error under 0.51 ulp.
public func exponential(_ x: Float) -> Float { Float(exponential(Double(x))) }

/// ln x in Float, error under 0.51 ulp.
public func naturalLog(_ x: Float) -> Float { Float(naturalLog(Double(x))) }

/// e^x of every element, the same bits as one by one.
public func exponential(_ x: UnsafePointer<Float>, count: Int, into y: UnsafeMutablePointer<Float>) {
  for place in 0..<count { y[place] = exponential(x[place]) }
}

/// ln x of every element, the same bits as one by one.
public func naturalLog(_ x: UnsafePointer<Float>, count: Int, into y: UnsafeMutablePointer<Float>) {
  for place in 0..<count { y[place] = naturalLog(x[place]) }
}

/// 1/12!, 1/11!, … 1/0!: the rest of the series, highest power first.
private let inverseFactorials: [Double] = [
  1.0 / 479_001_600, 1.0 / 39_916_800, 1.0 / 3_628_800, 1.0 / 362_880, 1.0 / 40_320, 1.0 / 5_040, 1.0 / 720, 1.0 / 120,
  1.0 / 24, 1.0 / 6, 0.5, 1, 1,
]

/// 2^power for normal results.
private func powerOfTwo(_ power: Int) -> Double { Double(bitPattern: UInt64(power + 1023) << 52) }
