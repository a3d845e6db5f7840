// Flow statistics as a picture: a row for all clips and one for each label, with mean and variance of the flow's
// length at each pixel, and a bar for each clip's mean.
//
// All rows share their scales, which stand in the heading, so rows can be compared; dark is much.

extension FlowStatistics {
  private static let tile = 112
  private static let gap = 8
  private static let heading = 40
  private static let chart = 420

  /// Writes the picture as a PNG.
  /// - Throws: `ImportError` where the file cannot be written.
  public func write(to path: String) throws(ImportError) { try OutputFile.write(png, to: path) }

  /// The picture as a PNG.
  public var png: [UInt8] {
    let left = 2 * Self.gap + (groups.map { SheetCanvas.width(of: Self.title($0), height: 12) }.max() ?? 0)
    let row = Self.tile + 2 * Self.gap
    var canvas = SheetCanvas(
      width: left + 2 * (Self.tile + Self.gap) + Self.chart + 3 * Self.gap, height: Self.heading + groups.count * row)
    let scales = (
      mean: max(groups.flatMap(\.meanImage).max() ?? 0, 1e-9),
      variance: max(groups.flatMap(\.varianceImage).max() ?? 0, 1e-9),
      clip: max(groups.flatMap(\.clips).max() ?? 0, 1e-9)
    )
    let heads = [
      (left, "mean, to \(Self.short(Double(scales.mean))) px"),
      (left + Self.tile + Self.gap, "variance, to \(Self.short(Double(scales.variance))) px2"),
      (left + 2 * (Self.tile + Self.gap) + Self.gap, "mean of each clip, to \(Self.short(scales.clip)) px"),
    ]
    for (place, (x, text)) in heads.enumerated() {
      // The middle heading is longer than its picture, so it stands a line higher.
      canvas.text(text, x: x, y: place == 1 ? 16 : 32, height: 9, colour: SheetCanvas.faint)
    }
    for (place, group) in groups.enumerated() {
      let top = Self.heading + place * row
      canvas.text(Self.title(group), x: Self.gap, y: top + Self.tile / 2, height: 12, colour: SheetCanvas.ink)
      let pictures = [Self.shades(group.meanImage, scales.mean), Self.shades(group.varianceImage, scales.variance)]
      for (column, picture) in pictures.enumerated() {
        canvas.draw(picture, side: side, x: left + column * (Self.tile + Self.gap), y: top, tile: Self.tile)
      }
      Self.bars(group.clips.map { $0 / scales.clip }, x: heads[2].0, y: top, on: &canvas)
    }
    return encodedPNG(planes: canvas.planes, width: canvas.width, height: canvas.height)
  }

  private static func title(_ group: Group) -> String { "\(group.label ?? "all") (\(group.clips.count))" }

  /// Three significant digits are enough beside a picture.
  private static func short(_ value: Double) -> String {
    let thousandths = Int(value * 1000 + 0.5)
    let rest = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }

  private static func shades(_ image: [Float], _ scale: Float) -> [UInt8] {
    let grey = image.map { UInt8(255 - 255 * min(1, max(0, $0 / scale))) }
    return grey + grey + grey
  }

  /// Bars of shares of one, side by side, on a base line.
  private static func bars(_ shares: [Double], x: Int, y: Int, on canvas: inout SheetCanvas) {
    let area = canvas.width * canvas.height
    func fill(_ columns: Range<Int>, _ rows: Range<Int>, _ colour: SheetCanvas.Colour) {
      for row in rows where row < canvas.height {
        for column in columns where column < canvas.width {
          let place = row * canvas.width + column
          canvas.planes[place] = colour.red
          canvas.planes[area + place] = colour.green
          canvas.planes[2 * area + place] = colour.blue
        }
      }
    }
    let bottom = y + tile
    fill(x..<x + chart, bottom..<bottom + 1, SheetCanvas.faint)
    let width = min(Double(chart) / Double(shares.count), 12)
    for (place, share) in shares.enumerated() {
      let start = x + Int(Double(place) * width)
      let end = max(start + 1, x + Int(Double(place + 1) * width) - (width >= 3 ? 1 : 0))
      fill(start..<end, bottom - Int(share * Double(tile))..<bottom, (70, 110, 160))
    }
  }
}
