// Which rows a clip gives: the spatial frames in order, then the flow images in order, the return flow last.

import Clips

/// One channel of an image, for statistics and signs.
enum Channel: Int, CaseIterable {
  case grey, horizontal, vertical, strain, magnitude
}

/// One row of the network: an image of a clip, by its channels.
struct ImageRow: Equatable {
  enum Image: Equatable {
    /// A stored grey frame.
    case frame(Int)
    /// A stored flow field.
    case flow(Int)
  }

  let image: Image
  /// The channels, in the order of the row's inputs.
  let channels: [Channel]

  /// The rows of a clip, in the order that features files keep.
  static func rows(of clip: PreparedClip, recipe: RowsRecipe) -> [ImageRow] {
    recipe.branches.flatMap { branch in
      switch branch {
      case .spatial: spatial(clip, recipe)
      case .temporal: temporal(clip, recipe)
      }
    }
  }

  private static func spatial(_ clip: PreparedClip, _ recipe: RowsRecipe) -> [ImageRow] {
    FrameChoice.choose(clip.frames, limit: recipe.frames).map { ImageRow(image: .frame($0), channels: [.grey]) }
  }

  private static func temporal(_ clip: PreparedClip, _ recipe: RowsRecipe) -> [ImageRow] {
    let chosen = FrameChoice.choose(clip.frames, limit: recipe.temporalFrames).map { clip.frames[$0].number }
    let forward = clip.flows.indices.filter { place in
      let flow = clip.flows[place]
      return !flow.isReturn && (clip.frames.isEmpty || chosen.contains(flow.to))
    }
    let back = recipe.returnRow ? clip.flows.indices.filter { clip.flows[$0].isReturn } : []
    return (forward + back).flatMap { place in
      recipe.channels.groups.map { ImageRow(image: .flow(place), channels: $0) }
    }
  }
}

extension FlowChannels {
  /// The rows that one flow image gives, each by its channels.
  fileprivate var groups: [[Channel]] {
    switch self {
    case .magnitude: [[.magnitude]]
    case .features: [[.horizontal, .vertical, .strain]]
    case .rows: [[.horizontal], [.vertical], [.strain]]
    }
  }
}
