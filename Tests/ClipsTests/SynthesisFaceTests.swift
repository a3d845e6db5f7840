// Whether drawn faces are faces, and whether they move where their expression's action units say.

import COpenCV
import Clips
import Testing

@Suite("synthesis: faces")
struct SynthesisFaceTests {
  /// Goal: pictures that others take for faces. Method: Debian's frontal-face cascade on every onset frame.
  @Test("the frontal-face cascade finds exactly one face in at least 95 % of the onset frames")
  func cascade() throws {
    let detector = try #require(
      vision_detector_open("/usr/share/opencv4/haarcascades/haarcascade_frontalface_default.xml"))
    defer { vision_detector_close(detector) }
    let frames = SynthesisDrawn.clips.map(\.sample.onset)
    let upright = frames.count { Self.faces(in: $0, detector) == 1 }
    let onTheSide = frames.count { Self.faces(in: Self.transposed($0), detector) > 0 }
    print("synthesis: one face in \(upright) of \(frames.count) onset frames; on their side in \(onTheSide)")
    #expect(upright * 100 >= frames.count * 95)
    #expect(onTheSide * 20 < frames.count, "or the cascade takes anything for a face")
  }

  private static func transposed(_ frame: [UInt8]) -> [UInt8] {
    let side = SynthesisDrawn.options.side
    return frame.indices.map { frame[$0 % side * side + $0 / side] }
  }

  private static func faces(in frame: [UInt8], _ detector: OpaquePointer) -> Int {
    let side = Int32(SynthesisDrawn.options.side)
    var boxes = [VisionBox](repeating: VisionBox(), count: 8)
    var count: Int32 = 0
    let status = vision_detect_faces(detector, frame, side, side, side / 2, &boxes, 8, &count)
    return status == VISION_DONE ? Int(count) : -1
  }

  /// Goal: motion where the label says. Method: the largest flow (blurred by two pixels, the rim of the frame left
  /// out, where TV-L1 guesses) lies in a region of the label's action units, and the regions move more than the rest.
  @Test("the flow from onset to apex is largest where the label's action units act, in at least 90 % of the clips")
  func regions() {
    var inside = 0
    for clip in SynthesisDrawn.clips {
      inside += movesInside(clip.flow, clip.sample.expression.regions) ? 1 : 0
    }
    print("synthesis: largest flow in the label's regions in \(inside) of \(SynthesisDrawn.clips.count) clips")
    #expect(inside * 100 >= SynthesisDrawn.clips.count * 90)
  }

  private func movesInside(_ flow: FlowField, _ regions: [FaceRegion]) -> Bool {
    let side = flow.side
    let area = side * side
    var length = (0..<area).map { index in
      let (u, v) = (flow.planes[index], flow.planes[area + index])
      return (u * u + v * v).squareRoot()
    }
    #expect(vision_blur(length, Int32(side), Int32(side), 2, &length) == VISION_DONE)
    var best: (value: Float, isInside: Bool) = (-1, false)
    var sums: (inside: Float, insideCount: Float, outside: Float, outsideCount: Float) = (0, 0, 0, 0)
    for index in 0..<area {
      let (x, y) = SynthesisDrawn.place(index, side: side)
      guard abs(x) < 0.9, abs(y) < 0.94 else { continue }
      let isInside = regions.contains { $0.contains(x: x, y: y) }
      if length[index] > best.value { best = (length[index], isInside) }
      sums.inside += isInside ? length[index] : 0
      sums.insideCount += isInside ? 1 : 0
      sums.outside += isInside ? 0 : length[index]
      sums.outsideCount += isInside ? 0 : 1
    }
    return best.isInside && sums.inside / sums.insideCount > 1.3 * sums.outside / sums.outsideCount
  }

  /// Goal: the right muscles. Method: mean flow of each participant's half-strength pose against the face at rest.
  @Test("brows, nose, corners of the mouth and chin move the way that each expression says", arguments: 1...10)
  func directions(subject: Int) {
    let sitter = Sitter(SynthesisDrawn.options, subject: subject)
    let rest = sitter.pose(nil)
    func mean(_ expression: Expression, _ region: FaceRegion) -> (outwards: Float, down: Float) {
      let pose = sitter.pose(expression, strength: 0.5)
      return SynthesisDrawn.mean(SynthesisDrawn.flow(from: rest, to: pose), in: region)
    }
    #expect(mean(.surprise, .innerBrows).down < -0.2, "brows go up in surprise")
    #expect(mean(.surprise, .outerBrows).down < -0.2, "their outer ends too")
    #expect(mean(.surprise, .chin).down > 0.2, "the jaw drops")
    #expect(mean(.anger, .innerBrows).down > 0.2, "brows come down in anger")
    #expect(mean(.happiness, .mouthCorners).down < -0.2, "the corners of a smile go up")
    #expect(mean(.happiness, .mouthCorners).outwards > 0.05, "and apart")
    #expect(mean(.sadness, .mouthCorners).down > 0.1, "the corners sink in sadness")
    #expect(mean(.sadness, .innerBrows).down < -0.05, "the inner brows rise")
    #expect(mean(.disgust, .nose).down < -0.1, "the nose wrinkles upwards in disgust")
    #expect(mean(.fear, .mouthCorners).outwards > 0.1, "lips are stretched in fear")
  }

  /// Goal: a mouth that opens, not a mouth that is shifted. Method: dark pixels between the lips at macro strength.
  @Test("surprise opens a dark mouth, a face at rest has none", arguments: 1...10)
  func mouthOpens(subject: Int) {
    let side = SynthesisDrawn.options.side
    func dark(_ frame: [UInt8]) -> Int {
      frame.indices.count { index in
        let (x, y) = SynthesisDrawn.place(index, side: side)
        return abs(x) < 0.16 && y > 0.36 && y < 0.68 && frame[index] < 45
      }
    }
    let sitter = Sitter(SynthesisDrawn.options, subject: subject)
    #expect(dark(sitter.pose(nil)) < 4)
    #expect(dark(sitter.pose(.surprise)) > 40)
  }
}
