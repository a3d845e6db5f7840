// Expression: the six expressions, the action units that make each of them, and where on a face they act.
//
// Recipes after the Facial Action Coding System (Ekman and Friesen): happiness 6 + 12, surprise
// 1 + 2 + 5 + 26, anger 4 + 5 + 7 + 23, disgust 9 + 15 + 16, fear 1 + 2 + 4 + 5 + 20 + 26, sadness 1 + 4 + 15.

/// A movement of the face by one group of muscles; the raw value is its number in the coding system.
public enum ActionUnit: Int, CaseIterable, Sendable {
  case innerBrowRaiser = 1
  case outerBrowRaiser = 2
  case browLowerer = 4
  case upperLidRaiser = 5
  case cheekRaiser = 6
  case lidTightener = 7
  case noseWrinkler = 9
  case lipCornerPuller = 12
  case dimpler = 14
  case lipCornerDepressor = 15
  case lowerLipDepressor = 16
  case lipStretcher = 20
  case lipTightener = 23
  case lipsPart = 25
  case jawDrop = 26
  case blink = 45

  /// Brows, lids and nose root move with one course in time, the mouth with another.
  var isUpperFace: Bool {
    switch self {
    case .innerBrowRaiser, .outerBrowRaiser, .browLowerer, .upperLidRaiser, .cheekRaiser, .lidTightener,
      .noseWrinkler, .blink:
      true
    default: false
    }
  }

  /// Where the unit moves skin.
  public var regions: [FaceRegion] {
    switch self {
    case .innerBrowRaiser: [.innerBrows]
    case .outerBrowRaiser: [.outerBrows]
    case .browLowerer: [.innerBrows]
    case .upperLidRaiser, .blink: [.lids]
    case .cheekRaiser: [.cheeks, .lids]
    case .lidTightener: [.lids]
    case .noseWrinkler: [.nose, .innerBrows, .upperLip]
    case .lipCornerPuller: [.mouthCorners, .cheeks]
    case .dimpler, .lipCornerDepressor, .lipStretcher: [.mouthCorners]
    case .lowerLipDepressor: [.lowerLip]
    case .lipTightener, .lipsPart: [.upperLip, .lowerLip]
    case .jawDrop: [.lowerLip, .chin]
    }
  }
}

/// A place on the face, on both sides, as an ellipse of the mean face (faces are aligned).
public enum FaceRegion: CaseIterable, Sendable {
  case innerBrows, outerBrows, lids, cheeks, nose, upperLip, lowerLip, mouthCorners, chin

  /// Centre and half axes in face coordinates: x from the middle line, y downwards, half a frame = 1.
  public var ellipse: (x: Float, y: Float, halfWidth: Float, halfHeight: Float) {
    switch self {
    case .innerBrows: (0.15, -0.40, 0.20, 0.20)
    case .outerBrows: (0.41, -0.40, 0.18, 0.20)
    case .lids: (0.30, -0.17, 0.19, 0.13)
    case .cheeks: (0.36, 0.08, 0.22, 0.20)
    case .nose: (0.06, 0.06, 0.15, 0.24)
    case .upperLip: (0.10, 0.34, 0.20, 0.13)
    case .lowerLip: (0.08, 0.52, 0.22, 0.15)
    case .mouthCorners: (0.25, 0.42, 0.17, 0.19)
    case .chin: (0.08, 0.76, 0.30, 0.24)
    }
  }

  /// Whether the point, on either side of the face, lies in the region.
  public func contains(x: Float, y: Float) -> Bool {
    let place = ellipse
    let a = (abs(x) - place.x) / place.halfWidth
    let b = (y - place.y) / place.halfHeight
    return a * a + b * b <= 1
  }
}

/// The expressions that are drawn; the raw value is the label on disk.
public enum Expression: String, CaseIterable, Sendable {
  case anger, disgust, fear, happiness, sadness, surprise

  /// The action units with their share of the full movement.
  var recipe: [(unit: ActionUnit, share: Float)] {
    switch self {
    case .happiness: [(.cheekRaiser, 0.9), (.lipCornerPuller, 1), (.lipsPart, 0.6)]
    case .surprise: [(.innerBrowRaiser, 1), (.outerBrowRaiser, 1), (.upperLidRaiser, 0.8), (.jawDrop, 0.9)]
    case .anger: [(.browLowerer, 1), (.upperLidRaiser, 0.3), (.lidTightener, 0.8), (.lipTightener, 1)]
    case .disgust: [(.noseWrinkler, 1), (.lipCornerDepressor, 0.5), (.lowerLipDepressor, 0.6)]
    case .fear:
      [
        (.innerBrowRaiser, 1), (.outerBrowRaiser, 0.5), (.browLowerer, 0.6), (.upperLidRaiser, 1),
        (.lipStretcher, 1), (.jawDrop, 0.3),
      ]
    case .sadness: [(.innerBrowRaiser, 0.9), (.browLowerer, 0.45), (.lipCornerDepressor, 1)]
    }
  }

  /// Where the expression moves skin; no region twice.
  public var regions: [FaceRegion] {
    let moved = recipe.flatMap(\.unit.regions)
    return FaceRegion.allCases.filter { moved.contains($0) }
  }

  /// Clips among 234 in MMEW's micro set: how unbalanced micro expressions are in the laboratory.
  var microWeight: Int {
    switch self {
    case .happiness: 36
    case .anger: 8
    case .surprise: 89
    case .disgust: 72
    case .fear: 16
    case .sadness: 13
    }
  }
}
