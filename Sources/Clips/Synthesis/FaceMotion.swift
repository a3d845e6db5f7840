// FaceMotion: the displacement fields of all action units of one participant, sampled on the frame's grid.

/// Fields of a weighted sum of action units: what the frame drawer warps with.
struct MotionField {
  /// Displacement of the skin above and below the nearest gap: (up.x, up.y, down.x, down.y).
  var shift: [SIMD4<Float>]
  /// Relative change of display brightness by folds.
  var shade: [Float]

  init(pixels: Int) {
    shift = [SIMD4<Float>](repeating: .zero, count: pixels)
    shade = [Float](repeating: 0, count: pixels)
  }

  /// Adds `weight` times `other`.
  mutating func add(_ other: MotionField, weight: Float) {
    for index in shift.indices { shift[index] += weight * other.shift[index] }
    for index in shade.indices { shade[index] += weight * other.shade[index] }
  }
}

/// Every action unit's field on each half of one face.
struct FaceMotion {
  let side: Int
  private let fields: [[MotionField]]

  init(_ portrait: Portrait, side: Int) {
    self.side = side
    fields = ActionUnit.allCases.map { unit in
      [Float(-1), 1].map { Self.field(portrait, unit, mirror: $0, side: side) }
    }
  }

  /// The field of `unit` on the left (image left) or right half.
  func field(_ unit: ActionUnit, isRight: Bool) -> MotionField {
    guard let index = ActionUnit.allCases.firstIndex(of: unit) else { return MotionField(pixels: side * side) }
    return fields[index][isRight ? 1 : 0]
  }

  private static func field(_ portrait: Portrait, _ unit: ActionUnit, mirror: Float, side: Int) -> MotionField {
    let movement = Movement(shape: portrait.shape, unit: unit)
    let wrinkles = Wrinkles(shape: portrait.shape, unit: unit)
    var field = MotionField(pixels: side * side)
    let step = 2 / Float(side)
    for row in 0..<side {
      let y = (Float(row) + 0.5) * step - 1
      for column in 0..<side {
        let x = (Float(column) + 0.5) * step - 1
        // The two halves share the middle smoothly, or a one-sided movement would tear the face.
        let share = smoothStep(-0.07, 0.07, x * mirror)
        guard share > 0 else { continue }
        let shift = movement.shift(abs(x), y)
        let outwards: Float = x < 0 ? -1 : 1
        let index = row * side + column
        let centred = min(abs(x) / 0.06, 1)
        field.shift[index] =
          share * SIMD4(outwards * centred * shift.up.x, shift.up.y, outwards * centred * shift.down.x, shift.down.y)
        field.shade[index] = share * shade(portrait, wrinkles, x, y, index: index, side: side)
      }
    }
    return field
  }

  /// Brightness of a fold: slopes towards the light gain, hollows lose.
  private static func shade(
    _ portrait: Portrait, _ wrinkles: Wrinkles, _ x: Float, _ y: Float, index: Int, side: Int
  ) -> Float {
    let reach: Float = 0.006
    let height = wrinkles.height(abs(x), y)
    let slopeX = (wrinkles.height(abs(x + reach), y) - wrinkles.height(abs(x - reach), y)) / (2 * reach)
    let slopeY = (wrinkles.height(abs(x), y + reach) - wrinkles.height(abs(x), y - reach)) / (2 * reach)
    let light = portrait.look.light
    let diffuse = max(portrait.shading.diffuse.sample(x, y), 0.25)
    let tilt = -0.3 * (slopeX * light.x + slopeY * light.y) / diffuse
    let bare = 1 - portrait.hairCover.sample(x, y)
    return bare * min(max(tilt + 5 * min(height, 0), -0.5), 0.4)
  }
}
