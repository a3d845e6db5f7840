// Wrinkles: the folds and bulges that an action unit raises on the skin, as a change of brightness.

/// Relief of the folds of an action unit, heights in face coordinates at full strength.
struct Wrinkles {
  let shape: FaceShape
  let unit: ActionUnit

  /// Change of height at distance `x` from the middle line.
  func height(_ x: Float, _ y: Float) -> Float {
    let lift = y - shape.browY
    switch unit {
    case .innerBrowRaiser: return forehead(lift) * smoothStep(0.34, 0.12, x)
    case .outerBrowRaiser: return forehead(lift) * smoothStep(0.18, 0.34, x) * smoothStep(0.62, 0.45, x)
    case .browLowerer:
      return -0.017 * hill(x - 0.055, lift - 0.01, 0.013, 0.06) + 0.012 * hill(x - 0.10, lift, 0.035, 0.05)
    case .cheekRaiser: return crowsFeet(x, y) + 0.022 * hill(x - 0.32, y - 0.0, 0.12, 0.05)
    case .noseWrinkler:
      let ridges = sine((y - shape.eyeY) * 95) * 0.007 * hill(x - 0.03, y - shape.eyeY - 0.03, 0.06, 0.05)
      return ridges + fold(x, y, depth: 0.010)
    case .lipCornerPuller:
      return fold(x, y, depth: 0.016) + 0.028 * hill(x - 0.35, y - 0.16, 0.11, 0.09)
    case .lipCornerDepressor, .lipStretcher:
      let groove = hill(x - shape.mouthHalfWidth - 0.035, y - shape.mouthY - 0.05, 0.016, 0.06)
      return -0.014 * groove + 0.012 * hill(x, y - shape.chinY + 0.15, 0.09, 0.05)
    case .dimpler: return -0.016 * hill(x - shape.mouthHalfWidth - 0.05, y - shape.mouthY, 0.014, 0.045)
    case .jawDrop: return fold(x, y, depth: 0.007)
    default: return 0
    }
  }

  private func forehead(_ lift: Float) -> Float {
    -0.010 * (hill(0, lift + 0.12, 1, 0.012) + hill(0, lift + 0.19, 1, 0.012) + 0.7 * hill(0, lift + 0.26, 1, 0.012))
  }

  private func crowsFeet(_ x: Float, _ y: Float) -> Float {
    let outwards = x - shape.eyeX - shape.eyeHalfWidth - 0.02
    let spread = (y - shape.eyeY) / (0.35 + max(outwards, 0) * 4)
    let lines = hill(0, spread - 0.10, 1, 0.02) + hill(0, spread, 1, 0.02) + hill(0, spread + 0.10, 1, 0.02)
    return -0.008 * lines * hill(outwards - 0.05, 0, 0.04, 1)
  }

  /// The fold from the wing of the nose to beyond the corner of the mouth.
  private func fold(_ x: Float, _ y: Float, depth: Float) -> Float {
    let down = y - shape.noseY
    let line = shape.noseWidth + 0.03 + 0.75 * down - 0.7 * down * down
    let span = smoothStep(shape.noseY - 0.05, shape.noseY + 0.06, y)
    return depth * (0.8 * hill(x - line - 0.045, 0, 0.035, 1) - hill(x - line, 0, 0.022, 1)) * span
      * smoothStep(shape.mouthY + 0.08, shape.mouthY - 0.08, y)
  }
}
