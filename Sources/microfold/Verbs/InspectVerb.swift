// `inspect`: what is in a prepared set, in words, as JSON, or as a contact sheet.

import Canonical
import Clips

enum InspectVerb: Verb {
  static let name = "inspect"
  static let summary = "what is in a prepared set; a contact sheet of it"
  static let flags = Flags(values: ["--montage", "--flow-statistics"], switches: ["--json"], words: ["FILE"])
  static let help = """
    microfold inspect FILE [--montage PNG] [--flow-statistics PNG] [--json]

    Opens and verifies a prepared set and says what is in it.

      --montage PNG   writes a contact sheet: onset, apex and flow of some clips of each label
      --flow-statistics PNG
                      writes mean and variance of the flow at each pixel and the mean of each clip, by label, and says
                      them in figures
      --json          one object on one line
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let path = arguments.words[0]
    let set = try PreparedSet(path: path)
    if let picture = arguments.value("--montage") { try montage(set: set, to: picture) }
    var statistics: FlowStatistics?
    if let picture = arguments.value("--flow-statistics") {
      let measured = try FlowStatistics(set: set)
      try measured.write(to: picture)
      statistics = measured
    }
    if arguments.has("--json") {
      Output.json(json(set, statistics))
    } else {
      describe(set, path: path)
      for group in statistics?.groups ?? [] { Output.line(line(group)) }
    }
    return 0
  }

  private static func counts(_ set: PreparedSet) -> [(label: String, clips: Int)] {
    set.labels.map { label in (label, set.clips.count { $0.label == label }) }
  }

  private static func describe(_ set: PreparedSet, path: String) {
    Output.line("\(path): layout \(set.layout.rawValue), side \(set.side), digest \(set.digest.hex)")
    Output.line("clips    \(set.clips.count) of \(set.subjects.count) subjects")
    for count in counts(set) { Output.line("  \(count.label)  \(count.clips)") }
    let frames = set.clips.reduce(0) { $0 + $1.frames.count }
    let flows = set.clips.reduce(0) { $0 + $1.flows.count }
    Output.line(
      "stored   \(frames) frames, \(flows) flow fields\(set.hasMagnitude ? " in pixels" : ", scaled image by image")")
    let found = set.clips.count { $0.apexFound }
    if found > 0 { Output.line("note     the apex of \(found) clips was found by largest flow, not annotated") }
  }

  private static func line(_ group: FlowStatistics.Group) -> String {
    func thousandths(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
    return "flow     \(group.label ?? "all"): mean \(thousandths(group.mean)) px, variance within a clip "
      + "\(thousandths(group.variance)) px², deviation between clips \(thousandths(group.deviation)) px"
  }

  private static func json(_ set: PreparedSet, _ statistics: FlowStatistics?) -> JSON {
    let perClass = counts(set).map { ($0.label, JSON.integer($0.clips)) }
    var members: [String: JSON] = [
      "layout": .string(set.layout.rawValue), "side": .integer(set.side), "digest": .string(set.digest.hex),
      "clips": .integer(set.clips.count), "subjects": .array(set.subjects.map { .string($0) }),
      "per_class": .object(Dictionary(perClass) { first, _ in first }), "has_magnitude": .bool(set.hasMagnitude),
      "apex_found": .integer(set.clips.count { $0.apexFound }),
    ]
    members["flow"] = statistics.map { statistics in
      .array(
        statistics.groups.map { group in
          [
            "label": group.label.map { .string($0) } ?? .null, "clips": .integer(group.clips.count),
            "mean": .number(group.mean), "variance": .number(group.variance), "deviation": .number(group.deviation),
          ]
        })
    }
    return .object(members)
  }
}
