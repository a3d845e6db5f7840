// The plan: every fold × configuration × seed as stages, each stage once however many cells share it.

import Canonical

/// One split: the held-out subjects; all others train.
public struct Fold: Sendable, Equatable {
  /// The held-out subject's id under leave-one-subject-out.
  public let name: String
  /// The held-out subjects.
  public let subjects: [String]
}

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

/// One fit of the plan's table: which stage answers for a configuration, a seed and a fold.
public struct Cell: Sendable, Equatable {
  /// Index into the study's configurations.
  public let configuration: Int
  /// The seed itself.
  public let seed: Int
  /// Index into the plan's folds.
  public let fold: Int
  /// Index into the plan's stages.
  public let stage: Int
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
  /// The baseline stage of each fold.
  public let baselines: [Int]
  /// How many stages of each kind a script would run that shares nothing, in the order of the kinds.
  public let naiveByKind: [Int]
  /// What a reader of the report must know.
  public let notes: [String]

  /// How many stages a script would run that shares nothing.
  public var naiveStages: Int { naiveByKind.reduce(0, +) }

  /// The digest of what the study asks: protocol, configurations and seeds. Data and file text are not in it.
  public var studyDigest: Digest { study.digest(labels: labels) }

  /// The digest of the whole plan: its stages, and which answers for what.
  public var digest: Digest {
    var builder = DigestBuilder()
    builder.add(studyDigest.bytes)
    for stage in stages { builder.add(stage.digest.bytes) }
    for cell in cells { builder.add("\(cell.configuration) \(cell.seed) \(cell.fold) \(cell.stage);".utf8) }
    return builder.finish()
  }
}

extension Study {
  /// The digest of what the study asks, with the classes that it tells apart.
  func digest(labels: [String]) -> Digest {
    let document: JSON = [
      "name": .string(name), "configurations": .array(configurations.map(\.values.json)),
      "numeric_class": .string(numericClass.rawValue), "seeds": .array(seeds.map { .integer($0) }),
      "protocol": .string(protocolKind.rawValue), "leakage": .string(leakage.rawValue),
      "labels": .array(labels.map { .string($0) }), "ridge_lambda": .number(ridgeLambda),
    ]
    return document.digest
  }
}
