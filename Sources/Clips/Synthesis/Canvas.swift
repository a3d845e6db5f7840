// Canvas: a square field of floats in face coordinates, and the few curves that drawing needs.
//
// Face coordinates: x to the right and y downwards, both from -1 to 1 over the frame, so a unit is half
// a side whatever the resolution. Only +, -, *, / and square roots beside Kernels' own exponential:
// the same bits on every processor.
import Kernels

/// A square field of floats; pixel (i, j) stands at face coordinates ((i + ½) · 2 / side - 1, …).
struct Canvas {
  let side: Int
  var values: [Float]

  init(side: Int, filledWith value: Float = 0) {
    self.side = side
    values = [Float](repeating: value, count: side * side)
  }

  /// Evaluates `value` at every pixel's face coordinates.
  init(side: Int, _ value: (_ x: Float, _ y: Float) -> Float) {
    self.side = side
    let step = 2 / Float(side)
    values = [Float](unsafeUninitializedCapacity: side * side) { buffer, count in
      for row in 0..<side {
        let y = (Float(row) + 0.5) * step - 1
        for column in 0..<side {
          buffer[row * side + column] = value((Float(column) + 0.5) * step - 1, y)
        }
      }
      count = side * side
    }
  }

  /// The value at pixel (column, row), held at the border.
  func at(_ column: Int, _ row: Int) -> Float {
    values[min(max(row, 0), side - 1) * side + min(max(column, 0), side - 1)]
  }

  /// Bilinear value at face coordinates, held at the border.
  func sample(_ x: Float, _ y: Float) -> Float {
    let spot = BilinearSpot(x, y, side: side)
    return values.withUnsafeBufferPointer { spot.value(in: $0) }
  }

  /// Gaussian blur, `deviation` in pixels; the border is held.
  func blurred(deviation: Float) -> Canvas {
    let reach = max(1, Int(3 * deviation))
    var weights = (-reach...reach).map { exponential(-Float($0 * $0) / (2 * deviation * deviation)) }
    let sum = weights.reduce(0, +)
    for index in weights.indices { weights[index] /= sum }
    return filteredTransposed(weights).filteredTransposed(weights)
  }

  /// Filters along rows and writes the result transposed, so that two calls are a separable filter.
  private func filteredTransposed(_ weights: [Float]) -> Canvas {
    let reach = weights.count / 2
    var result = Canvas(side: side)
    var line = [Float](repeating: 0, count: side + 2 * reach)
    for row in 0..<side {
      for index in line.indices { line[index] = at(index - reach, row) }
      for column in 0..<side {
        var sum: Float = 0
        for tap in weights.indices { sum += weights[tap] * line[column + tap] }
        result.values[column * side + row] = sum
      }
    }
    return result
  }
}

/// Where face coordinates fall between four pixels of a square grid.
struct BilinearSpot {
  let corner: Int
  let right: Int
  let below: Int
  let fractionX: Float
  let fractionY: Float

  @inline(__always)
  init(_ x: Float, _ y: Float, side: Int) {
    let last = Float(side - 1)
    let column = min(max((x + 1) * 0.5 * Float(side) - 0.5, 0), last)
    let row = min(max((y + 1) * 0.5 * Float(side) - 0.5, 0), last)
    let left = min(Int(column), side - 2)
    let top = min(Int(row), side - 2)
    corner = top * side + left
    right = 1
    below = side
    fractionX = column - Float(left)
    fractionY = row - Float(top)
  }

  @inline(__always)
  func value(in field: UnsafeBufferPointer<Float>) -> Float {
    let upper = field[corner] + fractionX * (field[corner + right] - field[corner])
    let lower =
      field[corner + below] + fractionX * (field[corner + below + right] - field[corner + below])
    return upper + fractionY * (lower - upper)
  }

  @inline(__always)
  func value(in field: UnsafeBufferPointer<SIMD4<Float>>) -> SIMD4<Float> {
    let upper = field[corner] + fractionX * (field[corner + right] - field[corner])
    let lower =
      field[corner + below] + fractionX * (field[corner + below + right] - field[corner + below])
    return upper + fractionY * (lower - upper)
  }
}

/// 0 below `low`, 1 above `high`, smooth between; `low > high` falls instead.
@inline(__always)
func smoothStep(_ low: Float, _ high: Float, _ value: Float) -> Float {
  let t = min(max((value - low) / (high - low), 0), 1)
  return t * t * (3 - 2 * t)
}

/// `from` at 0, `to` at 1.
@inline(__always)
func mix(_ from: Float, _ to: Float, _ share: Float) -> Float { from + (to - from) * share }

/// exp(-(x/radiusX)²/2 - (y/radiusY)²/2): a smooth hill of height 1.
@inline(__always)
func hill(_ x: Float, _ y: Float, _ radiusX: Float, _ radiusY: Float) -> Float {
  let a = x / radiusX
  let b = y / radiusY
  let square = a * a + b * b
  return square > 40 ? 0 : exponential(-0.5 * square)
}

/// base^exponent for base > 0.
func power(_ base: Float, _ exponent: Float) -> Float {
  base <= 0 ? 0 : exponential(exponent * naturalLog(base))
}

/// Sine by its series on -π…π after folding; error below 1e-5.
func sine(_ angle: Float) -> Float {
  let turn: Float = 6.283_185_5
  let folded = angle - turn * (angle / turn).rounded(.toNearestOrEven)
  let near = folded > turn / 4 ? turn / 2 - folded : (folded < -turn / 4 ? -turn / 2 - folded : folded)
  let square = near * near
  return near * (1 - square / 6 * (1 - square / 20 * (1 - square / 42 * (1 - square / 72))))
}

/// Cosine, as `sine`.
func cosine(_ angle: Float) -> Float { sine(angle + 1.570_796_4) }
