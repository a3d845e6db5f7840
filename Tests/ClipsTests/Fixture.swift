// Small sets of images that the tests of this folder read: every pixel is a formula.

import COpenCV
import Clips
import Foundation
import TestSupport

/// Encodes a grey picture of `width` × `height` as PNG.
func greyPNG(_ width: Int, _ height: Int, _ value: (Int, Int) -> Double) -> [UInt8] {
  var pixels: [UInt8] = []
  for y in 0..<height { for x in 0..<width { pixels.append(UInt8(max(0, min(255, value(x, y) + 0.5)))) } }
  return collect { vision_encode_png_grey(pixels, Int32(width), Int32(height), $0, $1) }
}

/// Encodes a colour picture as PNG.
func colourPNG(_ width: Int, _ height: Int, _ value: (Int, Int) -> (UInt8, UInt8, UInt8)) -> [UInt8] {
  let colours = (0..<width * height).map { value($0 % width, $0 / width) }
  let planes = colours.map(\.0) + colours.map(\.1) + colours.map(\.2)
  return collect { vision_encode_png_planes(planes, Int32(width), Int32(height), $0, $1) }
}

/// What an encoder hands to its sink.
func collect(_ encode: (VisionSink?, UnsafeMutableRawPointer) -> VisionStatus) -> [UInt8] {
  var bytes: [UInt8] = []
  let status = withUnsafeMutablePointer(to: &bytes) { target in
    encode(
      { context, piece, count in
        context?.assumingMemoryBound(to: [UInt8].self).pointee += UnsafeBufferPointer(start: piece, count: count)
      }, target)
  }
  precondition(status == VISION_DONE, "the picture can be encoded")
  return bytes
}

/// A smooth texture without a period, moved by (`right`, `down`) pixels.
func texture(_ x: Int, _ y: Int, right: Double = 0, down: Double = 0) -> Double {
  let (a, b) = (Double(x) - right, Double(y) - down)
  return 128 + 50 * sin(a / 4.1 + b / 9.7) + 40 * sin(b / 5.3 - a / 13.1) + 20 * sin((a * a + b * b) / 900)
}

/// The same texture of `side` × `side`, of which only a round part in the middle has moved right by `movement` pixels:
/// as in a face, most of the picture rests.
func bulge(_ x: Int, _ y: Int, side: Int, movement: Double) -> Double {
  let (a, b) = (Double(x) - Double(side) / 2, Double(y) - Double(side) / 2)
  return texture(x, y, right: movement * exp(-(a * a + b * b) * 16 / Double(side * side)))
}

/// One frame of a clip whose middle has moved right by `movement` pixels.
func frame(_ width: Int = 40, _ height: Int = 40, movement: Double) -> [UInt8] {
  greyPNG(width, height) { bulge($0, $1, side: 40, movement: movement) }
}

extension TemporaryFolder {
  /// A clip `path` whose frame k has moved as far as `movement` says; numbers start at 1, without padding.
  func writeClip(_ path: String, movement: [Double]) throws {
    for (place, distance) in movement.enumerated() {
      try write(frame(movement: distance), to: "\(path)/img\(place + 1).png")
    }
  }

  /// A small set of layout `folders` at `set/`: two subjects, two labels, moving clips of 5 frames.
  func writeFolders() throws {
    for (place, subject) in ["S01", "S02"].enumerated() {
      for (other, label) in ["anger", "happiness"].enumerated() {
        let speed = 0.3 + 0.1 * Double(place + 2 * other)
        try writeClip("set/\(subject)/\(label)/\(label)-1", movement: [0, speed, 2 * speed, speed, 0.1])
      }
    }
  }

  /// A small set of layout `flow-images` at `set/`: three clips of 12 × 12.
  func writeFlowImages(header: String = "subject,clip,label,onset_apex,apex_offset") throws {
    var table = header + "\r\n"
    for clip in 1...3 {
      for (name, shift) in [("a", 0), ("b", 9)] {
        let picture = colourPNG(12, 12) { x, y in
          (UInt8(x * 10 + clip), UInt8(y * 10 + shift), UInt8(x + y + clip))
        }
        try write(picture, to: "set/images/\(clip)\(name).png")
      }
      table +=
        "s\(clip % 2),c\(clip),\(clip == 1 ? "positive" : "negative"),images/\(clip)a.png,images/\(clip)b.png\r\n"
    }
    try write(table.utf8, to: "set/annotation.csv")
  }

  /// Prepares `set/` into `out.set`.
  func prepareSet(
    _ layout: Layout = .folders, side: Int? = 24, frames: Int = 10, flow: FlowPairs = .onset, threads: Int = 2
  ) throws(ImportError) -> ImportReport {
    try prepare(
      layout: layout, root: file("set"), out: file("out.set"),
      options: PrepareOptions(side: side, frames: frames, flow: flow, threads: threads))
  }

  /// The line that preparing `set/` is refused with; nil where it is not refused. Nothing may be left behind.
  func refusal(_ layout: Layout = .folders, side: Int? = 24) -> String? {
    do throws(ImportError) {
      _ = try prepareSet(layout, side: side)
      return nil
    } catch {
      let left = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      let isClean = left.allSatisfy { !$0.hasPrefix("out.set") && !$0.hasPrefix(".") }
      return isClean ? error.description : "left behind: \(left)"
    }
  }
}
