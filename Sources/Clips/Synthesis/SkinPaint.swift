// SkinPaint: the reflectance of skin, lips, brows and lashes of one participant.
import Kernels

/// Paints the reflectance of a face at rest, light not yet on it.
struct SkinPaint {
  let shape: FaceShape
  let look: FaceLook
  private(set) var reflectance: Canvas

  init(_ shape: FaceShape, _ look: FaceLook, side: Int, _ random: inout CounterRandom) {
    self.shape = shape
    self.look = look
    let noise = NoiseLattice(&random)
    reflectance = Canvas(side: side) { x, y in Self.tone(shape, look, noise, x, y) }
    paintBrows(&random)
    paintLashes(&random)
  }

  private static func tone(
    _ shape: FaceShape, _ look: FaceLook, _ noise: NoiseLattice, _ x: Float, _ y: Float
  ) -> Float {
    let across = abs(x)
    let blotches = noise.layered(x * 5, y * 5, octaves: 3)
    let pores = noise.layered(x * 28, y * 28, octaves: 2)
    var tone = look.skin * (1 + look.mottling * (1.6 * blotches + 0.9 * pores))
    tone *= 1 - 0.10 * hill(across - 0.36, y - 0.14, 0.15, 0.12)
    tone *= 1 - 0.12 * hill(across - shape.eyeX + 0.02, y - shape.eyeY - 0.075, 0.11, 0.035)
    tone *= 1 - 0.10 * hill(across - shape.eyeX, y - shape.eyeY + 0.06, 0.13, 0.04)
    tone *= 1 - 0.07 * hill(across, y - shape.noseY, 0.09, 0.09)
    for mole in look.moles { tone *= 1 - 0.55 * hill(x - mole.x, y - mole.y, mole.radius, mole.radius) }
    tone *= stubble(shape, look, noise, x, y)
    let nostril = hill(across - 0.05, y - shape.noseY - 0.056 + 0.25 * (across - 0.05), 0.023, 0.014)
    tone *= 1 - 0.88 * nostril
    let fold = y - shape.upperLid(across) + shape.lidFold
    tone *= 1 - 0.32 * hill(across - shape.eyeX, fold, 0.10, 0.0085)
    return lips(shape, look, noise, x, y, over: tone)
  }

  private static func stubble(
    _ shape: FaceShape, _ look: FaceLook, _ noise: NoiseLattice, _ x: Float, _ y: Float
  ) -> Float {
    guard look.stubble > 0, y > shape.noseY else { return 1 }
    let beard = smoothStep(0.30, 0.50, y + 0.25 * abs(x)) * smoothStep(shape.chinY + 0.12, shape.chinY - 0.02, y)
    let moustache = hill(abs(x) - 0.1, y - shape.mouthY + 0.1, 0.12, 0.035)
    return 1 - look.stubble * max(beard, moustache) * (0.75 + 0.5 * noise.layered(x * 45, y * 45, octaves: 2))
  }

  private static func lips(
    _ shape: FaceShape, _ look: FaceLook, _ noise: NoiseLattice, _ x: Float, _ y: Float, over tone: Float
  ) -> Float {
    let across = abs(x)
    guard across < shape.mouthHalfWidth * 1.05 else { return tone }
    let upper = smoothStep(-0.012, 0.010, y - shape.upperLipEdge(x))
    let lower = smoothStep(0.014, -0.010, y - shape.lowerLipEdge(x))
    let inside = upper * lower * smoothStep(shape.mouthHalfWidth * 1.04, shape.mouthHalfWidth * 0.93, across)
    let wrinkles = 1 + 0.09 * noise.value(x * 42, y * 6)
    let shade = (y < shape.mouthLine(x) ? 0.86 : 1) * look.lip * wrinkles
    return tone * mix(1, shade, inside)
  }

  /// Many short hairs along each brow: upright at the inner end, lying flat at the outer.
  private mutating func paintBrows(_ random: inout CounterRandom) {
    for side in [Float(-1), 1] {
      for _ in 0..<Int(210 * look.browDensity) {
        let share = random.unit()
        let x = mix(shape.browStart, shape.browEnd, share)
        let thickness = shape.browThickness * smoothStep(0, 0.14, share + 0.05) * (1 - 0.72 * share * share)
        let y = shape.browLine(share) + (random.unit() * 2 - 1) * thickness
        let length = 0.05 + 0.02 * random.unit()
        let lean = mix(0.35, 1.0, smoothStep(0, 0.35, share)) + 0.15 * random.normal()
        let rise = mix(-0.9, 0.42, smoothStep(0, 0.9, share)) + 0.12 * random.normal()
        let norm = (lean * lean + rise * rise).squareRoot()
        let end = (x + length * lean / norm, y + length * rise / norm)
        stroke((side * x, y), (side * end.0, end.1), radius: 0.0075, tone: look.browTone, strength: 0.55)
      }
    }
  }

  /// The dark margin of the upper lid, and lashes that fan outwards; a faint margin below.
  private mutating func paintLashes(_ random: inout CounterRandom) {
    let pieces = 26
    for side in [Float(-1), 1] {
      for piece in 0..<pieces {
        let from = mix(-1, 1.06, Float(piece) / Float(pieces))
        let next = mix(-1, 1.06, Float(piece + 1) / Float(pieces))
        let x0 = shape.eyeX + from * shape.eyeHalfWidth
        let x1 = shape.eyeX + next * shape.eyeHalfWidth
        let start = (side * x0, shape.upperLid(x0) - 0.003)
        stroke(start, (side * x1, shape.upperLid(x1) - 0.003), radius: 0.013, tone: 0.03, strength: 0.8)
        let low = (side * x0, shape.lowerLid(x0) + 0.004)
        stroke(low, (side * x1, shape.lowerLid(x1) + 0.004), radius: 0.008, tone: look.skin * 0.55, strength: 0.35)
        let length = (0.022 + 0.012 * random.unit()) * (0.6 + 0.4 * max(from, 0))
        let tip = (side * (x0 + length * (0.25 + 0.75 * from)), start.1 - length * 0.55)
        stroke(start, tip, radius: 0.006, tone: 0.03, strength: 0.55)
      }
    }
  }

  /// A soft line from one point to another, drawn over what is there.
  private mutating func stroke(
    _ from: (Float, Float), _ to: (Float, Float), radius: Float, tone: Float, strength: Float
  ) {
    let side = reflectance.side
    let half = Float(side) / 2
    let columns = Int((min(from.0, to.0) - radius + 1) * half)...Int((max(from.0, to.0) + radius + 1) * half)
    let rows = Int((min(from.1, to.1) - radius + 1) * half)...Int((max(from.1, to.1) + radius + 1) * half)
    let alongX = to.0 - from.0
    let alongY = to.1 - from.1
    let square = max(alongX * alongX + alongY * alongY, 1e-9)
    for row in rows where row >= 0 && row < side {
      for column in columns where column >= 0 && column < side {
        let x = (Float(column) + 0.5) / half - 1 - from.0
        let y = (Float(row) + 0.5) / half - 1 - from.1
        let share = min(max((x * alongX + y * alongY) / square, 0), 1)
        let offX = x - share * alongX
        let offY = y - share * alongY
        let distance = (offX * offX + offY * offY).squareRoot()
        let cover = strength * smoothStep(radius, 0, distance) * (1 - 0.5 * share)
        let index = row * side + column
        reflectance.values[index] = mix(reflectance.values[index], min(tone, reflectance.values[index]), cover)
      }
    }
  }
}
