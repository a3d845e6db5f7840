// A white colour picture to draw on: enlarged images and lines of text. And flow as colours.

import COpenCV

/// Three planes (red, green, blue) that start white.
struct SheetCanvas {
  let width: Int
  let height: Int
  var planes: [UInt8]

  typealias Colour = (red: UInt8, green: UInt8, blue: UInt8)
  static let ink: Colour = (25, 25, 25)
  static let faint: Colour = (110, 110, 110)

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    planes = [UInt8](repeating: 255, count: 3 * width * height)
  }

  /// Draws a line of text whose baseline starts at (x, y).
  mutating func text(_ text: String, x: Int, y: Int, height capital: Double, colour: Colour) {
    vision_draw_text(
      &planes, Int32(width), Int32(height), text, Int32(x), Int32(y), capital, colour.red, colour.green, colour.blue)
  }

  /// The width of a line of text.
  static func width(of text: String, height capital: Double) -> Int { Int(vision_text_width(text, capital)) }

  /// Draws three planes of side² as a picture of tile².
  mutating func draw(_ picture: [UInt8], side: Int, x: Int, y: Int, tile: Int) {
    let area = side * side
    for channel in 0..<3 {
      let source = Plane(
        width: side, height: side, pixels: picture[channel * area..<(channel + 1) * area].map(Float.init))
      let enlarged = source.resized(width: tile, height: tile).bytes
      for row in 0..<tile where y + row < height {
        let start = channel * width * height + (y + row) * width + x
        for column in 0..<min(tile, width - x) { planes[start + column] = enlarged[row * tile + column] }
      }
    }
  }
}

/// A flow field as colours on white.
package struct FlowPicture {
  /// Red, green, blue, side² bytes each.
  package let planes: [UInt8]

  /// - Parameters:
  ///   - flow: planes u, v, strain of one size.
  ///   - centred: whether the medians of u and v stand for no movement.
  package init(_ flow: UnsafeBufferPointer<Float>, centred: Bool) {
    let area = flow.count / 3
    // A set made elsewhere may hold anything; only what can be drawn is.
    let drawable = flow.map { abs($0) < 1e6 ? $0 : 0 }
    var u = Array(drawable[..<area])
    var v = Array(drawable[area..<2 * area])
    if centred {
      let rest = (FlowField.quantile(u, 0.5), FlowField.quantile(v, 0.5))
      u = u.map { $0 - rest.0 }
      v = v.map { $0 - rest.1 }
    }
    let lengths = zip(u, v).map { ($0 * $0 + $1 * $1).squareRoot() }
    // The longest 2 % may be mistakes of the flow at the border: they do not set the scale.
    let scale = max(FlowField.quantile(lengths, 0.98), 1e-6)
    let colours = (0..<area).map { Self.colour(u[$0], v[$0], strength: min(1, lengths[$0] / scale)) }
    planes = colours.map(\.0) + colours.map(\.1) + colours.map(\.2)
  }

  /// White for no movement, else the hue of the direction. The angle is a polygon's, not a circle's: good enough for
  /// the eye, and it needs no arc tangent.
  private static func colour(_ u: Float, _ v: Float, strength: Float) -> (UInt8, UInt8, UInt8) {
    let sum = abs(u) + abs(v)
    guard sum > 0 else { return (255, 255, 255) }
    // A quarter turn is one unit: right 0, down 1, left 2, up 3.
    let turn = v >= 0 ? 1 - u / sum : 3 + u / sum
    let hue = turn * 1.5
    let channel = { (shift: Float) -> UInt8 in
      var distance = abs(hue - shift).truncatingRemainder(dividingBy: 6)
      if distance > 3 { distance = 6 - distance }
      let pure = max(0, min(1, 2 - distance))
      return UInt8(255 * (1 - strength * (1 - pure)))
    }
    return (channel(0), channel(2), channel(4))
  }
}
