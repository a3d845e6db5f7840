// Mean and deviation of each channel over training rows: the one normalisation that could carry a leak,
// so it is computed from the training clips of a stage and from nothing else.

import Canonical

/// Mean and deviation of each channel, by `Channel.rawValue`.
struct ChannelStatistics: Equatable {
  var mean = [Double](repeating: 0, count: Channel.allCases.count)
  var deviation = [Double](repeating: 1, count: Channel.allCases.count)

  /// Statistics that change nothing.
  init() {}

  /// Statistics of all pixels of these rows, each row counted once and not mirrored.
  init(rows: [(clip: Int, row: ImageRow)], reader: ImageReader) {
    let channels = Channel.allCases.count
    var sum = [Double](repeating: 0, count: channels)
    var squares = [Double](repeating: 0, count: channels)
    var count = [Double](repeating: 0, count: channels)
    var plane = [Float](repeating: 0, count: reader.pixels)
    for (clip, row) in rows {
      for channel in row.channels {
        plane.withUnsafeMutableBufferPointer { reader.read(channel, of: row.image, clip: clip, into: $0) }
        for value in plane {
          sum[channel.rawValue] += Double(value)
          squares[channel.rawValue] += Double(value) * Double(value)
        }
        count[channel.rawValue] += Double(plane.count)
      }
    }
    for channel in 0..<channels where count[channel] > 0 {
      mean[channel] = sum[channel] / count[channel]
      deviation[channel] = max(0, squares[channel] / count[channel] - mean[channel] * mean[channel]).squareRoot()
    }
  }
}

// MARK: - As text

extension ChannelStatistics {
  /// Both lists, with all digits.
  var json: JSON {
    ["mean": .array(mean.map { .number($0) }), "deviation": .array(deviation.map { .number($0) })]
  }

  /// Reads what `json` gave.
  init(_ value: JSON?, path: String) throws(StageError) {
    let fields = try Fields(value, path: path, keys: ["mean", "deviation"])
    mean = try Self.numbers(fields, "mean")
    deviation = try Self.numbers(fields, "deviation")
  }

  private static func numbers(_ fields: Fields, _ key: String) throws(StageError) -> [Double] {
    let channels = Channel.allCases.count
    let numbers = try fields.elements(key, count: channels...channels).compactMap(\.value.number)
    guard numbers.count == channels, numbers.allSatisfy(\.isFinite) else {
      throw .description("\(fields.place(key)) must be a list of \(channels) numbers")
    }
    return numbers
  }
}
