// EyesAndMouth: what shows between the lids and between the lips; the skin moves over it.
import Kernels

/// Paints eyeballs and the hollow of the mouth over a whole frame; only the parts between the margins are seen.
enum InnerLayers {
  /// Eyeballs: sclera, iris with its ring and fibres, pupil and the light's reflection.
  static func eyes(
    _ shape: FaceShape, _ look: FaceLook, side: Int, _ random: inout CounterRandom
  ) -> Canvas {
    let noise = NoiseLattice(&random)
    let gaze = (x: 0.010 * random.normal(), y: 0.006 * random.normal() - 0.004)
    let radius: Float = 0.068
    return Canvas(side: side) { x, y in
      let mirror: Float = x < 0 ? -1 : 1
      let localX = x - mirror * shape.eyeX - gaze.x
      let localY = y - shape.eyeY + 0.004 - gaze.y
      let distance = (localX * localX + localY * localY).squareRoot()
      let round = hill(x - mirror * shape.eyeX, y - shape.eyeY, 0.12, 0.085)
      let key = 0.55 + 0.30 * look.light.z + 0.9 * look.light.x * localX
      let lit = key * (0.45 + 0.55 * round)
      let fibres = noise.value(localX / (distance + 0.01) * 9, localY / (distance + 0.01) * 9)
      let iris = look.iris * (1 + 0.35 * fibres) * mix(1, 0.45, smoothStep(0.75 * radius, radius, distance))
      var tone = mix(iris, 0.62, smoothStep(radius - 0.010, radius + 0.008, distance))
      tone = mix(0.012, tone, smoothStep(0.024, 0.034, distance))
      let inner = hill(abs(x) - shape.eyeX + shape.eyeHalfWidth * 0.95, y - shape.eyeY, 0.02, 0.02)
      tone = mix(tone, look.skin * 0.6, inner)
      let spark = hill(localX - 0.55 * radius * look.light.x - 0.012, localY + 0.026, 0.0115, 0.0115)
      return tone * lit + 0.75 * spark
    }
  }

  /// The hollow of the mouth: dark, a row of upper teeth under the lip, a hint of tongue.
  static func mouth(_ shape: FaceShape, _ look: FaceLook, side: Int) -> Canvas {
    Canvas(side: side) { x, y in
      let depth = y - shape.mouthLine(x)
      let wide = smoothStep(shape.mouthHalfWidth * 0.9, shape.mouthHalfWidth * 0.45, abs(x))
      let gaps = 1 - 0.35 * hill(abs(sine(x * 52)), 0, 0.16, 1)
      let lipShadow = smoothStep(-0.004, 0.022, depth)
      let teeth = 0.46 * smoothStep(0.050, 0.036, depth) * lipShadow * wide * gaps
      let tongue = 0.055 * hill(x, depth - 0.17, 0.11, 0.05)
      return 0.014 + (teeth + tongue) * (0.5 + 0.5 * look.light.z)
    }
  }
}
