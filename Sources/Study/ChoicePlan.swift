// Choosing a configuration on everybody: what nested selection does with the training subjects of a fold, done with all
// subjects, so that one configuration can be trained on all of them.

import Canonical

/// The stages that a choice among a study's configurations needs.
public struct ChoicePlan: Sendable, Equatable {
  /// The configurations that are chosen from.
  public let configurations: [Configuration]
  /// The labels in their order.
  public let labels: [String]
  /// How many groups the subjects are divided into.
  public let groups: Int
  /// Parents stand before children.
  public let stages: [PlannedStage]
  /// Configuration × group, in that order.
  public let cells: [Cell]
  /// What a reader of the choice must know.
  public let notes: [String]

  /// Divides all subjects and expands every configuration without each group.
  ///
  /// - Parameters:
  ///   - whole: The checked study; its selection is nested.
  ///   - seed: The seed; nil where the study has one.
  ///   - sets: The prepared sets by the names that the study uses.
  ///   - numericClass: The class with its revision, such as `avx2.1`.
  /// - Throws: `StudyError` where the seed is open, where the sets cannot give what the study asks for, or where
  ///   somebody who is tested would have touched what tests them.
  public init(
    study whole: Study, seed: Int?, sets: [String: SetIndex], numericClass: String
  ) throws(StudyError) {
    let study = try whole.fitting(sets)
    let seed = try study.seed(chosen: seed)
    try study.checkTrainsAlone()
    var expansion = try Expansion(study: study, sets: sets, numericClass: numericClass)
    try expansion.checkCopies()
    let splits = try expansion.groups(of: .everybody)
    try expansion.checkWatchers(splits)
    var cells: [Cell] = []
    for (place, configuration) in study.configurations.enumerated() {
      for split in splits { cells.append(expansion.cell(configuration.values, place, seed: seed, split: split)) }
    }
    expansion.noteWeakGroups(splits)
    if let leak = expansion.stages.first(where: { $0.isLeak }), study.split.leakage == .strict {
      throw StudyError(
        file: study.file,
        what:
          "an inner fold would be tested on \(Set(leak.provenance).intersection(leak.heldOut).min() ?? ""), but what"
          + " its \(leak.kind.rawValue) is made from has seen it; use data without that person")
    }
    configurations = study.configurations
    labels = expansion.labels
    groups = splits.count
    stages = expansion.stages
    self.cells = cells
    notes = expansion.notes
  }

  /// The name of the first configuration that needs a stage.
  /// - Parameter stage: a place in `stages`.
  public func configuration(of stage: Int) -> String {
    let first = cells.first { cell in
      var needed = Set(cell.stages)
      for index in stages.indices.reversed() where needed.contains(index) { needed.formUnion(stages[index].parents) }
      return needed.contains(stage)
    }
    return configurations[first?.configuration ?? 0].name
  }

  /// The choice, by the rule of nested selection.
  /// - Parameter predictions: what a cell says of its group's clips.
  public func choice(_ predictions: (Cell) throws -> [ScoredClip]) rethrows -> NestedChoice {
    try NestedChoice(cells: cells, configurations: configurations.count, labels: labels, predictions: predictions)
  }
}
