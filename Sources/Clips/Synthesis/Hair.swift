// Hair: cap, curtain or fringe of one participant, and the scene behind the head.
import Kernels

/// Hair and background over a frame.
struct Hair {
  private let shape: FaceShape
  private let look: FaceLook
  private let noise: NoiseLattice
  private let parting: Float

  init(_ shape: FaceShape, _ look: FaceLook, _ random: inout CounterRandom) {
    self.shape = shape
    self.look = look
    noise = NoiseLattice(&random)
    parting = 0.35 * (random.unit() * 2 - 1)
  }

  /// Share of the pixel that is hair.
  func cover(_ x: Float, _ y: Float, contour: Float) -> Float {
    let strands = 0.04 * noise.value(x * 24, y * 4) + 0.06 * noise.value(x * 7, y * 2)
    let edge = y - hairline(x) + strands
    let cap = smoothStep(0.035, -0.035, edge)
    let across = abs(x)
    let outer = smoothStep(0.96, 0.90, across - strands)
    let flank: Float
    switch look.hair {
    case .long:
      // Locks fall straight past the jaw, they do not follow it to the chin.
      let inner = 0.93 * (y < 0.35 ? contour : max(contour, 0.86 * shape.halfWidth))
      flank = smoothStep(inner - 0.02, inner + 0.05, across + strands) * outer
    case .short, .fringe, .receding:
      let inner = contour * 0.96
      let burns = smoothStep(0.02, -0.12, y) * smoothStep(inner - 0.03, inner + 0.02, across + strands)
      flank = burns * smoothStep(contour + 0.10, contour + 0.06, across)
    }
    let crown = crown(x, y)
    return max(cap * (look.hair == .long ? max(crown, smoothStep(-0.6, -0.4, y) * outer) : crown), flank)
  }

  /// 1 inside the outline of the hair over the head, 0 outside.
  private func crown(_ x: Float, _ y: Float) -> Float {
    let sideways = x / (shape.halfWidth + 0.12)
    let above = min(y + 0.2, 0) / 0.98
    return smoothStep(1.02, 0.96, (sideways * sideways + above * above).squareRoot())
  }

  private func hairline(_ x: Float) -> Float {
    let across = abs(x)
    switch look.hair {
    case .short: return shape.hairlineY + 0.95 * across * across * across
    case .long: return min(shape.hairlineY + 0.8 * abs(x - parting) * abs(x - parting), shape.browY - 0.12)
    case .receding:
      let temples = 0.16 * hill(across - 0.36, 0, 0.12, 1)
      return shape.hairlineY - 0.06 - temples + 1.3 * across * across * across * across
    case .fringe: return shape.hairlineY + 0.15 + 0.5 * across * across
    }
  }

  /// How bright the hair is: strands, and a band of gloss where the head turns to the light.
  func tone(_ x: Float, _ y: Float) -> Float {
    let radial = x / (y + 1.75)
    let fromCrown = look.hair == .long ? mix(radial, 0.75 * x, smoothStep(-0.7, 0.1, y)) : radial
    let strands = noise.layered(fromCrown * 46, y * 3.5, octaves: 2)
    let band = hill(x - 0.45 * look.light.x, y + 0.86, 0.4, 0.10)
    let side = 0.8 + 0.5 * look.light.x * x
    return look.hairTone * (1.1 + 1.1 * strands) * side + 0.10 * band * (0.4 + max(strands, -0.3))
  }

  /// The wall behind: a slow gradient and soft stains.
  func background(_ x: Float, _ y: Float) -> Float {
    look.background * (1 + 0.18 * noise.layered(x * 0.9 + 7, y * 0.9, octaves: 2) - 0.10 * y + 0.12 * look.light.x * x)
  }
}
