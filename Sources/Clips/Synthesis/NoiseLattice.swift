// NoiseLattice: smooth random fields (value noise), the material of skin, hair and background.
import Kernels

/// A periodic lattice of random values, read with smooth interpolation.
struct NoiseLattice {
  private static let size = 64
  private let values: [Float]

  /// Draws the lattice; values from -1 to 1.
  init(_ random: inout CounterRandom) {
    values = (0..<(Self.size * Self.size)).map { _ in random.unit() * 2 - 1 }
  }

  /// Noise at (x, y), one feature per unit of length.
  func value(_ x: Float, _ y: Float) -> Float {
    let column = x.rounded(.down)
    let row = y.rounded(.down)
    let shareX = smoothStep(0, 1, x - column)
    let shareY = smoothStep(0, 1, y - row)
    let mask = Self.size - 1
    let left = Int(column) & mask
    let top = (Int(row) & mask) * Self.size
    let right = (left + 1) & mask
    let bottom = ((Int(row) + 1) & mask) * Self.size
    let upper = mix(values[top + left], values[top + right], shareX)
    let lower = mix(values[bottom + left], values[bottom + right], shareX)
    return mix(upper, lower, shareY)
  }

  /// Sum of `octaves` layers, each twice as fine and half as strong.
  func layered(_ x: Float, _ y: Float, octaves: Int) -> Float {
    var sum: Float = 0
    var strength: Float = 0.5
    var scale: Float = 1
    for octave in 0..<octaves {
      let shift = Float(octave) * 17.3
      sum += strength * value(x * scale + shift, y * scale - shift)
      strength *= 0.5
      scale *= 2
    }
    return sum
  }
}
