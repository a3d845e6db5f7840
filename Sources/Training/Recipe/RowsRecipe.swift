// The part of a description that says how the images of a clip become rows of the network.

import Canonical

/// Where a row comes from.
enum Branch: String, CaseIterable {
  /// Grey frames.
  case spatial
  /// Optical-flow images.
  case temporal
}

/// What a flow image becomes.
enum FlowChannels: String, CaseIterable {
  /// One row of one input: sqrt(u² + v²).
  case magnitude
  /// One row of three input features: u, v, strain.
  case features
  /// Three rows of one input: u, v, strain.
  case rows
}

/// What is done to the numbers of an image.
enum Normalisation: String, CaseIterable {
  /// Each image and channel by itself: minus its mean, over (its deviation + 1e-3).
  case image
  /// Grey over 255, flow as stored.
  case unit
  /// Each channel by its mean and deviation over all training rows of the stage.
  case training
}

/// How the images of a clip become rows of the network.
struct RowsRecipe: Equatable {
  let branches: [Branch]
  let channels: FlowChannels
  /// At most this many frames of a clip; 0 is all that are stored.
  let frames: Int
  /// Does the stored return flow (apex → offset, negated) give a row too?
  let returnRow: Bool
  let normalisation: Normalisation
  /// Are training rows mirrored with probability one half, and scores averaged over rows and their mirrors?
  let mirror: Bool

  /// Input features of a row: the network has one entry, so all branches agree.
  var inputs: Int { channels == .features && branches.contains(.temporal) ? 3 : 1 }

  init(_ value: JSON?, path: String) throws(StageError) {
    let fields = try Fields(
      value, path: path, keys: ["branches", "channels", "frames", "return_row", "normalisation", "mirror"])
    branches = try fields.choices("branches")
    channels = try fields.choice("channels")
    frames = try fields.integer("frames", in: 0...10_000)
    returnRow = try fields.bool("return_row")
    normalisation = try fields.choice("normalisation")
    mirror = try fields.bool("mirror")
    guard branches.count == 1 || channels != .features else {
      throw .description(
        "\(path).channels \"features\" gives flow three inputs and grey has one; use \"magnitude\" or \"rows\"")
    }
  }

  private init(copy rows: RowsRecipe, branches: [Branch], normalisation: Normalisation) {
    self.branches = branches
    self.normalisation = normalisation
    channels = rows.channels
    frames = rows.frames
    returnRow = rows.returnRow
    mirror = rows.mirror
  }

  /// The same rows of one branch only.
  func only(_ branch: Branch) -> RowsRecipe {
    RowsRecipe(copy: self, branches: [branch], normalisation: normalisation)
  }

  /// The same rows, each image and channel standardised by itself.
  var standardised: RowsRecipe { RowsRecipe(copy: self, branches: branches, normalisation: .image) }
}
