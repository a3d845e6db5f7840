// Prepared sets of noise, with the shape of real ones: the time of a stage does not depend on what is in the pixels.

import Canonical
import Clips
import Kernels

/// What a made-up set holds.
struct MadeUpSet {
  /// The participants, each with as many clips as any other, or one fewer.
  let subjects: Int
  let clips: Int
  let side: Int
  /// Frames and flow fields of every clip.
  let frames: [FrameInfo]
  let flows: [FlowInfo]
  let isStill: Bool

  static let labels = ["negative", "positive", "surprise"]

  /// Names of participants.
  static func subjects(_ count: Int) -> [String] { (1...count).map { "S\($0 < 10 ? "0" : "")\($0)" } }

  /// Like CASME II flow: two flow images a clip, scaled image by image.
  static func flowImages(subjects: Int, clips: Int, side: Int) -> MadeUpSet {
    MadeUpSet(
      subjects: subjects, clips: clips, side: side, frames: [],
      flows: [FlowInfo(from: 0, to: 1, isReturn: false), FlowInfo(from: 1, to: 2, isReturn: true)], isStill: false)
  }

  /// Like a micro-expression set: onset, apex and offset, and the flow from onset to the other two.
  static func micro(subjects: Int, clips: Int, side: Int) -> MadeUpSet {
    let frames: [(Int, FrameRole)] = [(1, .onset), (2, .apex), (3, .offset)]
    return MadeUpSet(
      subjects: subjects, clips: clips, side: side, frames: frames.map { FrameInfo(number: $0.0, role: $0.1) },
      flows: [2, 3].map { FlowInfo(from: 1, to: $0, isReturn: false) }, isStill: false)
  }

  /// Like a macro-expression set: one still a clip.
  static func macro(subjects: Int, clips: Int, side: Int) -> MadeUpSet {
    MadeUpSet(
      subjects: subjects, clips: clips, side: side, frames: [FrameInfo(number: 1, role: .apex)], flows: [],
      isStill: true)
  }

  /// Writes the set and maps it.
  func write(path: String) throws -> PreparedSet {
    let writer = try SetWriter(path: path, layout: frames.isEmpty ? .flowImages : .folders, side: side)
    var random = CounterRandom(key: 3, stream: 1)
    let pixels = side * side
    for (place, subject) in Self.subjects(subjects).enumerated() {
      for clip in stride(from: place, to: clips, by: subjects) {
        let content = ClipContent(
          subject: subject, label: Self.labels[(place + clip / subjects) % 3], name: "C\(1000 + clip)", frames: frames,
          flows: flows, apexFound: false, still: isStill)
        try writer.add(
          content, frames: (0..<frames.count * pixels).map { _ in UInt8(255 * random.unit()) },
          flows: (0..<3 * flows.count * pixels).map { _ in random.unit() })
      }
    }
    _ = try writer.finish()
    return try PreparedSet(path: path)
  }
}
