// `synthesize`: a study's worth of drawn faces, for trying everything without anybody's data.

import Canonical
import Clips
import Foundation

enum SynthesizeVerb: Verb {
  static let name = "synthesize"
  static let summary = "draw a study's worth of faces: macro stills and micro clips"
  static let flags = Flags(
    values: [
      "--out", "--layout", "--subjects", "--seed", "--side", "--clips-per-subject", "--stills-per-label", "--prefix",
    ],
    switches: ["--json"])
  static let help = """
    microfold synthesize --out DIR [--layout folders] [--subjects N] [--seed S] [--side N] [--prefix P] [--json]

    Draws participants with faces of their own; six expressions as strong stills in DIR/macro and at micro strength as
    onset-apex-offset clips in DIR/micro, both in the layout `folders`. The same seed draws the same bytes.

      --subjects N            participants, 2 to 99 (10)
      --seed S                everything random derives from it (1)
      --side N                side of a frame in pixels (128)
      --clips-per-subject N   micro clips a participant, on average (8)
      --prefix P              what their ids begin with (S); other people need another seed and another prefix
      --stills-per-label N    macro stills of each expression and participant (2)
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let directory = try arguments.required("--out")
    let layout = arguments.value("--layout") ?? Layout.folders.rawValue
    guard layout == Layout.folders.rawValue else {
      throw Failure("synthesize: --layout \(layout): only folders can be drawn")
    }
    var options = SynthesisOptions(threads: ProcessInfo.processInfo.activeProcessorCount)
    options.subjects = try arguments.whole("--subjects", or: options.subjects, in: 2...99)
    options.seed = UInt64(try arguments.whole("--seed", or: Int(options.seed), in: 0...Int.max))
    options.side = try arguments.whole("--side", or: options.side, in: 64...256)
    options.clipsPerSubject = try arguments.whole("--clips-per-subject", or: options.clipsPerSubject, in: 6...100)
    options.stillsPerLabel = try arguments.whole("--stills-per-label", or: options.stillsPerLabel, in: 1...20)
    options.prefix = arguments.value("--prefix") ?? options.prefix
    let bar = ProgressBar("drawing")
    defer { bar.finish() }
    let report = try synthesize(options, into: directory) { done, total in bar.show(done, of: total) }
    bar.finish()
    if arguments.has("--json") {
      Output.json([
        "subjects": .integer(options.subjects), "stills": .integer(report.stills), "clips": .integer(report.clips),
        "frames": .integer(report.frames),
      ])
    } else {
      Output.line(
        "\(directory): \(options.subjects) participants, \(report.stills) macro stills,"
          + " \(report.clips) micro clips of \(report.frames) frames"
      )
    }
    return 0
  }
}
