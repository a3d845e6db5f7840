// Portrait: one participant at rest, drawn once at twice the resolution; every frame is warped from it.

import Kernels

/// The drawn layers of a face at rest, in display values from 0 to 1.
struct Portrait {
  let shape: FaceShape
  let look: FaceLook
  /// Skin, brows, lips, hair and background; skin goes on where eyes and mouth opening will be.
  let skin: Canvas
  /// Eyeballs, seen between the lids.
  let eyes: Canvas
  /// The hollow of the mouth, seen between the lips.
  let mouth: Canvas
  let shading: FaceShading
  /// Share of each pixel that is hair: folds do not show through it.
  let hairCover: Canvas

  /// Draws participant `subject` of the study `seed` for frames of `side` pixels.
  init(seed: UInt64, subject: Int, side: Int) {
    var random = CounterRandom(key: seed, stream: UInt64(subject) << 16)
    shape = FaceShape(&random)
    look = FaceLook(&random)
    let fine = 2 * side
    let relief = FaceRelief(shape, side: fine)
    shading = FaceShading(relief.height, look)
    let paint = SkinPaint(shape, look, side: fine, &random)
    let hair = Hair(shape, look, &random)
    let smoothing = Float(fine) / 250
    let shape = self.shape
    let cover = Canvas(side: fine) { x, y in hair.cover(x, y, contour: shape.contour(y)) }
    hairCover = cover
    skin = Self.assemble(shape, shading, paint.reflectance, hair, cover).blurred(deviation: smoothing)
    eyes = Self.display(InnerLayers.eyes(shape, look, side: fine, &random)).blurred(deviation: smoothing)
    mouth = Self.display(InnerLayers.mouth(shape, look, side: fine)).blurred(deviation: smoothing)
  }

  private static func assemble(
    _ shape: FaceShape, _ shading: FaceShading, _ reflectance: Canvas, _ hair: Hair, _ cover: Canvas
  ) -> Canvas {
    let side = reflectance.side
    let step = 2 / Float(side)
    var result = reflectance
    for row in 0..<side {
      let y = (Float(row) + 0.5) * step - 1
      let contour = shape.contour(y)
      for column in 0..<side {
        let x = (Float(column) + 0.5) * step - 1
        let index = row * side + column
        var light = reflectance.values[index] * shading.diffuse.values[index] * 1.15 + shading.gloss.values[index]
        let body = max(contour, y > 0.4 ? 0.46 : 0)
        let covered = max(smoothStep(body + 0.008, body - 0.012, abs(x)), shape.ear(abs(x), y))
        light = mix(hair.background(x, y), light, covered)
        light = mix(light, hair.tone(x, y), cover.values[index])
        result.values[index] = light
      }
    }
    return display(result)
  }

  /// Scene light to display value: a camera's curve, here a square root, with a soft shoulder.
  private static func display(_ plane: Canvas) -> Canvas {
    var result = plane
    for index in result.values.indices {
      let value = max(plane.values[index], 0).squareRoot()
      result.values[index] = value < 0.85 ? value : 0.85 + (value - 0.85) / (1 + 6 * (value - 0.85))
    }
    return result
  }
}
