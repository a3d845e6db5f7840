// Which frames of a clip are stored: M_s of the paper, which leaves the choice open.
//
// Ours: at most `limit` frames, onset, apex and offset always among them; the others split the clip into pieces of
// equal movement, measured by the flow between consecutive frames. So a clip's long rest before its movement does not
// use up the frames. It is measured on planes of at most 24 × 24, since it decides which frames, not what is stored.
// The apex, where none is given, is searched at the stored size: a micro movement is too small for less.

/// The frames of a clip that are stored, as places in its window.
package struct FrameChoice {
  /// Side of the planes that movement is measured on.
  static let measuringSide = 24

  /// Places of the stored frames, ascending; the first is the onset, the last the offset.
  package let places: [Int]
  /// Place of the apex.
  package let apex: Int
  /// Flow from the onset to each later frame, where the search for the apex has computed it: the dearest part of an
  /// import is not done twice. Empty where the apex was given or the clip is too long to keep it.
  let onsetFlows: [FlowField]

  /// The flow from the onset to a frame.
  func onsetFlow(to place: Int, frames: [Plane]) -> FlowField {
    onsetFlows.isEmpty ? FlowField(from: frames[0], to: frames[place]) : onsetFlows[place - 1]
  }

  /// Chooses frames.
  /// - Parameters:
  ///   - frames: the frames from onset to offset, at least two, square planes of one size.
  ///   - apex: the place of the apex, or nil: the frame of largest movement against the onset (the earliest of equals).
  ///   - limit: at least 3.
  package init(frames: [Plane], apex: Int?, limit: Int) {
    var flows: [FlowField] = []
    self.apex = apex ?? Self.findApex(frames, keeping: &flows)
    onsetFlows = flows
    let wanted = [0, self.apex, frames.count - 1]
    if frames.count <= limit {
      places = Array(frames.indices)
    } else {
      places = Self.spread(movement: Self.accumulated(frames.map(Self.measured)), always: wanted, limit: limit)
    }
  }

  private static func measured(_ frame: Plane) -> Plane {
    frame.width <= measuringSide ? frame : frame.resized(width: measuringSide, height: measuringSide)
  }

  private static func findApex(_ frames: [Plane], keeping flows: inout [FlowField]) -> Int {
    let fits = frames.count * frames[0].pixels.count <= 4_000_000
    var best = (place: 1, movement: -Float.infinity)
    for place in 1..<frames.count {
      let flow = FlowField(from: frames[0], to: frames[place])
      if flow.movement > best.movement { best = (place, flow.movement) }
      if fits { flows.append(flow) }
    }
    return best.place
  }

  /// Movement from the onset to each frame: sums of the movement between neighbours.
  private static func accumulated(_ frames: [Plane]) -> [Double] {
    var sums = [0.0]
    for place in 1..<frames.count {
      sums.append(sums[place - 1] + Double(FlowField(from: frames[place - 1], to: frames[place]).movement))
    }
    return sums
  }

  /// Adds frames to `always` until there are `limit`: each time in the middle of the widest gap of movement (then of
  /// time, then the earliest) that still has a frame inside.
  package static func spread(movement: [Double], always: [Int], limit: Int) -> [Int] {
    var chosen = Set(always).sorted()
    while chosen.count < min(limit, movement.count) {
      let gaps = chosen.indices.dropLast().filter { chosen[$0 + 1] - chosen[$0] > 1 }
      let widest = gaps.max { left, right in
        let (a, b) = (
          movement[chosen[left + 1]] - movement[chosen[left]], movement[chosen[right + 1]] - movement[chosen[right]]
        )
        if a != b { return a < b }
        let (c, d) = (chosen[left + 1] - chosen[left], chosen[right + 1] - chosen[right])
        return c != d ? c < d : left > right
      }
      guard let gap = widest else { break }
      chosen.insert(middle(of: movement, between: chosen[gap], and: chosen[gap + 1]), at: gap + 1)
    }
    return chosen
  }

  /// The frame inside a gap whose movement is nearest to half of the gap's; the middle one where nothing moves.
  private static func middle(of movement: [Double], between start: Int, and end: Int) -> Int {
    guard movement[end] > movement[start] else { return (start + end) / 2 }
    let half = (movement[start] + movement[end]) / 2
    var best = start + 1
    for place in start + 1..<end where abs(movement[place] - half) < abs(movement[best] - half) { best = place }
    return best
  }
}
