// From results to the rows of a cell: averages of networks, and under nested selection the rows of what a fold chose.

import Canonical
import Ledger
import Reports
import Study

/// What nested selection comes to.
struct NestedResult {
  var rows: [PredictionRow] = []
  var failed: [FailedCell] = []
  var choices: [FoldChoice] = []
  /// The cells that were chosen.
  var cells: [Cell] = []
}

extension RunReport {
  /// The predictions of a cell; nil where a stage that it needs has no result.
  func predictions(of cell: Cell) throws -> [ScoredClip]? {
    guard cell.stages.allSatisfy({ results[$0] != nil }) else { return nil }
    guard let mean = try cell.predictions(clips) else {
      throw Failure("the results of stages \(cell.stages) are of different clips; run verify")
    }
    return mean
  }

  private func clips(of stage: Int) throws -> [ScoredClip] {
    let result = try results[stage].map { try JSON(parsing: $0.bytes) }
    guard let clips = ScoredClip.list(result: result, of: plan.stages[stage].kind, labels: plan.labels) else {
      throw Failure("the result of stage \(stage) has no predictions of this study; run verify")
    }
    return clips
  }

  /// The report's rows of a cell.
  func rows(_ clips: [ScoredClip], of cell: Cell, configuration: Int? = nil) -> [PredictionRow] {
    clips.map {
      PredictionRow(
        configuration: configuration ?? cell.configuration, seed: cell.seed, fold: cell.fold, subject: $0.subject,
        clip: $0.clip, label: plan.labels[$0.label], predicted: plan.labels[$0.predicted], scores: $0.scores)
    }
  }

  /// Why a cell has no predictions; nil where it has.
  func failure(_ cell: Cell) -> FailedCell? {
    cell.stages.lazy.compactMap(reason).first.map {
      FailedCell(configuration: cell.configuration, seed: cell.seed, fold: cell.fold, stage: $0.stage, reason: $0.why)
    }
  }
}

// MARK: - Nested selection

extension RunReport {
  /// Whether each fold chooses its configuration on inner folds.
  var isNested: Bool { plan.study.split.selection == .nested }

  /// The one line of a nested study: no point of the grid is scored on held-out clips.
  var nestedFacts: ConfigurationFacts {
    let candidates = plan.study.configurations.map { configuration -> JSON in
      ["name": .string(configuration.name), "parameters": configuration.values.json]
    }
    return ConfigurationFacts(
      name: "nested", parameters: ["candidates": .array(candidates)], seeds: plan.study.seeds)
  }

  /// What the folds choose from.
  var candidates: [ConfigurationFacts] {
    guard isNested else { return [] }
    return plan.study.configurations.map {
      ConfigurationFacts(name: $0.name, parameters: $0.values.json, seeds: plan.study.seeds)
    }
  }

  /// What each fold chose, and what its choice says of the held-out clips.
  func nestedResult() throws -> NestedResult {
    var result = NestedResult()
    guard isNested else { return result }
    let inner = Dictionary(grouping: plan.innerCells) { Place(seed: $0.seed, fold: $0.fold) }
    let outer = Dictionary(grouping: plan.cells) { Place(seed: $0.seed, fold: $0.fold) }
    for seed in plan.study.seeds {
      for fold in plan.folds.indices {
        let place = Place(seed: seed, fold: fold)
        try add(place, inner: inner[place] ?? [], outer: outer[place] ?? [], to: &result)
      }
    }
    return result
  }

  private struct Place: Hashable { let seed, fold: Int }

  private func add(_ place: Place, inner: [Cell], outer: [Cell], to result: inout NestedResult) throws {
    func fail(_ cell: FailedCell) {
      result.failed.append(
        FailedCell(
          configuration: 0, seed: place.seed, fold: place.fold, stage: cell.stage, reason: cell.reason))
    }
    // A choice without one that a failure took would be another one after a retry: then there is none, and the failure
    // says why.
    let left = inner.filter { !isDropped($0) }
    if let missing = left.lazy.compactMap(failure).first { return fail(missing) }
    let choice = try NestedChoice(
      cells: left, configurations: plan.study.configurations.count, labels: plan.labels,
      isLeft: races?.races[place.fold].isLeft, predictions: { try predictions(of: $0) ?? [] })
    guard let cell = outer.first(where: { $0.configuration == choice.configuration }) else { return }
    let name = plan.study.configurations[choice.configuration].name
    result.cells.append(cell)
    result.choices.append(
      FoldChoice(
        seed: place.seed, fold: place.fold, configuration: name, uf1: choice.uf1[choice.configuration],
        uar: choice.uar[choice.configuration]))
    guard let clips = try predictions(of: cell) else {
      if let missing = failure(cell) { fail(missing) }
      return
    }
    result.rows += rows(clips, of: cell, configuration: 0)
  }
}
