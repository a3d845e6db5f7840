// Faces drawn once for all tests of the synthesis, and their flow.

import COpenCV
import Clips

/// A study of ten participants without files.
enum SynthesisDrawn {
  static let options = SynthesisOptions(subjects: 10, seed: 7)
  static let flowSide = 64

  /// A micro clip with its flow from onset to apex at 64 × 64.
  struct Shown: Sendable {
    let sample: SynthesisSample
    let flow: FlowField
  }

  /// Every micro clip of the study.
  static let clips: [Shown] = samples.map { sample in
    Shown(sample: sample, flow: flow(from: sample.onset, to: sample.apex))
  }

  private static let samples: [SynthesisSample] = {
    do {
      return try synthesisSamples(options)
    } catch {
      preconditionFailure("the options are fine: \(error)")
    }
  }()

  /// The flow between two frames of the study at 64 × 64.
  static func flow(from first: [UInt8], to second: [UInt8]) -> FlowField {
    FlowField(from: small(first), to: small(second))
  }

  private static func small(_ frame: [UInt8]) -> Plane {
    Plane(width: options.side, height: options.side, pixels: frame.map(Float.init))
      .resized(width: flowSide, height: flowSide)
  }

  /// Face coordinates of a pixel of a square picture.
  static func place(_ index: Int, side: Int) -> (x: Float, y: Float) {
    let step = 2 / Float(side)
    return ((Float(index % side) + 0.5) * step - 1, (Float(index / side) + 0.5) * step - 1)
  }

  /// The mean of a flow over a region: outwards (away from the middle line) and downwards, in pixels.
  static func mean(_ flow: FlowField, in region: FaceRegion) -> (outwards: Float, down: Float) {
    let area = flow.side * flow.side
    var sum: (outwards: Float, down: Float, count: Float) = (0, 0, 0)
    for index in 0..<area {
      let (x, y) = place(index, side: flow.side)
      guard region.contains(x: x, y: y) else { continue }
      sum.outwards += x < 0 ? -flow.planes[index] : flow.planes[index]
      sum.down += flow.planes[area + index]
      sum.count += 1
    }
    return (sum.outwards / sum.count, sum.down / sum.count)
  }
}
