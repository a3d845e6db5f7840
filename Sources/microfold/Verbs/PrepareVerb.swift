// `prepare`: a folder of clips to one prepared set.

import Canonical
import Clips
import Foundation

enum PrepareVerb: Verb {
  static let name = "prepare"
  static let summary = "read a set's own layout, compute optical flow, write one prepared set"
  static let flags = Flags(values: ["--layout", "--root", "--out", "--side", "--frames", "--flow", "--json"])
  static let help = """
    microfold prepare --layout NAME --root DIR --out FILE [--side N] [--frames M] [--flow PAIRS]
                      [--json REPORT]

    Layouts:
      folders       DIR/SUBJECT/LABEL/CLIP/frames… with an optional DIR/clips.csv
                    (subject,label,clip,onset,apex,offset); images of already aligned faces;
                    a clip of one frame is a still
      flow-images   DIR/annotation.csv (subject,clip,label,onset_apex,apex_offset) and PNGs whose red, green and blue
                    are u, v and strain

      --side N      side of the stored square images in pixels (64; flow-images keep their own)
      --frames M    at most M frames of a clip, chosen by accumulated flow; onset, apex and offset always (10)
      --flow PAIRS  onset (from the onset to each stored frame), consecutive (from each to the next) or apex (onset to
                    apex alone); the return row, apex to offset, always (onset)
      --json FILE   writes the import report there as one JSON object; - for standard output
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let layout = try Layout(named: arguments.required("--layout"))
    let root = try arguments.required("--root")
    let out = try arguments.required("--out")
    var options = PrepareOptions(threads: ProcessInfo.processInfo.activeProcessorCount)
    if arguments.value("--side") != nil { options.side = try arguments.whole("--side", or: 64, in: 8...512) }
    options.frames = try arguments.whole("--frames", or: options.frames, in: 3...1000)
    if let word = arguments.value("--flow") {
      guard let pairs = FlowPairs(rawValue: word) else {
        throw Failure(
          "--flow: \"\(word)\" is not one of: \(FlowPairs.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      options.flow = pairs
    }
    let bar = ProgressBar("preparing")
    defer { bar.finish() }
    let report = try prepare(layout: layout, root: root, out: out, options: options) { done, total in
      bar.show(done, of: total)
    }
    bar.finish()
    if let path = arguments.value("--json") {
      try write(report.json.text + "\n", to: path)
    }
    if arguments.value("--json") != "-" { describe(report, out: out) }
    return 0
  }

  private static func describe(_ report: ImportReport, out: String) {
    let classes = report.perClass.map { "\($0.label) \($0.clips)" }.joined(separator: ", ")
    Output.line(
      "\(out): \(report.clips) clips of \(report.subjects.count) subjects (\(classes)); digest \(report.digest.short)")
    if !report.repaired.isEmpty {
      Output.note("\(report.repaired.count) fields were found or repaired; --json FILE lists them")
    }
    let across = report.copies.filter(\.isAcross)
    for copy in across.prefix(5) {
      let same = copy.isExact ? "hold the same picture" : "hardly differ"
      Output.note("\(copy.clip) and \(copy.other) \(same), under two subjects: a leak; correct or drop one")
    }
    if across.count > 5 { Output.note("… and \(across.count - 5) more; --json FILE lists them") }
    let within = report.copies.count - across.count
    if within > 0 { Output.note("\(within) pairs of clips of one subject hardly differ; a split by subject is needed") }
    for skip in report.skipped.prefix(5) { Output.note("skipped \(skip.path): \(skip.why)") }
    if report.skipped.count > 5 { Output.note("… and \(report.skipped.count - 5) more; --json FILE lists them") }
  }

  private static func write(_ text: String, to path: String) throws {
    guard path != "-" else { return Output.write(text, to: STDOUT_FILENO) }
    try OutputFile.write(Array(text.utf8), to: path)
  }
}
