// Synthesize: a study's worth of drawn faces on disk, in layout `folders`.
//
// DIR/macro/S01/happiness/still-01.png …            strong expressions, stills (clips of one frame)
// DIR/micro/S01/surprise/clip-01/frame-001.png …    the same expressions at micro strength
// DIR/micro/clips.csv                               onset, apex and offset of each clip (frame numbers)
// The same participants are in both sets. A drawing depends on its own stream of random numbers only.
import Kernels

/// Draws the macro and the micro set into `directory/macro` and `directory/micro`.
///
/// - Parameters:
///   - options: who and how much; see `SynthesisOptions` for the ranges.
///   - directory: created with its parents; `macro` and `micro` must not be in it yet.
///   - progress: called with (stills and clips drawn, all of them), in rising order.
/// - Returns: how much was written.
/// - Throws: `SynthesisError`; then neither set is there.
@discardableResult
public func synthesize(
  _ options: SynthesisOptions, into directory: String, progress: (Int, Int) -> Void = { _, _ in }
) throws(SynthesisError) -> SynthesisReport {
  try options.check()
  try SetFolder.make(directory)
  let macro = try SetFolder(directory, "macro")
  let micro = try SetFolder(directory, "micro")
  do {
    let study = StudyDrawing(options: options, macro: macro, micro: micro)
    let report = try study.draw(progress)
    try macro.commit()
    try micro.commit()
    return report
  } catch {
    macro.abandon()
    micro.abandon()
    throw error
  }
}

/// A study being drawn.
private struct StudyDrawing {
  let options: SynthesisOptions
  let macro: SetFolder
  let micro: SetFolder

  func draw(_ progress: (Int, Int) -> Void) throws(SynthesisError) -> SynthesisReport {
    let plan = SynthesisPlan(options)
    let all = plan.stills.count + plan.clips.count
    var done = 0
    var frames = 0
    var table = "subject,label,clip,onset,apex,offset\n"
    for subject in 1...options.subjects {
      let sitter = Sitter(options, subject: subject)
      for still in plan.stills where still.subject == subject {
        try write(sitter, still)
        done += 1
        progress(done, all)
      }
      for clip in plan.clips where clip.subject == subject {
        let shown = try write(sitter, clip, table: &table)
        frames += shown
        done += 1
        progress(done, all)
      }
    }
    try micro.write(Array(table.utf8), to: "clips.csv")
    return SynthesisReport(stills: plan.stills.count, clips: plan.clips.count, frames: frames)
  }

  private func write(_ sitter: Sitter, _ still: PlannedDrawing) throws(SynthesisError) {
    let folder = "\(still.subjectName)/\(still.expression.rawValue)"
    try macro.makeFolder(folder)
    var random = CounterRandom(key: options.seed, stream: still.stream)
    let performance = Performance(still: still.expression, sitter.motion, &random)
    let frame = performance.draw(0, with: sitter.drawer, &random)
    try macro.write(encodedPNG(grey: frame, side: options.side), to: "\(folder)/\(still.name).png")
  }

  private func write(
    _ sitter: Sitter, _ clip: PlannedDrawing, table: inout String
  ) throws(SynthesisError) -> Int {
    let folder = "\(clip.subjectName)/\(clip.expression.rawValue)/\(clip.name)"
    try micro.makeFolder(folder)
    var random = CounterRandom(key: options.seed, stream: clip.stream)
    let performance = Performance(clip: clip.expression, sitter.motion, &random)
    for index in 0..<performance.frames {
      let frame = performance.draw(index, with: sitter.drawer, &random)
      let number = index + 1 < 10 ? "00\(index + 1)" : "0\(index + 1)"
      try micro.write(encodedPNG(grey: frame, side: options.side), to: "\(folder)/frame-\(number).png")
    }
    let places = "\(performance.onset + 1),\(performance.apex + 1),\(performance.offset + 1)"
    table += "\(clip.subjectName),\(clip.expression.rawValue),\(clip.name),\(places)\n"
    return performance.frames
  }
}

/// A participant ready to be drawn.
private struct Sitter {
  let motion: FaceMotion
  let drawer: FrameDrawer

  init(_ options: SynthesisOptions, subject: Int) {
    let portrait = Portrait(seed: options.seed, subject: subject, side: options.side)
    motion = FaceMotion(portrait, side: options.side)
    drawer = FrameDrawer(portrait, side: options.side)
  }
}
