// What every recipe of a checkpoint says, whatever answers in it: which clips it takes, and where it comes from.

import Canonical
import Clips

/// The facts that a network, an average and a ridge share.
struct PredictionFacts: Equatable {
  static let keys = [
    "version", "numeric_class", "labels", "side", "frames", "has_magnitude", "study", "configuration", "seed", "sets",
  ]
  static let optionalKeys = ["flow"]

  /// The class with its revision.
  let numericClass: String
  /// The classes, in the order of the scores.
  let labels: [String]
  /// Pixels along each side of the images.
  let side: Int
  /// The most frames that a clip of the target set stores.
  let frames: Int
  /// Between which frames the target set's flow was computed; in the file only where it is not from the onset.
  let flow: FlowPairs
  /// Whether the target set's flow is in pixels.
  let hasMagnitude: Bool
  let studyName: String
  let studyDigest: Digest
  /// The digests of the sets that trained it.
  let sets: [String: Digest]

  /// Reads the facts of a recipe, whose other keys the caller knows.
  init(_ fields: Fields) throws(StageError) {
    flow = fields.members["flow"] == nil ? .onset : try fields.choice("flow")
    guard try fields.integer("version", in: 0...Int.max) == 1 else {
      throw .description("\(fields.place("version")) is not 1, the only one that this program reads")
    }
    numericClass = try fields.text("numeric_class")
    labels = try fields.texts("labels")
    side = try fields.integer("side", in: 1...65_536)
    frames = try fields.integer("frames", in: 0...10_000)
    hasMagnitude = try fields.bool("has_magnitude")
    let study = try Fields(fields.members["study"], path: fields.place("study"), keys: ["name", "digest"])
    studyName = try study.text("name")
    studyDigest = try study.digest("digest")
    _ = try fields.text("configuration")
    _ = try fields.integer("seed", in: 0...Int.max)
    var sets: [String: Digest] = [:]
    for (name, value) in fields.members["sets"]?.object ?? [:] {
      sets[name] = try Fields.digest(value, place: "\(fields.place("sets")).\(name)")
    }
    self.sets = sets
    guard labels.count >= 2 else { throw .description("\(fields.place("labels")) must be two labels or more") }
  }

  /// The members of a recipe that say the facts; the class and the seed are the caller's.
  static func members(
    labels: [String], target: PreparedSet, sets: [String: Digest], study: (name: String, digest: Digest),
    configuration: String
  ) -> [String: JSON] {
    var members: [String: JSON] = ["version": 1]
    members["labels"] = .array(labels.map { .string($0) })
    members["side"] = .integer(target.side)
    members["frames"] = .integer(target.clips.map(\.frames.count).max() ?? 0)
    if target.flowPairs != .onset { members["flow"] = .string(target.flowPairs.rawValue) }
    members["has_magnitude"] = .bool(target.hasMagnitude)
    members["study"] = ["name": .string(study.name), "digest": .string(study.digest.hex)]
    members["configuration"] = .string(configuration)
    members["sets"] = .object(sets.mapValues { .string($0.hex) })
    return members
  }

  /// Checks that clips of a set are such as what answers looks at.
  func check(
    _ set: PreparedSet, _ clips: [Int], looksAtFlow: Bool, looksAtFrames: Bool
  ) throws(StageError) {
    guard set.side == side else {
      throw .data(
        "its images are \(side) pixels wide and the clips' are \(set.side); prepare them with --side \(side)")
    }
    guard !looksAtFlow || set.hasMagnitude == hasMagnitude else {
      let (own, other) = ("flow in pixels", "flow that was scaled image by image")
      throw .data(
        "it was trained on \(hasMagnitude ? own : other) and the clips have "
          + "\(set.hasMagnitude ? own : other); give clips of the layout that trained it")
    }
    guard !looksAtFlow || clips.allSatisfy({ set.clips[$0].frames.count < 3 }) || set.flowPairs == flow else {
      throw .data(
        "it was trained on flow prepared with --flow \(flow.rawValue) and the clips have --flow "
          + "\(set.flowPairs.rawValue); prepare them alike")
    }
    for clip in clips.map({ set.clips[$0] }) {
      if looksAtFlow, clip.flows.isEmpty {
        throw .data("it looks at movement and \(clip.name) is a still; give a clip's frames from onset to offset")
      }
      if looksAtFrames, clip.frames.isEmpty {
        throw .data("it looks at frames and \(clip.name) has flow only; give clips of the layout that trained it")
      }
    }
  }
}
