// Boxes, lines and arrows on a sheet.

extension SheetCanvas {
  /// Fills a box, as far as it lies on the sheet.
  mutating func fill(x: Int, y: Int, width boxWidth: Int, height boxHeight: Int, colour: Colour) {
    for row in max(y, 0)..<max(min(y + boxHeight, height), max(y, 0)) {
      for column in max(x, 0)..<max(min(x + boxWidth, width), max(x, 0)) { mix(colour, 1, column, row) }
    }
  }

  /// Draws the outline of a box, one pixel wide, around the outside of it.
  mutating func outline(x: Int, y: Int, width boxWidth: Int, height boxHeight: Int, colour: Colour) {
    fill(x: x - 1, y: y - 1, width: boxWidth + 2, height: 1, colour: colour)
    fill(x: x - 1, y: y + boxHeight, width: boxWidth + 2, height: 1, colour: colour)
    fill(x: x - 1, y: y, width: 1, height: boxHeight, colour: colour)
    fill(x: x + boxWidth, y: y, width: 1, height: boxHeight, colour: colour)
  }

  /// Draws a line with soft edges.
  mutating func line(from: (x: Float, y: Float), to: (x: Float, y: Float), thickness: Float, colour: Colour) {
    let (dx, dy) = (to.x - from.x, to.y - from.y)
    let length = max(dx * dx + dy * dy, 1e-6)
    let reach = thickness / 2 + 1
    let columns = Int(min(from.x, to.x) - reach)...Int(max(from.x, to.x) + reach)
    for row in Int(min(from.y, to.y) - reach)...Int(max(from.y, to.y) + reach) {
      for column in columns where (0..<width).contains(column) && (0..<height).contains(row) {
        let (px, py) = (Float(column) - from.x, Float(row) - from.y)
        let along = max(0, min(1, (px * dx + py * dy) / length))
        let (ex, ey) = (px - along * dx, py - along * dy)
        let cover = thickness / 2 + 0.5 - (ex * ex + ey * ey).squareRoot()
        if cover > 0 { mix(colour, min(1, cover), column, row) }
      }
    }
  }

  /// Draws an arrow with its shaft and two barbs.
  mutating func arrow(from: (x: Float, y: Float), to: (x: Float, y: Float), thickness: Float, colour: Colour) {
    let (dx, dy) = (to.x - from.x, to.y - from.y)
    let barb: Float = 0.34
    line(from: from, to: to, thickness: thickness, colour: colour)
    for turn: Float in [-0.55, 0.55] {
      let end = (x: to.x - barb * (dx - turn * dy * 1.2), y: to.y - barb * (dy + turn * dx * 1.2))
      line(from: to, to: end, thickness: thickness, colour: colour)
    }
  }

  private mutating func mix(_ colour: Colour, _ share: Float, _ x: Int, _ y: Int) {
    let place = y * width + x
    for (channel, value) in [colour.red, colour.green, colour.blue].enumerated() {
      let old = Float(planes[channel * width * height + place])
      planes[channel * width * height + place] = UInt8(old + (Float(value) - old) * share + 0.5)
    }
  }
}
