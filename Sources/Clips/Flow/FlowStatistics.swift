// Mean and variance of the flow of a set's clips, by label: how much moves, where, and how much clips differ in it
// (Fig. 8 of the paper).
//
// Lengths of the flow from the onset to each stored frame, in pixels; the return flow is left out, since it is the same
// movement again. All sums are in Double and in the order of the file.

/// Flow lengths of a set, by label.
public struct FlowStatistics: Sendable {
  /// One label, or all of them.
  public struct Group: Sendable {
    /// The label; nil for all of them together.
    public let label: String?
    /// Mean length in pixels of each clip, over its flow fields and pixels, in the order of the file.
    public let clips: [Double]
    /// Mean over clips of `clips`.
    public let mean: Double
    /// Mean over clips of the variance within a clip, over its flow fields and pixels, in pixels².
    public let variance: Double
    /// Sample deviation of `clips`: how much clips differ from each other; 0 for one clip.
    public let deviation: Double
    /// side² means over clips of a pixel's mean length.
    public let meanImage: [Float]
    /// side² sample variances over clips of a pixel's mean length, in pixels².
    public let varianceImage: [Float]

    /// The deviation between clips as a share of the mean; 0 where nothing moves.
    public var variation: Double { mean > 0 ? deviation / mean : 0 }
  }

  /// All labels together, then each label in the set's order.
  public let groups: [Group]
  /// Pixels of a side.
  public let side: Int

  /// The statistics of the clips of some labels; nil: of all.
  /// - Throws: `ImportError.request` where the set has no flow in pixels.
  public init(set: PreparedSet, labels: [String]? = nil) throws(ImportError) {
    let labels = labels ?? set.labels
    let chosen = set.clips.indices.filter { clip in
      labels.contains(set.clips[clip].label) && set.clips[clip].flows.contains { !$0.isReturn }
    }
    guard set.hasMagnitude, !chosen.isEmpty else {
      throw .request(
        what: set.hasMagnitude ? "a set without flow" : "flow that is scaled image by image and has no length",
        remedy: "give a set of clips that was prepared from frames")
    }
    side = set.side
    let measured = chosen.map { (label: set.clips[$0].label, clip: MeasuredClip(set, $0)) }
    groups =
      [Group(label: nil, measured.map(\.clip))]
      + labels.compactMap { label in
        let own = measured.filter { $0.label == label }.map(\.clip)
        return own.isEmpty ? nil : Group(label: label, own)
      }
  }
}

/// One clip's lengths.
private struct MeasuredClip {
  var mean = 0.0
  var variance = 0.0
  var image: [Double]

  init(_ set: PreparedSet, _ clip: Int) {
    let area = set.side * set.side
    image = [Double](repeating: 0, count: area)
    var squares = 0.0
    let fields = set.clips[clip].flows.indices.filter { !set.clips[clip].flows[$0].isReturn }
    for field in fields {
      let flow = set.flow(clip: clip, flow: field)
      for pixel in 0..<area {
        let (u, v) = (Double(flow[pixel]), Double(flow[area + pixel]))
        let square = u * u + v * v
        image[pixel] += square.squareRoot()
        squares += square
      }
    }
    let count = Double(fields.count)
    for pixel in 0..<area { image[pixel] /= count }
    mean = image.reduce(0, +) / Double(area)
    variance = max(0, squares / (count * Double(area)) - mean * mean)
  }
}

extension FlowStatistics.Group {
  fileprivate init(label: String?, _ measured: [MeasuredClip]) {
    let count = Double(measured.count)
    func spread(_ values: [Double]) -> (mean: Double, variance: Double) {
      let mean = values.reduce(0, +) / count
      let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, count > 1 ? sum / (count - 1) : 0)
    }
    let own = spread(measured.map(\.mean))
    let pixels = measured[0].image.indices.map { pixel in spread(measured.map { $0.image[pixel] }) }
    self.init(
      label: label, clips: measured.map(\.mean), mean: own.mean,
      variance: measured.reduce(0) { $0 + $1.variance } / count, deviation: own.variance.squareRoot(),
      meanImage: pixels.map { Float($0.mean) }, varianceImage: pixels.map { Float($0.variance) })
  }
}
