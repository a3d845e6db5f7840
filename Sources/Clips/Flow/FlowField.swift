// Optical flow between two frames and its strain.
//
// Dual TV-L1 with OpenCV's defaults (5 scales of 0.8; the ipol program has 100 of 0.5). Strain is the magnitude of the
// symmetric part of the flow's gradient, as in the micro-expression literature (SKD-TSTSAN, MEAN):
// e = sqrt(ux² + vy² + ½ (uy + vx)²), central differences inside, one-sided at the border.

import COpenCV

/// A flow field: three planes u, v, strain of side² floats each; pixels a frame pair, and per pixel.
package struct FlowField: Sendable {
  package let side: Int
  package let planes: [Float]

  /// The flow from one square plane to another.
  package init(from first: Plane, to second: Plane) {
    side = first.width
    precondition(first.height == side && second.width == side && second.height == side, "frames of one square size")
    let area = side * side
    var u = [Float](repeating: 0, count: area)
    var v = [Float](repeating: 0, count: area)
    let status = vision_flow(first.pixels, second.pixels, Int32(side), Int32(side), &u, &v)
    precondition(status == VISION_DONE, "flow of two small planes can be computed")
    planes = u + v + Self.strain(u, v, side: side)
  }

  package init(side: Int, planes: [Float]) {
    precondition(planes.count == 3 * side * side, "three planes")
    self.side = side
    self.planes = planes
  }

  /// The return row: −u, −v and the same strain. (0 − x, so that a zero stays +0.)
  package var negated: FlowField {
    let motion = 2 * side * side
    return FlowField(side: side, planes: planes[..<motion].map { 0 - $0 } + planes[motion...])
  }

  /// How much moves, in pixels: the length that 3 % of the vectors exceed, after what all have in common (the median of
  /// u and of v: a drift of the head) was taken out, one sixteenth of the side left out at each border.
  ///
  /// Drawn faces with known apexes (36 clips) were found within three frames 33 times by this, 22 times by the mean
  /// length: an expression moves a small part of the face and drift moves all of it.
  package var movement: Float {
    let area = side * side
    let margin = side / 16
    let inside = (margin..<side - margin).flatMap { y in (margin..<side - margin).map { y * side + $0 } }
    let (u, v) = (inside.map { planes[$0] }, inside.map { planes[area + $0] })
    let (drift, sinking) = (Self.quantile(u, 0.5), Self.quantile(v, 0.5))
    let squares = zip(u, v).map { ($0 - drift) * ($0 - drift) + ($1 - sinking) * ($1 - sinking) }
    return Self.quantile(squares, 0.97).squareRoot()
  }

  /// The value that a part of the values lies below.
  static func quantile(_ values: [Float], _ part: Float) -> Float {
    values.sorted()[Int(part * Float(values.count - 1))]
  }

  /// The side of the frames between which flow is computed for a stored side: a multiple of it, at least 64.
  ///
  /// A micro movement is a fraction of a pixel on small frames, less than TV-L1 can see there.
  package static func workingSide(for side: Int) -> Int {
    side * max(1, (64 + side - 1) / side)
  }

  /// The field on a coarser grid: means of u and v over square blocks, in pixels of that grid; strain computed anew.
  /// - Precondition: `side` divides this field's side.
  package func reduced(to side: Int) -> FlowField {
    guard side != self.side else { return self }
    precondition(self.side % side == 0, "a coarser grid whose side divides this one's")
    let area = self.side * self.side
    let u = blockMeans(of: planes[..<area], to: side)
    let v = blockMeans(of: planes[area..<2 * area], to: side)
    return FlowField(side: side, planes: u + v + Self.strain(u, v, side: side))
  }

  private func blockMeans(of plane: ArraySlice<Float>, to side: Int) -> [Float] {
    let factor = self.side / side
    // One mean over the block, one division for the larger pixel.
    let scale = 1 / Float(factor * factor * factor)
    var means = [Float](repeating: 0, count: side * side)
    for y in 0..<self.side {
      for x in 0..<self.side {
        means[y / factor * side + x / factor] += plane[plane.startIndex + y * self.side + x]
      }
    }
    for place in means.indices { means[place] *= scale }
    return means
  }

  /// Optical strain of a flow on a square grid.
  package static func strain(_ u: [Float], _ v: [Float], side: Int) -> [Float] {
    var out: [Float] = []
    out.reserveCapacity(side * side)
    for y in 0..<side {
      for x in 0..<side {
        let (ux, uy) = gradient(u, x, y, side)
        let (vx, vy) = gradient(v, x, y, side)
        let shear = uy + vx
        out.append((ux * ux + vy * vy + 0.5 * shear * shear).squareRoot())
      }
    }
    return out
  }

  private static func gradient(_ plane: [Float], _ x: Int, _ y: Int, _ side: Int) -> (x: Float, y: Float) {
    let (left, right) = (max(x - 1, 0), min(x + 1, side - 1))
    let (above, below) = (max(y - 1, 0), min(y + 1, side - 1))
    let across = plane[y * side + right] - plane[y * side + left]
    let down = plane[below * side + x] - plane[above * side + x]
    return (across / Float(max(right - left, 1)), down / Float(max(below - above, 1)))
  }
}
