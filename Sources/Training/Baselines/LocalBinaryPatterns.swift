// LBP-TOP: local binary patterns on three orthogonal planes (Zhao and Pietikäinen 2007), uniform patterns, in blocks.
//
// Time is the order of the stored frames. A prepared set stores few of them (ten or so), chosen by accumulated motion
// and not evenly in time, so the planes XT and YT say less than they do of a whole video; the time radius shrinks to
// what a clip has.

/// Pattern histograms of one clip.
///
/// Neighbours are the stored pixels nearest to the ellipse, not interpolated: only orders of grey values count, so the
/// histograms are the same under every strictly increasing change of grey.
package struct LocalBinaryPatterns {
  /// Radius in pixels across the image.
  let radius: Int
  /// The largest radius in frames.
  let frameRadius: Int
  /// Blocks along a side of the image.
  let blocks: Int

  /// Bins of a histogram: 58 uniform patterns of eight neighbours (at most two changes around the circle), all others.
  package static let bins = 59
  /// The fewest frames of a clip.
  package static let fewestFrames = 3

  /// Radii in pixels and frames, each at least 1, and blocks along a side, at least 1.
  package init(radius: Int, frameRadius: Int, blocks: Int) {
    precondition(radius >= 1 && frameRadius >= 1 && blocks >= 1, "radii and blocks of patterns are positive")
    self.radius = radius
    self.frameRadius = frameRadius
    self.blocks = blocks
  }

  /// Histograms of [block row, block column, plane XY, XT, YT, bin]; each sums to 1 (0 where a block has no centre).
  ///
  /// A pixel is a centre where all its neighbours in all three planes are pixels; all planes share their centres. Bit p
  /// of a pattern is 1 where the neighbour at p · 45° is not darker than its centre.
  /// - Parameters:
  ///   - volume: grey bytes [frame, row, column].
  ///   - side: pixels of a row and of a column, at least 2 · radius + 1.
  /// - Precondition: at least three frames.
  package func histograms(of volume: [UInt8], side: Int) -> [Float] {
    let frames = volume.count / (side * side)
    precondition(frames >= Self.fewestFrames && side > 2 * radius, "a clip that has a centre")
    let depth = min(frameRadius, (frames - 1) / 2)
    let offsets = self.offsets(side: side, depth: depth)
    var counts = [Int32](repeating: 0, count: blocks * blocks * 3 * Self.bins)
    volume.withUnsafeBufferPointer { volume in
      for frame in depth..<frames - depth {
        for row in radius..<side - radius {
          for column in radius..<side - radius {
            let place = (frame * side + row) * side + column
            let block = row * blocks / side * blocks + column * blocks / side
            for plane in 0..<3 {
              let bin = Self.binOfPattern[Self.pattern(volume, at: place, offsets, from: 8 * plane)]
              counts[(block * 3 + plane) * Self.bins + bin] += 1
            }
          }
        }
      }
    }
    return Self.shares(counts)
  }

  @inline(__always)
  private static func pattern(
    _ volume: UnsafeBufferPointer<UInt8>, at place: Int, _ offsets: [Int], from first: Int
  ) -> Int {
    let centre = volume[place]
    var pattern = 0
    for neighbour in 0..<8 where volume[place + offsets[first + neighbour]] >= centre { pattern |= 1 << neighbour }
    return pattern
  }

  /// The way from a centre to its eight neighbours in XY, then in XT, then in YT.
  private func offsets(side: Int, depth: Int) -> [Int] {
    let half = 0.5.squareRoot()
    let circle: [(Double, Double)] = [
      (1, 0), (half, half), (0, 1), (-half, half), (-1, 0), (-half, -half), (0, -1), (half, -half),
    ]
    func nearest(_ share: Double, _ radius: Int) -> Int { Int((share * Double(radius)).rounded()) }
    let across = circle.map { nearest($0.0, radius) - nearest($0.1, radius) * side }
    let columns = circle.map { nearest($0.0, radius) + nearest($0.1, depth) * side * side }
    let rows = circle.map { nearest($0.0, radius) * side + nearest($0.1, depth) * side * side }
    return across + columns + rows
  }

  /// The bin of each of the 256 patterns: uniform ones in the order of their numbers, then one for the rest.
  private static let binOfPattern: [Int] = {
    var next = 0
    return (0..<256).map { pattern in
      let turned = (pattern >> 1) | (pattern & 1) << 7
      guard (pattern ^ turned).nonzeroBitCount <= 2 else { return bins - 1 }
      defer { next += 1 }
      return next
    }
  }()

  private static func shares(_ counts: [Int32]) -> [Float] {
    var shares: [Float] = []
    shares.reserveCapacity(counts.count)
    for start in stride(from: 0, to: counts.count, by: bins) {
      let histogram = counts[start..<start + bins]
      let sum = max(1, histogram.reduce(0, +))
      shares += histogram.map { Float(Double($0) / Double(sum)) }
    }
    return shares
  }
}
