// Synthesize: a study's worth of drawn faces on disk, in layout `folders`.
//
// DIR/macro/S01/happiness/still-01.png …            strong expressions, stills (clips of one frame)
// DIR/micro/S01/surprise/clip-01/frame-001.png …    the same expressions at micro strength
// DIR/micro/clips.csv                               onset, apex and offset of each clip (frame numbers)
// The same participants are in both sets. A drawing depends on its own stream of random numbers only.
import Dispatch
import Kernels
import Synchronization

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
  let macro = SetFolder(directory, "macro")
  let micro = SetFolder(directory, "micro")
  try macro.refuseOccupied()
  try micro.refuseOccupied()
  do throws(SynthesisError) {
    try macro.begin()
    try micro.begin()
    let study = StudyDrawing(options: options, plan: SynthesisPlan(options), macro: macro, micro: micro)
    let report = try study.draw(progress)
    try macro.commit()
    do throws(SynthesisError) {
      try micro.commit()
    } catch {
      macro.withdraw()
      throw error
    }
    return report
  } catch {
    macro.abandon()
    micro.abandon()
    throw error
  }
}

/// A study being drawn: participants side by side on threads, their results in the order of participants.
private struct StudyDrawing: Sendable {
  let options: SynthesisOptions
  let plan: SynthesisPlan
  let macro: SetFolder
  let micro: SetFolder

  /// What one participant's drawings came to.
  struct Share: Sendable {
    var rows = ""
    var stills = 0
    var clips = 0
    var frames = 0
  }

  func draw(_ progress: (Int, Int) -> Void) throws(SynthesisError) -> SynthesisReport {
    let all = plan.stills.count + plan.clips.count
    var report = SynthesisReport(stills: 0, clips: 0, frames: 0)
    var table = "subject,label,clip,onset,apex,offset\n"
    for first in stride(from: 1, through: options.subjects, by: options.threads) {
      for result in shares(of: first..<min(first + options.threads, options.subjects + 1)) {
        let share = try result.get()
        table += share.rows
        report.stills += share.stills
        report.clips += share.clips
        report.frames += share.frames
        progress(report.stills + report.clips, all)
      }
    }
    try micro.write(Array(table.utf8), to: "clips.csv")
    return report
  }

  /// Draws these participants at the same time.
  private func shares(of subjects: Range<Int>) -> [Result<Share, SynthesisError>] {
    let results = Mutex([Int: Result<Share, SynthesisError>]())
    DispatchQueue.concurrentPerform(iterations: subjects.count) { place in
      let subject = subjects.lowerBound + place
      let result = Result { () throws(SynthesisError) in try draw(subject: subject) }
      results.withLock { $0[subject] = result }
    }
    return results.withLock { drawn in subjects.compactMap { drawn[$0] } }
  }

  private func draw(subject: Int) throws(SynthesisError) -> Share {
    let sitter = Sitter(options, subject: subject)
    var share = Share()
    for still in plan.stills where still.subject == subject {
      let folder = "\(still.subjectName)/\(still.expression.rawValue)"
      try macro.makeFolder(folder)
      let frame = sitter.frame(0, of: sitter.performance(still), still)
      try macro.write(encodedPNG(grey: frame, side: options.side), to: "\(folder)/\(still.name).png")
      share.stills += 1
    }
    for clip in plan.clips where clip.subject == subject { try write(clip, sitter, &share) }
    return share
  }

  private func write(
    _ clip: PlannedDrawing, _ sitter: Sitter, _ share: inout Share
  ) throws(SynthesisError) {
    let folder = "\(clip.subjectName)/\(clip.expression.rawValue)/\(clip.name)"
    try micro.makeFolder(folder)
    let performance = sitter.performance(clip)
    for index in 0..<performance.frames {
      let frame = sitter.frame(index, of: performance, clip)
      let number = "0" + twoDigits(index + 1)
      try micro.write(encodedPNG(grey: frame, side: options.side), to: "\(folder)/frame-\(number).png")
    }
    let places = "\(performance.onset + 1),\(performance.apex + 1),\(performance.offset + 1)"
    share.rows += "\(clip.subjectName),\(clip.expression.rawValue),\(clip.name),\(places)\n"
    share.clips += 1
    share.frames += performance.frames
  }
}
