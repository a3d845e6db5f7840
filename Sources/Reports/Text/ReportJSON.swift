// report.json: what other programs read. Equal results are equal bytes; no time, no host, no path.

import Canonical
import Study

extension Summary {
  /// The whole of report.json.
  var json: JSON {
    var members: [String: JSON] = [
      "study": ["name": .string(input.studyName), "digest": .string(input.studyDigest.hex)],
      "protocol": [
        "kind": .string(input.protocol.kind), "folds": .integer(input.folds.count),
        "leakage": .string(input.protocol.leakage), "selection": .string(input.protocol.selection),
      ],
      "labels": .array(input.labels.map(JSON.string)),
      "configurations": .array(zip(input.configurations, configurations).map { json(of: $0, $1) }),
      "baselines": .array(
        baselines.map { .object($0.members(folds: input.folds).merging(stampMember) { own, _ in own }) }),
      "beside_baselines": .array(
        besideBaselines.map { .object($0.members.merging(stampMember) { own, _ in own }) }),
      "comparisons": .array(comparisons.map { .object($0.members.merging(stampMember) { own, _ in own }) }),
      "stages": ["plan": .integer(input.stages.plan), "naive": .integer(input.stages.naive)],
    ]
    members["transfers"] = transferJSON
    members["beside_configurations"] = configurationsJSON
    members["paper"] = paperJSON
    members["flow"] = flowJSON
    members["race"] = raceJSON
    return .object(members)
  }

  /// What the study allowed on purpose; nothing where it allowed nothing.
  var stampMember: [String: JSON] {
    stamps.isEmpty ? [:] : ["stamps": .array(stamps.map(JSON.string))]
  }

  private func json(of facts: ConfigurationFacts, _ method: MethodSummary) -> JSON {
    var members = method.members(folds: input.folds)
    members["parameters"] = facts.parameters
    members.merge(stampMember) { own, _ in own }
    members["seeds"] = .array(method.seeds.map(JSON.integer))
    members["rates"] = [
      "pretraining": facts.rates.pretraining.map(JSON.number) ?? .null,
      "fitting": facts.rates.fitting.map(JSON.number) ?? .null,
    ]
    if !input.candidates.isEmpty { members["folds"] = .array(zip(input.folds.indices, method.folds).map(chosenFold)) }
    return .object(members)
  }
}

extension Summary {
  /// A fold with what it chose, by seed; null where an inner fold has no result.
  private func chosenFold(_ place: Int, _ fold: FoldSummary) -> JSON {
    var members = fold.json.object ?? [:]
    members["chosen"] = .array(
      input.configurations[0].seeds.map { seed in
        choice(fold: place, seed: seed).map { .string($0.configuration) } ?? .null
      })
    return .object(members)
  }
}

extension MethodSummary {
  /// What configurations and baselines share; `incomplete` only where a fold is missing.
  fileprivate func members(folds facts: [FoldFacts]) -> [String: JSON] {
    var members: [String: JSON] = [
      "name": .string(name),
      "metrics": metrics,
      "interval": intervals?.json ?? ["accuracy": .null, "uf1": .null, "uar": .null],
      "confusion": .array(
        matrices.map { matrix in .array(matrix.counts.map { .array($0.map(JSON.integer)) }) }),
      "failed": .array(failed.map { $0.json(folds: facts) }),
      "folds": .array(folds.map(\.json)),
    ]
    if isIncomplete { members["incomplete"] = true }
    return members
  }

  private var metrics: JSON {
    [
      "accuracy": json(\.accuracy), "uf1": json(\.uf1), "uar": json(\.uar), "kappa": json(\.kappa),
      "balanced_accuracy": json(\.balancedAccuracy),
      "per_class": .object(Dictionary(uniqueKeysWithValues: matrices[0].labels.indices.map(classMember))),
    ]
  }

  private func classMember(_ place: Int) -> (String, JSON) {
    let support = matrices.map { JSON.integer($0.support[place]) }
    return (
      matrices[0].labels[place],
      [
        "precision": json(\.perClass[place].precision), "recall": json(\.perClass[place].recall),
        "f1": json(\.perClass[place].f1), "support": .array(support),
      ]
    )
  }

  private func json(_ figure: (Metrics) -> Double) -> JSON {
    let spread = spread(figure)
    var members: [String: JSON] = [
      "mean": hasFigures ? .number(spread.mean) : .null, "deviation": hasFigures ? .number(spread.deviation) : .null,
    ]
    if isIncomplete { members["incomplete"] = true }
    return .object(members)
  }
}

extension FoldSummary {
  fileprivate var json: JSON {
    var members: [String: JSON] = [
      "name": .string(fold.name), "subjects": .array(fold.subjects.map(JSON.string)), "clips": .integer(fold.clips),
      "correct": .array(correct.map { $0.map(JSON.integer) ?? .null }),
    ]
    if isIncomplete { members["incomplete"] = true }
    return .object(members)
  }
}

extension FailedCell {
  fileprivate func json(folds: [FoldFacts]) -> JSON {
    [
      "fold": .string(folds[fold].name), "seed": seed.map(JSON.integer) ?? .null, "stage": .string(stage.hex),
      "reason": .string(reason),
    ]
  }
}
