// Between which frames of a clip flow is computed and stored, which the paper leaves open.

/// The pairs of frames whose flow a prepared set holds, beside the return row (apex → offset). They stand with each
/// clip in the set, so its digest covers them.
public enum FlowPairs: String, CaseIterable, Hashable, Sendable {
  /// Onset → each chosen frame.
  case onset
  /// Each chosen frame → the next one.
  case consecutive
  /// Onset → apex alone.
  case apex

  /// Pairs of places in a clip's window.
  func pairs(of choice: FrameChoice) -> [(from: Int, to: Int)] {
    let all: [(from: Int, to: Int)] =
      switch self {
      case .onset: choice.places.dropFirst().map { (choice.places[0], $0) }
      case .consecutive: zip(choice.places, choice.places.dropFirst()).map { ($0, $1) }
      case .apex: [(choice.places[0], choice.apex)]
      }
    return all.filter { $0.from != $0.to }
  }
}

extension PreparedSet {
  /// Which pairs the flow of this set belongs to, as its clips tell; `onset` where they tell nothing.
  public var flowPairs: FlowPairs {
    let moving = clips.filter { $0.frames.count > 2 }
    let forward = moving.map { clip in clip.flows.filter { !$0.isReturn } }
    let starts = zip(moving, forward).contains { clip, flows in flows.contains { $0.from != clip.frames[0].number } }
    if starts { return .consecutive }
    return !moving.isEmpty && forward.allSatisfy { $0.count <= 1 } ? .apex : .onset
  }
}

extension PreparedSet {
  /// The flow from onset to apex, three planes u, v, strain: as it is stored, or the sum of the flows between the
  /// frames up to the apex, its strain computed anew. Nil where the clip has neither.
  package func apexFlow(clip: Int) -> [Float]? {
    let (frames, flows) = (clips[clip].frames, clips[clip].flows)
    guard let onset = frames.first?.number, let apex = frames.first(where: { $0.role == .apex })?.number else {
      return flows.firstIndex { !$0.isReturn }.map { Array(flow(clip: clip, flow: $0)) }
    }
    if let whole = flows.firstIndex(where: { !$0.isReturn && $0.from == onset && $0.to == apex }) {
      return Array(flow(clip: clip, flow: whole))
    }
    let area = side * side
    var sum = [Float](repeating: 0, count: 2 * area)
    var reached = onset
    for (place, step) in flows.enumerated() where !step.isReturn && step.from == reached && reached != apex {
      let field = flow(clip: clip, flow: place)
      for number in sum.indices { sum[number] += field[number] }
      reached = step.to
    }
    guard reached == apex, apex != onset else { return nil }
    return sum + FlowField.strain(Array(sum[..<area]), Array(sum[area...]), side: side)
  }
}
