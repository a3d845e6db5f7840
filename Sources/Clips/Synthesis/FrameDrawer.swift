// FrameDrawer: one grey frame of one participant, warped from the portrait.
//
// Idea: a frame's pixel looks back to where its skin rests (fixed-point inversion of the displacement),
// once as skin above and once as skin below the gap it stands near; where neither covers it, the eyeball
// or the hollow of the mouth shows. Then camera and sensor: drift, gain, noise.
import Kernels

/// How the camera saw one frame.
struct Exposure {
  /// Movement of the head in the frame's plane: shift in face coordinates, angle in radians, growth.
  var shiftX: Float = 0
  var shiftY: Float = 0
  var angle: Float = 0
  var growth: Float = 0
  /// Factor of all brightness.
  var gain: Float = 1
  /// Deviation of the sensor noise in grey levels.
  var noise: Float = 0
}

/// Draws frames of one participant.
struct FrameDrawer {
  let portrait: Portrait
  let side: Int
  private let zones: [Zone]

  /// What kind of gap a pixel may stand near.
  private enum Zone: UInt8 { case skin, eye, mouth }

  init(_ portrait: Portrait, side: Int) {
    self.portrait = portrait
    self.side = side
    let shape = portrait.shape
    let step = 2 / Float(side)
    zones = (0..<(side * side)).map { index in
      let x = abs((Float(index % side) + 0.5) * step - 1)
      let y = (Float(index / side) + 0.5) * step - 1
      if abs(x - shape.eyeX) < shape.eyeHalfWidth + 0.05, abs(y - shape.eyeY) < 0.17 { return .eye }
      if x < shape.mouthHalfWidth + 0.14, y > shape.mouthY - 0.16, y < shape.mouthY + 0.32 { return .mouth }
      return .skin
    }
  }

  /// The frame's grey values, row by row, with the sensor noise of `random`.
  func draw(_ field: MotionField, _ exposure: Exposure, _ random: inout CounterRandom) -> [UInt8] {
    let tilt = SIMD2(cosine(exposure.angle), sine(exposure.angle)) / (1 + exposure.growth)
    let step = 2 / Float(side)
    let scale = 255 * exposure.gain
    var sensor = SensorNoise(deviation: exposure.noise)
    var frame = [UInt8](repeating: 0, count: side * side)
    field.shift.withUnsafeBufferPointer { shifts in
      field.shade.withUnsafeBufferPointer { shades in
        let skin = Skin(side: side, shifts: shifts, shades: shades)
        for index in frame.indices {
          let x = (Float(index % side) + 0.5) * step - 1 - exposure.shiftX
          let y = (Float(index / side) + 0.5) * step - 1 - exposure.shiftY
          let still = SIMD2(x * tilt.x + y * tilt.y, y * tilt.x - x * tilt.y)
          let value = brightness(skin, still, zones[index]) * scale + sensor.next(&random)
          frame[index] = UInt8(min(max(value + 0.5, 0), 255))
        }
      }
    }
    return frame
  }

  private func brightness(_ skin: Skin, _ point: SIMD2<Float>, _ zone: Zone) -> Float {
    let above = skin.restAbove(point)
    let upper = portrait.skin.sample(above.x, above.y) * (1 + skin.shade(above))
    guard zone != .skin else { return upper }
    let below = skin.restBelow(point)
    let lower = portrait.skin.sample(below.x, below.y) * (1 + skin.shade(below))
    let shape = portrait.shape
    let softness = 1.6 / Float(side)
    if zone == .mouth {
      let upperCover = cover(shape.mouthLine(above.x) - above.y, softness)
      let lowerCover = cover(below.y - shape.mouthLine(below.x), softness)
      let open = min(shape.mouthOpening(below.x) * 3, 1)
      let hollow = portrait.mouth.sample(above.x, point.y - (above.y < point.y ? (point.y - above.y) : 0))
      return mix(mix(mix(lower, hollow, open), lower, lowerCover), upper, upperCover)
    }
    let upperX = abs(above.x)
    let lowerX = abs(below.x)
    let upperCover = cover(shape.upperLid(upperX) - above.y, softness)
    let lowerCover = cover(below.y - shape.lowerLid(lowerX), softness)
    let local = shape.eyeLocal(upperX)
    let open = min(max(0, 1 - local * local) * 5, 1)
    let lidShadow = 1 - 0.38 * smoothStep(0.05, 0, above.y - shape.upperLid(upperX))
    let ball = portrait.eyes.sample(point.x, point.y) * lidShadow
    return mix(mix(mix(lower, ball, open), lower, lowerCover), upper, upperCover)
  }

  /// Coverage of a pixel by skin that ends `depth` away.
  @inline(__always)
  private func cover(_ depth: Float, _ softness: Float) -> Float {
    min(max(0.5 + depth / (2 * softness), 0), 1)
  }
}

/// A displacement field that is asked where a point's skin rests.
private struct Skin {
  let side: Int
  let shifts: UnsafeBufferPointer<SIMD4<Float>>
  let shades: UnsafeBufferPointer<Float>
  private static let steps = 4

  /// Rest place of skin above the gap that is now at `point`.
  @inline(__always)
  func restAbove(_ point: SIMD2<Float>) -> SIMD2<Float> {
    var rest = point
    for _ in 0..<Self.steps {
      rest = point - BilinearSpot(rest.x, rest.y, side: side).value(in: shifts).lowHalf
    }
    return rest
  }

  /// Rest place of skin below the gap that is now at `point`.
  @inline(__always)
  func restBelow(_ point: SIMD2<Float>) -> SIMD2<Float> {
    var rest = point
    for _ in 0..<Self.steps {
      rest = point - BilinearSpot(rest.x, rest.y, side: side).value(in: shifts).highHalf
    }
    return rest
  }

  /// Change of brightness by folds at a place at rest.
  @inline(__always)
  func shade(_ rest: SIMD2<Float>) -> Float { BilinearSpot(rest.x, rest.y, side: side).value(in: shades) }
}

/// Nearly normal noise, one draw a pixel: the sum of the eight bytes of a random word.
struct SensorNoise {
  private let scale: Float

  /// Noise of `deviation` grey levels.
  init(deviation: Float) {
    // Variance of a uniform byte is (256² - 1) / 12; eight of them add up.
    scale = deviation / (8 * Float(65_535) / 12).squareRoot()
  }

  /// The next pixel's noise.
  @inline(__always)
  mutating func next(_ random: inout CounterRandom) -> Float {
    var word = random.next()
    word = (word & 0x00FF_00FF_00FF_00FF) &+ ((word >> 8) & 0x00FF_00FF_00FF_00FF)
    word = (word & 0x0000_FFFF_0000_FFFF) &+ ((word >> 16) & 0x0000_FFFF_0000_FFFF)
    let sum = Int(truncatingIfNeeded: (word &+ (word >> 32)) & 0xFFFF)
    return Float(sum - 1020) * scale
  }
}
