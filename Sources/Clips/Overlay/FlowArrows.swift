// A flow field as arrows: the mean of each cell of a coarse grid.

/// Arrows of one flow field.
struct FlowArrows {
  private static let cells = 14

  /// The length that 2 % of the vectors exceed, in pixels of the field; the longest may be mistakes at the border.
  let strength: Float
  private let side: Int
  private let u: [Float]
  private let v: [Float]

  /// - Parameters:
  ///   - flow: planes u, v, strain of one size.
  ///   - centred: whether the medians of u and v stand for no movement, as in `FlowPicture`.
  init(_ flow: UnsafeBufferPointer<Float>, centred: Bool) {
    let area = flow.count / 3
    side = Int(Double(area).squareRoot().rounded())
    let drawable = flow.map { abs($0) < 1e6 ? $0 : 0 }
    let (first, second) = (Array(drawable[..<area]), Array(drawable[area..<2 * area]))
    let rest = centred ? (FlowField.quantile(first, 0.5), FlowField.quantile(second, 0.5)) : (0, 0)
    u = first.map { $0 - rest.0 }
    v = second.map { $0 - rest.1 }
    strength = FlowField.quantile(zip(u, v).map { ($0 * $0 + $1 * $1).squareRoot() }, 0.98)
  }

  /// Draws the arrows over a picture of `tile` pixels; what hardly moves has none.
  func draw(x: Int, y: Int, tile: Int, on canvas: inout SheetCanvas) {
    let cells = min(Self.cells, side)
    let pitch = Float(tile) / Float(cells)
    let scale = 1.3 * pitch / max(strength, 1e-6)
    for row in 0..<cells {
      for column in 0..<cells {
        let (du, dv) = mean(column, row, of: cells)
        let length = min((du * du + dv * dv).squareRoot() * scale, 1.8 * pitch)
        guard length > 0.22 * pitch, length > 3 else { continue }
        let shrink = length / max((du * du + dv * dv).squareRoot(), 1e-6)
        let middle = (x: Float(x) + (Float(column) + 0.5) * pitch, y: Float(y) + (Float(row) + 0.5) * pitch)
        let (dx, dy) = (du * shrink / 2, dv * shrink / 2)
        let inside = { (place: Float, start: Int) in max(Float(start), min(place, Float(start + tile - 1))) }
        canvas.arrow(
          from: (inside(middle.x - dx, x), inside(middle.y - dy, y)),
          to: (inside(middle.x + dx, x), inside(middle.y + dy, y)), thickness: 1.2, colour: (40, 40, 40))
      }
    }
  }

  private func mean(_ column: Int, _ row: Int, of cells: Int) -> (Float, Float) {
    var sum: (u: Float, v: Float, count: Float) = (0, 0, 0)
    for y in row * side / cells..<(row + 1) * side / cells {
      for x in column * side / cells..<(column + 1) * side / cells {
        sum = (sum.u + u[y * side + x], sum.v + v[y * side + x], sum.count + 1)
      }
    }
    return (sum.u / max(sum.count, 1), sum.v / max(sum.count, 1))
  }

  /// The side of `wheel`.
  static let wheelSide = 41

  /// The key to the colours: each direction as it is painted, from the middle outwards.
  static let wheel: [UInt8] = {
    let radius = Float(wheelSide / 2)
    var planes = [[Float](), [], []]
    for y in 0..<wheelSide {
      for x in 0..<wheelSide {
        let (dx, dy) = (Float(x) - radius, Float(y) - radius)
        let isInside = (dx * dx + dy * dy).squareRoot() <= radius - 1
        planes[0].append(isInside ? dx : 0)
        planes[1].append(isInside ? dy : 0)
        planes[2].append(0)
      }
    }
    return planes.flatMap { $0 }.withUnsafeBufferPointer { FlowPicture($0, centred: false).planes }
  }()
}
