// The plan: every fold × configuration × seed as stages, each stage once however many cells share it.

import Canonical

/// One stage of a plan.
public struct PlannedStage: Sendable, Equatable {
  /// The kind.
  public let kind: StageKind
  /// The digest of the description: the stage's name and seed.
  public let digest: Digest
  /// The canonical description.
  public let description: JSON
  /// The stages whose artifacts this one reads, as indices into the plan; each is smaller than the stage's own.
  public let parents: [Int]
  /// `set/subject` of everyone whose data changed a parameter, a statistic or a choice in the stage's output.
  public let provenance: [String]
  /// `set/subject` of the held-out persons in every set that may hold them; empty where nothing is held out.
  public let heldOut: [String]
  /// The fold that a fit or a baseline answers for; nil for shared stages.
  public let fold: Int?
}

/// One result of the plan's table: which stages answer for a configuration, a seed and a fold.
public struct Cell: Sendable, Equatable {
  /// Index into the study's configurations.
  public let configuration: Int
  /// The seed itself.
  public let seed: Int
  /// Index into the plan's folds.
  public let fold: Int
  /// The group of the fold's training subjects that an inner cell is tested on; nil for the fold itself.
  public let group: Int?
  /// The fits whose scores are averaged, as indices into the plan's stages; none where a ridge answers alone.
  public let networks: [Int]
  /// The baseline stage whose balanced ridge is averaged with the networks; nil where none is.
  public let ridge: Int?

  /// All stages that the cell waits for.
  public var stages: [Int] { networks + (ridge.map { [$0] } ?? []) }
}

/// Everything that a run has to compute, in canonical order.
public struct Plan: Sendable, Equatable {
  /// The study.
  public let study: Study
  /// The sets by the names that the study gives them.
  public let sets: [String: SetIndex]
  /// The classes that are told apart, sorted.
  public let labels: [String]
  /// The folds, by name.
  public let folds: [Fold]
  /// The distinct stages; parents stand before children.
  public let stages: [PlannedStage]
  /// Configuration × seed × fold, in that order.
  public let cells: [Cell]
  /// Under nested selection: configuration × seed × fold × group, in that order; else none.
  public let innerCells: [Cell]
  /// The baseline stage of each fold.
  public let baselines: [Int]
  /// How many stages of each kind a script would run that shares nothing, in the order of the kinds.
  public let naiveByKind: [Int]
  /// What a reader of the report must know.
  public let notes: [String]

  /// The baseline that `average.ridge` means.
  public static let averagedRidge = "ridge_balanced"

  /// How many stages a script would run that shares nothing.
  public var naiveStages: Int { naiveByKind.reduce(0, +) }

  /// The digest of what the study asks: protocol, configurations and seeds. Data and file text are not in it.
  public var studyDigest: Digest { study.digest(labels: labels) }

  /// The digest of the whole plan: its stages, and which answers for what.
  public var digest: Digest {
    var builder = DigestBuilder()
    builder.add(studyDigest.bytes)
    for stage in stages { builder.add(stage.digest.bytes) }
    for cell in cells + innerCells { builder.add(cell.words.utf8) }
    return builder.finish()
  }
}

extension Cell {
  /// The cell as text, for the plan's digest.
  fileprivate var words: String {
    let place = "\(configuration) \(seed) \(fold)" + (group.map { " inner \($0)" } ?? "")
    let averaged = networks.dropFirst().map { " \($0)" }.joined() + (ridge.map { " ridge \($0)" } ?? "")
    return "\(place) \(networks.first.map(String.init) ?? "-")\(averaged);"
  }
}

extension Study {
  /// The digest of what the study asks, with the classes that it tells apart.
  func digest(labels: [String]) -> Digest {
    var members: [String: JSON] = [
      "name": .string(name), "configurations": .array(configurations.map(\.values.json)),
      "numeric_class": .string(numericClass.rawValue), "seeds": .array(seeds.map { .integer($0) }),
      "protocol": .string(split.kind.rawValue), "leakage": .string(split.leakage.rawValue),
      "labels": .array(labels.map { .string($0) }), "ridge_lambda": .number(ridgeLambda),
    ]
    if let graphSeeds, graphSeeds != [0] { members["graph_seeds"] = .array(graphSeeds.map { .integer($0) }) }
    let words = split.digestWords
    if !words.isEmpty { members["split"] = .array(words.map { .string($0) }) }
    return JSON.object(members).digest
  }
}
