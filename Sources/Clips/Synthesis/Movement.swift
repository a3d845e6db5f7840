// Movement: how one action unit displaces the skin of one face.
//
// Idea: a few smooth hills of displacement centred on the participant's own landmarks. Where skin can part
// (lids, lips) there are two fields, one for the skin above the gap and one for the skin below; away
// from the gaps they agree. Displacements in face coordinates, x outwards, at full (macro) strength.

/// Displacement of the skin above (`up`) and below (`down`) the nearest gap.
struct SkinShift {
  var up = SIMD2<Float>(0, 0)
  var down = SIMD2<Float>(0, 0)

  /// Moves skin on both sides of the gap.
  mutating func both(_ weight: Float, _ x: Float, _ y: Float) {
    let shift = SIMD2(x, y) * weight
    up += shift
    down += shift
  }
}

/// The displacement field of an action unit on one half of a face; `x` is the distance from the middle.
struct Movement {
  let shape: FaceShape
  let unit: ActionUnit

  /// Displacement at (x, y) for x ≥ 0, x outwards.
  func shift(_ x: Float, _ y: Float) -> SkinShift {
    var shift = SkinShift()
    switch unit {
    case .innerBrowRaiser, .outerBrowRaiser, .browLowerer: brows(x, y, &shift)
    case .upperLidRaiser: shift.up.y -= 0.034 * aboveLid(x, y)
    case .blink: shift.up.y += blinkReach(x) * aboveLid(x, y, atCorners: true)
    case .lidTightener:
      shift.down.y -= 0.026 * belowLid(x, y)
      shift.up.y += 0.016 * aboveLid(x, y)
    case .cheekRaiser:
      shift.both(guarded(x, y) * hill(x - 0.37, y - 0.05, 0.16, 0.12), -0.012, -0.062)
      shift.down.y -= 0.018 * belowLid(x, y)
    case .noseWrinkler: nose(x, y, &shift)
    default: mouth(x, y, &shift)
    }
    return shift
  }

  private func brows(_ x: Float, _ y: Float, _ shift: inout SkinShift) {
    let lift = y - shape.browY
    let tall: Float = lift < 0 ? 0.17 : 0.075
    switch unit {
    case .innerBrowRaiser: shift.both(guarded(x, y) * hill(x - 0.15, lift, 0.13, tall), -0.004, -0.080)
    case .outerBrowRaiser: shift.both(guarded(x, y) * hill(x - 0.43, lift, 0.14, tall), 0.004, -0.078)
    default: shift.both(guarded(x, y) * hill(x - 0.15, lift, 0.17, lift < 0 ? 0.13 : 0.09), -0.034, 0.058)
    }
  }

  private func nose(_ x: Float, _ y: Float, _ shift: inout SkinShift) {
    shift.both(hill(x - shape.noseWidth, y - shape.noseY + 0.03, 0.10, 0.11), -0.006, -0.072)
    shift.both(hill(x - 0.06, y - shape.eyeY - 0.06, 0.09, 0.08), 0, -0.022)
    shift.both(hill(x - 0.12, y - shape.browY, 0.12, 0.09), -0.018, 0.030)
    shift.both(guarded(x, y) * hill(x - 0.27, y - 0.08, 0.12, 0.10), 0, -0.030)
    let lip = hill(x - 0.10, y - shape.mouthY + 0.09, 0.12, 0.08)
    shift.both(lip * 0.35, 0, -0.04)
    shift.up.y -= 0.026 * aboveLips(x, y)
  }

  private func mouth(_ x: Float, _ y: Float, _ shift: inout SkinShift) {
    let cornerX = x - shape.mouthHalfWidth
    let cornerY = y - shape.mouthY
    switch unit {
    case .lipCornerPuller:
      shift.both(hill(cornerX, cornerY, 0.16, 0.13), 0.066, -0.070)
      shift.both(hill(x - 0.36, y - 0.18, 0.13, 0.13), 0.020, -0.034)
    case .dimpler: shift.both(hill(cornerX, cornerY, 0.12, 0.10), 0.055, -0.004)
    case .lipCornerDepressor: shift.both(hill(cornerX - 0.01, cornerY - 0.02, 0.13, 0.12), 0.012, 0.066)
    case .lipStretcher: shift.both(hill(cornerX, cornerY - 0.01, 0.15, 0.12), 0.080, 0.018)
    case .lowerLipDepressor: shift.down.y += 0.062 * belowLips(x, y)
    case .lipTightener:
      shift.both(hill(cornerX, cornerY, 0.13, 0.10), -0.042, 0)
      shift.both(hill(x - 0.06, cornerY - 0.09, 0.14, 0.05), 0, -0.042)
      shift.both(hill(x - 0.06, cornerY + 0.07, 0.14, 0.045), 0, 0.026)
    case .lipsPart:
      shift.up.y -= 0.020 * aboveLips(x, y)
      shift.down.y += 0.036 * belowLips(x, y)
    default: jaw(x, y, &shift)
    }
  }

  /// The lower jaw with lip and chin sinks; between the corners the lips part fully, beyond them the cheek stretches.
  private func jaw(_ x: Float, _ y: Float, _ shift: inout SkinShift) {
    let below = y - shape.mouthLine(x)
    let soft = smoothStep(-0.17, 0.17, below)
    let open = shape.mouthOpening(x)
    let reach = hill(x, 0, 0.42, 1) * smoothStep(1.10, 0.52, y)
    shift.up.y += 0.155 * reach * mix(soft, 0, open * smoothStep(0.26, 0.06, below))
    shift.down.y += 0.155 * reach * mix(soft, 1, open * smoothStep(-0.26, -0.06, below))
    shift.both(hill(x - shape.mouthHalfWidth, below, 0.11, 0.12), -0.028, 0)
  }

  /// 0 on the eyeball, so that brows and cheeks do not drag the eye along.
  private func guarded(_ x: Float, _ y: Float) -> Float {
    1 - 0.85 * hill(x - shape.eyeX, y - shape.eyeY - 0.005, 0.14, 0.05)
  }

  /// 1 at the margin of the upper lid and below it, falling to 0 at the brow; 0 at the corners.
  private func aboveLid(_ x: Float, _ y: Float, atCorners: Bool = false) -> Float {
    let local = shape.eyeLocal(x)
    let span = atCorners ? (abs(local) < 1.15 ? 1 : 0) : max(0, 1 - local * local)
    guard span > 0 else { return 0 }
    return span * smoothStep(-0.125, 0, y - shape.upperLid(x)) * smoothStep(0.15, 0.07, y - shape.eyeY)
  }

  private func belowLid(_ x: Float, _ y: Float) -> Float {
    let local = shape.eyeLocal(x)
    let span = max(0, 1 - local * local)
    return span * smoothStep(0.13, 0, y - shape.lowerLid(x)) * smoothStep(-0.15, -0.08, y - shape.eyeY)
  }

  /// How far the upper lid has to come down to close the eye.
  private func blinkReach(_ x: Float) -> Float { 0.94 * (shape.lowerLid(x) - shape.upperLid(x)) }

  private func aboveLips(_ x: Float, _ y: Float) -> Float {
    let below = y - shape.mouthLine(x)
    return shape.mouthOpening(x) * smoothStep(-0.15, 0, below) * smoothStep(0.26, 0.06, below)
  }

  private func belowLips(_ x: Float, _ y: Float) -> Float {
    let below = y - shape.mouthLine(x)
    return shape.mouthOpening(x) * smoothStep(0.19, 0, below) * smoothStep(-0.15, -0.04, below)
  }
}
