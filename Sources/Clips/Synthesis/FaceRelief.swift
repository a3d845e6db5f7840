// FaceRelief: the height of a face towards the viewer, built from smooth hills, and what light makes of it.
//
// Idea: an egg-shaped head, on it brow ridge, sockets, eyeballs, nose, cheekbones, lips and chin; normals
// from differences; Lambert, a little gloss, the shadow of the nose by marching towards the light, and
// hollows darkened by comparing the height with its blur. Heights in face coordinates.

/// The relief of one face.
struct FaceRelief {
  let shape: FaceShape
  /// Height of the skin; 0 outside the head.
  let height: Canvas

  init(_ shape: FaceShape, side: Int) {
    self.shape = shape
    let contour = (0..<side).map { shape.contour((Float($0) + 0.5) * 2 / Float(side) - 1) }
    var plane = Canvas(side: side)
    for row in 0..<side {
      let y = (Float(row) + 0.5) * 2 / Float(side) - 1
      for column in 0..<side {
        let x = (Float(column) + 0.5) * 2 / Float(side) - 1
        plane.values[row * side + column] = Self.height(shape, x, y, halfWidth: contour[row])
      }
    }
    height = plane.blurred(deviation: Float(side) / 200)
  }

  private static func height(_ shape: FaceShape, _ x: Float, _ y: Float, halfWidth: Float) -> Float {
    let neck = max(neckHeight(x, y), earHeight(shape, abs(x), y))
    guard halfWidth > 0.01 else { return neck }
    let across = abs(x) / halfWidth
    guard across < 1 else { return neck }
    let along = (y - 0.02) / 1.12
    let head = 0.62 * (1 - across * across).squareRoot() * max(0.05, 1 - along * along).squareRoot()
    let distance = abs(x)
    let rim = smoothStep(1, 0.8, across)
    let features = upperFace(shape, distance, y) + nose(shape, distance, y) + lowerFace(shape, distance, y)
    return max(head + features * rim, neck)
  }

  private static func neckHeight(_ x: Float, _ y: Float) -> Float {
    guard y > 0.4 else { return 0 }
    let across = abs(x) / 0.46
    return across < 1 ? 0.14 * (1 - across * across).squareRoot() : 0
  }

  private static func earHeight(_ shape: FaceShape, _ x: Float, _ y: Float) -> Float {
    guard shape.isEar(x, y) else { return 0 }
    let centre = shape.halfWidth + 0.02
    let shell = hill(x - centre - 0.01, y - shape.earY + 0.02, 0.024, 0.08)
    return 0.10 + 0.55 * (x - centre) - 0.07 * shell + 0.02 * hill(x - centre, y - shape.earY - 0.13, 0.03, 0.03)
  }

  private static func upperFace(_ shape: FaceShape, _ x: Float, _ y: Float) -> Float {
    let ridge = 0.034 * hill(x - 0.26, y - shape.browY - 0.03, 0.19, 0.055)
    let glabella = 0.015 * hill(x, y - shape.browY - 0.02, 0.09, 0.07)
    let socket = -0.062 * hill(x - shape.eyeX, y - shape.eyeY + 0.01, 0.15, 0.085)
    let innerSocket = -0.05 * hill(x - 0.15, y - shape.eyeY + 0.02, 0.055, 0.07)
    let ball = 0.05 * hill(x - shape.eyeX, y - shape.eyeY - 0.005, 0.105, 0.07)
    let lid = y - shape.upperLid(x) + shape.lidFold
    let crease = -0.009 * hill(x - shape.eyeX, lid, 0.12, 0.014)
    let bag = -0.010 * hill(x - shape.eyeX + 0.02, y - shape.eyeY - 0.105, 0.10, 0.022)
    let cheek = shape.cheekbone * hill(x - 0.44, y - 0.06, 0.15, 0.11)
    let temple = -0.04 * hill(x - 0.58, y + 0.42, 0.09, 0.16)
    return ridge + glabella + socket + innerSocket + ball + crease + bag + cheek + temple
  }

  private static func nose(_ shape: FaceShape, _ x: Float, _ y: Float) -> Float {
    let root = shape.eyeY - 0.08
    let share = min(max((y - root) / (shape.noseY - root), 0), 1)
    let end = smoothStep(shape.noseY + 0.075, shape.noseY - 0.01, y)
    let start = smoothStep(root - 0.06, root + 0.12, y)
    let width = 0.042 + 0.026 * share
    let bridge = (0.045 + shape.noseHeight * share * (0.4 + 0.6 * share)) * hill(x, 0, width, 1) * end * start
    let tip = 0.06 * hill(x, y - shape.noseY, 0.052, 0.048)
    let wing = 0.085 * hill(x - shape.noseWidth * 0.8, y - shape.noseY - 0.018, 0.038, 0.04)
    let fold = -0.02 * hill(x - shape.noseWidth * 1.25, y - shape.noseY - 0.025, 0.018, 0.04)
    return bridge + tip + wing + fold
  }

  private static func lowerFace(_ shape: FaceShape, _ x: Float, _ y: Float) -> Float {
    let muzzle = 0.065 * hill(x, y - shape.mouthY, 0.25, 0.16)
    let philtrum = -0.014 * hill(x, y - (shape.mouthY + shape.noseY) / 2 - 0.03, 0.022, 0.05)
    let pit = -0.03 * hill(x, y - shape.mouthY - shape.lowerLip - 0.055, 0.15, 0.032)
    let chin = 0.065 * hill(x, y - shape.chinY + 0.13, 0.13, 0.085)
    let hollow = -0.028 * hill(x - 0.43, y - 0.36, 0.09, 0.14)
    let corner = -0.018 * hill(x - shape.mouthHalfWidth - 0.012, y - shape.mouthY, 0.028, 0.03)
    let down = y - shape.noseY
    let foldX = shape.noseWidth + 0.03 + 0.75 * down - 0.7 * down * down
    let starts = smoothStep(shape.noseY - 0.02, shape.noseY + 0.08, y)
    let ends = smoothStep(shape.mouthY + 0.08, shape.mouthY - 0.04, y)
    let fold = -0.010 * hill(x - foldX, 0, 0.026, 1) * starts * ends
    return muzzle + philtrum + pit + chin + hollow + corner + fold + lips(shape, x, y)
  }

  private static func lips(_ shape: FaceShape, _ x: Float, _ y: Float) -> Float {
    guard x < shape.mouthHalfWidth else { return 0 }
    let line = shape.mouthLine(x)
    let above = y < line
    let edge = above ? shape.upperLipEdge(x) : shape.lowerLipEdge(x)
    let thickness = abs(edge - line)
    guard thickness > 0.004 else { return 0 }
    let share = (y - line) / (edge - line)
    let groove = -0.02 * hill(0, y - line, 1, 0.010) * shape.mouthOpening(x)
    guard share < 1 else { return groove }
    return (above ? 0.018 : 0.032) * 4 * share * (1 - share) * (thickness / 0.06) + groove
  }
}
