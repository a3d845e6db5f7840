// FaceShape: where one participant's brows, eyes, nose, mouth and contour are.
//
// All lengths in face coordinates (half a frame side = 1, y downwards). Eyes stand near fixed places:
// layout `folders` promises aligned faces. Everything else differs from person to person.
import Kernels

/// The geometry of one face at rest.
struct FaceShape {
  var halfWidth: Float = 0.66
  var top: Float = -1.02
  var chinY: Float = 0.86
  var jaw: Float = 0.55
  var hairlineY: Float = -0.70
  var eyeX: Float = 0.30
  var eyeY: Float = -0.17
  var eyeHalfWidth: Float = 0.135
  var eyeOpenUp: Float = 0.060
  var eyeOpenDown: Float = 0.028
  var eyeTilt: Float = 0.008
  var lidFold: Float = 0.035
  var browY: Float = -0.345
  var browStart: Float = 0.115
  var browEnd: Float = 0.48
  var browArch: Float = 0.035
  var browDroop: Float = 0.04
  var browThickness: Float = 0.032
  var noseY: Float = 0.15
  var noseWidth: Float = 0.115
  var noseHeight: Float = 0.17
  var mouthY: Float = 0.43
  var mouthHalfWidth: Float = 0.225
  var mouthCurve: Float = 0
  var upperLip: Float = 0.05
  var lowerLip: Float = 0.065
  var cheekbone: Float = 0.05
  var earSize: Float = 1

  /// The mean face.
  init() {}

  /// A face of its own: each measure varies about the mean by the deviation written beside it.
  init(_ random: inout CounterRandom) {
    func vary(_ value: inout Float, by deviation: Float) {
      value += deviation * min(max(random.normal(), -1.7), 1.7)
    }
    vary(&halfWidth, by: 0.035)
    vary(&chinY, by: 0.025)
    vary(&jaw, by: 0.07)
    vary(&hairlineY, by: 0.05)
    vary(&eyeX, by: 0.01)
    vary(&eyeY, by: 0.012)
    vary(&eyeHalfWidth, by: 0.008)
    vary(&eyeOpenUp, by: 0.007)
    vary(&eyeOpenDown, by: 0.004)
    vary(&eyeTilt, by: 0.01)
    vary(&lidFold, by: 0.008)
    vary(&browY, by: 0.02)
    vary(&browStart, by: 0.012)
    vary(&browEnd, by: 0.02)
    vary(&browArch, by: 0.012)
    vary(&browDroop, by: 0.015)
    vary(&browThickness, by: 0.007)
    vary(&noseY, by: 0.02)
    vary(&noseWidth, by: 0.012)
    vary(&noseHeight, by: 0.02)
    vary(&mouthY, by: 0.018)
    vary(&mouthHalfWidth, by: 0.016)
    vary(&mouthCurve, by: 0.008)
    vary(&upperLip, by: 0.011)
    vary(&lowerLip, by: 0.013)
    vary(&cheekbone, by: 0.015)
    vary(&earSize, by: 0.1)
  }

  /// Half the width of the face at height `y`; 0 outside.
  func contour(_ y: Float) -> Float {
    let widest: Float = -0.12
    if y <= top || y >= chinY { return 0 }
    if y < widest {
      let t = (widest - y) / (widest - top)
      return halfWidth * power(1 - power(t, 2.4), 0.5)
    }
    let t = (y - widest) / (chinY - widest)
    return halfWidth * power(1 - power(t, 2.35 + jaw), 0.56)
  }

  /// Height of the middle of the ears.
  var earY: Float { (eyeY + noseY) / 2 }

  /// How far an ear covers the background at distance `x` from the middle line; 1 well inside.
  func ear(_ x: Float, _ y: Float) -> Float {
    let a = (x - halfWidth - 0.01) / (0.075 * earSize)
    let b = (y - earY - 0.35 * (x - halfWidth) * -1) / (0.20 * earSize)
    return smoothStep(1.1, 0.85, (a * a + b * b).squareRoot())
  }

  /// Whether an ear is there.
  func isEar(_ x: Float, _ y: Float) -> Bool { ear(x, y) > 0 }

  /// Height of the brow's middle line at `share` (0 inner end, 1 outer end).
  func browLine(_ share: Float) -> Float {
    browY - browArch * 4 * share * (1 - share) + browDroop * share * share
  }

  /// Local abscissa of an eye: -1 at the inner, 1 at the outer corner. `x` is the distance from the middle.
  @inline(__always)
  func eyeLocal(_ x: Float) -> Float { (x - eyeX) / eyeHalfWidth }

  /// Margin of the upper lid at distance `x` from the middle line; beyond the corners both lids meet.
  @inline(__always)
  func upperLid(_ x: Float) -> Float {
    let local = eyeLocal(x)
    let arch = max(0, 1 - local * local) * (1 - 0.16 * local)
    return eyeY - eyeTilt * local - eyeOpenUp * arch
  }

  /// Margin of the lower lid.
  @inline(__always)
  func lowerLid(_ x: Float) -> Float {
    let local = eyeLocal(x)
    let arch = max(0, 1 - local * local) * (1 + 0.22 * local)
    return eyeY - eyeTilt * local + eyeOpenDown * arch
  }

  /// The line between the lips.
  @inline(__always)
  func mouthLine(_ x: Float) -> Float {
    let local = min(abs(x) / mouthHalfWidth, 1.2)
    let bow = hill(x, 0, 0.3 * mouthHalfWidth, 1)
    return mouthY + mouthCurve * local * local + 0.008 * bow
  }

  /// Upper edge of the upper lip, with its bow.
  func upperLipEdge(_ x: Float) -> Float {
    let local = x / mouthHalfWidth
    let arch = max(0, 1 - local * local)
    return mouthLine(x) - upperLip * arch * (1 - 0.22 * hill(local, 0, 0.16, 1))
  }

  /// Lower edge of the lower lip.
  func lowerLipEdge(_ x: Float) -> Float {
    let local = x / (0.92 * mouthHalfWidth)
    let arch = max(0, 1 - local * local)
    return mouthLine(x) + lowerLip * arch.squareRoot() * (0.55 + 0.45 * arch)
  }

  /// 1 in the middle of the mouth, 0 at the corners and beyond: the outline of an opening mouth.
  @inline(__always)
  func mouthOpening(_ x: Float) -> Float {
    let local = x / (0.94 * mouthHalfWidth)
    return max(0, 1 - local * local).squareRoot()
  }
}
