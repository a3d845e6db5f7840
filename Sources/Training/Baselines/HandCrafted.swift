// The two hand-crafted baselines of the field: features of a clip, a support vector machine over them.
//
// Kernel, penalty and sizes are fixed, never chosen by looking at a score. Centre and scale of features come from the
// training clips of the fold.

import Clips

/// Features that need no training, and the machine that reads them.
enum HandCrafted {
  /// LBP-TOP with radii of 1 pixel and at most 2 frames in 5 × 5 blocks, and a linear machine.
  case patterns
  /// Main directions of flow in 6 × 6 regions, and a machine with a polynomial kernel of degree 3.
  case directions

  /// C of the machines, for rows whose mean square length is 1.
  static let penalty = 10.0

  /// Decision values of each class against the rest.
  func scores(train: ClipSelection, test: ClipSelection) throws(StageError) -> [[Float]] {
    let rows = try features(train)
    let scale = RowScale(rows)
    let kernel: SupportVectors.Kernel =
      switch self {
      case .patterns: .linear
      case .directions: .polynomial(degree: 3)
      }
    return try SupportVectors(kernel, penalty: Self.penalty).scores(
      train: rows.map(scale.apply), classes: train.classes, labels: train.labels.count,
      test: try features(test).map(scale.apply))
  }

  private func features(_ selection: ClipSelection) throws(StageError) -> [[Float]] {
    var rows: [[Float]] = []
    for position in selection.clips.indices {
      switch self {
      case .patterns: rows.append(try Self.patterns(selection, position))
      case .directions: rows.append(try Self.directions(selection, position))
      }
    }
    return rows
  }

  private static func patterns(_ selection: ClipSelection, _ position: Int) throws(StageError) -> [Float] {
    let (set, clip) = (selection.set, selection.clips[position])
    let frames = set.clips[clip].frames.count
    guard frames >= LocalBinaryPatterns.fewestFrames, set.side >= 3 else {
      throw .data(
        "\(selection.name(position)) has \(frames) frames of side \(set.side); lbp_top_svm needs 3 frames of side 3 "
          + "of every clip, or more")
    }
    var volume: [UInt8] = []
    volume.reserveCapacity(frames * set.side * set.side)
    for frame in 0..<frames { volume += set.grey(clip: clip, frame: frame) }
    return LocalBinaryPatterns(radius: 1, frameRadius: 2, blocks: 5).histograms(of: volume, side: set.side)
  }

  /// Flow that is scaled image by image has no zero and no length: each of its planes is standardised first, so that
  /// its mean stands for no motion.
  private static func directions(_ selection: ClipSelection, _ position: Int) throws(StageError) -> [Float] {
    let (set, clip) = (selection.set, selection.clips[position])
    guard let field = set.apexFlow(clip: clip) else {
      throw .data("\(selection.name(position)) has no flow from onset to apex; mdmo_svm needs it of every clip")
    }
    let pixels = set.side * set.side
    let planes = [0, 1].map { channel in
      var plane = Array(field[channel * pixels..<(channel + 1) * pixels])
      if !set.hasMagnitude { plane.withUnsafeMutableBufferPointer { ImageReader.standardise($0) } }
      return plane
    }
    return MainDirections(regions: 6).features(u: planes[0], v: planes[1], side: set.side)
  }
}
