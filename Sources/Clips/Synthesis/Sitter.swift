// Sitter: one participant ready to be drawn, and drawings without files.
import Kernels

/// A participant with everything that frames are drawn from.
package struct Sitter {
  private let seed: UInt64
  private let motion: FaceMotion
  private let drawer: FrameDrawer

  /// Participant `subject`, from 1, of the study of `options`, which must be in their ranges.
  package init(_ options: SynthesisOptions, subject: Int) {
    seed = options.seed
    let portrait = Portrait(seed: options.seed, subject: subject, side: options.side)
    motion = FaceMotion(portrait, side: options.side)
    drawer = FrameDrawer(portrait, side: options.side)
  }

  /// How this person performs the drawing's expression.
  func performance(_ drawing: PlannedDrawing) -> Performance {
    var random = CounterRandom(key: seed, stream: drawing.stream)
    return drawing.isStill
      ? Performance(still: drawing.expression, motion, &random)
      : Performance(clip: drawing.expression, motion, &random)
  }

  /// The grey values of one frame.
  func frame(_ index: Int, of performance: Performance, _ drawing: PlannedDrawing) -> [UInt8] {
    var noise = CounterRandom(key: seed, stream: drawing.noiseStream(frame: index))
    return performance.draw(index, with: drawer, &noise)
  }
}

extension Sitter {
  /// The face at rest (nil) or with a whole expression at `strength`, 1 for macro; no drift, no noise.
  package func pose(_ expression: Expression?, strength: Float = 1) -> [UInt8] {
    var field = MotionField(pixels: motion.side * motion.side)
    for part in expression?.recipe ?? [] {
      for isRight in [false, true] {
        field.add(motion.field(part.unit, isRight: isRight), weight: part.share * strength)
      }
    }
    var unused = CounterRandom(key: seed, stream: 0)
    return drawer.draw(field, Exposure(), &unused)
  }
}

/// The frames of a micro clip that say most, as `synthesize` would write them.
package struct SynthesisSample: Sendable {
  package let subject: String
  package let expression: Expression
  package let clip: String
  /// Grey values, row by row.
  package let onset: [UInt8]
  package let apex: [UInt8]
}

/// Onset and apex of every micro clip, and nothing on disk.
package func synthesisSamples(_ options: SynthesisOptions) throws(SynthesisError) -> [SynthesisSample] {
  try options.check()
  let plan = SynthesisPlan(options)
  return (1...options.subjects).flatMap { subject in
    let sitter = Sitter(options, subject: subject)
    return plan.clips.filter { $0.subject == subject }.map { clip in
      let performance = sitter.performance(clip)
      return SynthesisSample(
        subject: clip.subjectName, expression: clip.expression, clip: clip.name,
        onset: sitter.frame(performance.onset, of: performance, clip),
        apex: sitter.frame(performance.apex, of: performance, clip))
    }
  }
}
