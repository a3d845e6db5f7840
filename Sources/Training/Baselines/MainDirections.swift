// MDMO-like features: the main direction of flow in each region of the face (Liu et al. 2016).
//
// The paper's 36 regions follow facial landmarks and its feature is the mean over all frames. A prepared set stores no
// landmarks, so the regions are a fixed grid over the aligned face, and the flow is that from onset to apex.

/// The mean flow of the main direction of each region.
package struct MainDirections {
  /// Regions along a side of the image.
  let regions: Int

  /// A grid of `regions` × `regions`, at least one.
  package init(regions: Int) {
    precondition(regions >= 1, "a grid has regions")
    self.regions = regions
  }

  /// The mean (u, v) of each region's main direction, over the longest of them: [region row, region column, 2].
  ///
  /// A region's vectors are counted by direction, in eight equal angles; the main direction is that of the most
  /// vectors, the first on ties. Vectors that are 0 have none. Components stand for the paper's length and angle, since
  /// an angle jumps at a full turn. The longest has length 1, as in the paper: what is strong in one clip and weak in
  /// another looks alike.
  /// - Parameters:
  ///   - u: horizontal flow [row, column].
  ///   - v: vertical flow, likewise.
  ///   - side: pixels of a row and of a column.
  package func features(u: [Float], v: [Float], side: Int) -> [Float] {
    precondition(u.count == side * side && v.count == u.count, "two planes of flow")
    var means: [(u: Double, v: Double)] = []
    for row in 0..<regions {
      for column in 0..<regions {
        let pixels = Self.range(row, of: regions, side).flatMap { line in
          Self.range(column, of: regions, side).map { line * side + $0 }
        }
        means.append(Self.mainMean(pixels.map { (Double(u[$0]), Double(v[$0])) }))
      }
    }
    let longest = means.map { ($0.u * $0.u + $0.v * $0.v).squareRoot() }.max() ?? 0
    let scale = longest > 0 ? 1 / longest : 0
    return means.flatMap { [Float($0.u * scale), Float($0.v * scale)] }
  }

  /// The pixels of one of equal parts of a side.
  private static func range(_ part: Int, of parts: Int, _ side: Int) -> Range<Int> {
    part * side / parts..<(part + 1) * side / parts
  }

  private static func mainMean(_ vectors: [(u: Double, v: Double)]) -> (u: Double, v: Double) {
    var sums = [(u: Double, v: Double, count: Int)](repeating: (0, 0, 0), count: 8)
    for vector in vectors where vector.u != 0 || vector.v != 0 {
      let octant = octant(vector.u, vector.v)
      sums[octant].u += vector.u
      sums[octant].v += vector.v
      sums[octant].count += 1
    }
    var main = sums[0]
    for sum in sums where sum.count > main.count { main = sum }
    return main.count > 0 ? (main.u / Double(main.count), main.v / Double(main.count)) : (0, 0)
  }

  /// The angle k · 45° … (k + 1) · 45° of a vector, by comparisons alone.
  static func octant(_ u: Double, _ v: Double) -> Int {
    if v >= 0 && u > 0 { return v < u ? 0 : 1 }
    if u <= 0 && v > 0 { return -u < v ? 2 : 3 }
    if v <= 0 && u < 0 { return -v < -u ? 4 : 5 }
    return u < -v ? 6 : 7
  }
}
