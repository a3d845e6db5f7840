// The leak audit in words: who touched what a fold is computed from.

import Canonical

/// What touched one fold of one configuration and seed.
public struct FoldAudit: Sendable, Equatable {
  /// The fold's name.
  public let fold: String
  /// The held-out subjects.
  public let heldOut: [String]
  /// Each stage that the fold's fits read or are: its kind, its short digest, and who touched it.
  public let stages: [(kind: StageKind, digest: Digest, provenance: [String])]
  /// Whether a held-out person touched any of them.
  public let isLeak: Bool

  /// Whether two audits name the same stages and the same verdict.
  public static func == (left: FoldAudit, right: FoldAudit) -> Bool {
    left.fold == right.fold && left.heldOut == right.heldOut && left.isLeak == right.isLeak
      && left.stages.map(\.digest) == right.stages.map(\.digest)
  }
}

extension Plan {
  /// The audit of a fold: every stage that any of its cells or its baseline is made from.
  public func audit(fold: Int) -> FoldAudit {
    var wanted = Set((cells + innerCells).filter { $0.fold == fold }.flatMap(\.stages) + [baselines[fold]])
    for index in stages.indices.reversed() where wanted.contains(index) { wanted.formUnion(stages[index].parents) }
    let held = Set(stages[baselines[fold]].heldOut)
    let used = wanted.sorted().map { stages[$0] }
    return FoldAudit(
      fold: folds[fold].name, heldOut: folds[fold].subjects,
      stages: used.map { ($0.kind, $0.digest, $0.provenance) },
      // Clips that are held out alone leave their subjects' other clips in training.
      isLeak: folds[fold].clips != nil || used.contains { !held.isDisjoint(with: $0.provenance) })
  }

  /// How many stages there are of each kind, in the order of the kinds.
  public var countsByKind: [(kind: StageKind, count: Int)] {
    StageKind.allCases.map { kind in (kind, stages.count { $0.kind == kind }) }
  }
}
