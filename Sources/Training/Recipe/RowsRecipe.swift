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
  /// At most this many frames of a clip; 0 is all that are stored. Flow is taken of as many.
  let frames: Int
  /// The limit of frames whose flow is taken, where it is another.
  let temporalFrames: Int
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
    if fields.members["frames"]?.object != nil {
      let limits = try Fields(
        fields.members["frames"], path: fields.place("frames"), keys: ["spatial", "temporal"])
      frames = try limits.integer("spatial", in: 0...10_000)
      temporalFrames = try limits.integer("temporal", in: 0...10_000)
    } else {
      frames = try fields.integer("frames", in: 0...10_000)
      temporalFrames = frames
    }
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
    temporalFrames = rows.temporalFrames
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
