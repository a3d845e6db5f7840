// From stored images to the numbers of a row: read a channel, mirror it, shift it, normalise it.
//
// A mirrored face moves the other way: the picture is flipped left to right and u changes its sign. Mirroring comes
// before normalisation, so a mirrored row is exactly the row of the mirrored video.

import Clips

/// Reads channels of the images of one prepared set.
struct ImageReader {
  let set: PreparedSet

  var pixels: Int { self.set.side * self.set.side }

  /// One channel as stored; grey from 0 to 1, magnitude sqrt(u² + v²).
  func read(_ channel: Channel, of image: ImageRow.Image, clip: Int, into plane: UnsafeMutableBufferPointer<Float>) {
    switch image {
    case .frame(let frame):
      let grey = set.grey(clip: clip, frame: frame)
      for pixel in 0..<pixels { plane[pixel] = Float(grey[pixel]) / 255 }
    case .flow(let flow):
      readFlow(channel, set.flow(clip: clip, flow: flow), into: plane)
    }
  }

  private func readFlow(
    _ channel: Channel, _ field: UnsafeBufferPointer<Float>, into plane: UnsafeMutableBufferPointer<Float>
  ) {
    switch channel {
    case .grey: preconditionFailure("a flow image has no grey channel")
    case .horizontal: for pixel in 0..<pixels { plane[pixel] = field[pixel] }
    case .vertical: for pixel in 0..<pixels { plane[pixel] = field[pixels + pixel] }
    case .strain: for pixel in 0..<pixels { plane[pixel] = field[2 * pixels + pixel] }
    case .magnitude:
      for pixel in 0..<pixels {
        let (u, v) = (field[pixel], field[pixels + pixel])
        plane[pixel] = (u * u + v * v).squareRoot()
      }
    }
  }

  /// One channel, mirrored and shifted where asked, and normalised.
  func read(
    _ channel: Channel, of image: ImageRow.Image, clip: Int, view: RowView, normalisation: Normalisation,
    statistics: ChannelStatistics, into plane: UnsafeMutableBufferPointer<Float>
  ) {
    read(channel, of: image, clip: clip, into: plane)
    if view.mirrored { mirror(plane, negate: channel == .horizontal) }
    if !view.isCentred { view.shift(plane, side: set.side) }
    switch normalisation {
    case .unit: break
    case .image: Self.standardise(plane)
    case .training:
      let mean = Float(statistics.mean[channel.rawValue])
      let scale = Float(1 / (statistics.deviation[channel.rawValue] + Self.smallDeviation))
      for pixel in plane.indices { plane[pixel] = (plane[pixel] - mean) * scale }
    }
  }

  /// Added to a deviation, so that a flat image stays finite.
  static let smallDeviation = 1e-3

  /// Minus its mean, over (its deviation + 1e-3); sums in Double.
  static func standardise(_ plane: UnsafeMutableBufferPointer<Float>) {
    var sum = 0.0
    for value in plane { sum += Double(value) }
    let mean = sum / Double(plane.count)
    var squares = 0.0
    for value in plane { squares += (Double(value) - mean) * (Double(value) - mean) }
    let scale = 1 / ((squares / Double(plane.count)).squareRoot() + smallDeviation)
    for pixel in plane.indices { plane[pixel] = Float((Double(plane[pixel]) - mean) * scale) }
  }

  /// Flips left to right, and the sign where asked.
  private func mirror(_ plane: UnsafeMutableBufferPointer<Float>, negate: Bool) {
    let side = set.side
    for row in 0..<side {
      let line = plane[row * side..<(row + 1) * side].indices
      for column in 0..<side / 2 { plane.swapAt(line.lowerBound + column, line.upperBound - 1 - column) }
    }
    if negate { for pixel in plane.indices { plane[pixel] = -plane[pixel] } }
  }
}
