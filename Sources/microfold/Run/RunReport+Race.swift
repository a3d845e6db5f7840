// What the races of a plan decided, from the ledger's results alone.

import Ledger
import Reports
import Study

extension RunReport {
  /// The races with all results and failures of a ledger; nil where the study has none.
  static func races(of plan: Plan, _ contents: LedgerContents) throws -> PlanRaces? {
    guard var races = PlanRaces(plan: plan) else { return nil }
    for row in contents.results where plan.stages.indices.contains(row.stage) {
      _ = try races.commit(stage: row.stage, result: row.bytes)
    }
    for row in contents.failures where plan.stages.indices.contains(row.stage) { _ = races.fail(stage: row.stage) }
    return races
  }

  /// Whether a verdict dropped the configuration of a cell, in the race that the cell belongs to.
  func isDropped(_ cell: Cell) -> Bool {
    races?.isDropped(cell) ?? false
  }

  /// The verdicts as the report shows them.
  var raceFacts: RaceFacts? {
    guard let races, let rules = plan.study.split.race else { return nil }
    let names = plan.study.configurations.map(\.name)
    let courses = races.races.enumerated().map { place, race in
      RaceCourse(
        fold: races.isNested ? plan.folds[place].name : nil, rungs: race.rungs, folds: race.rungs.last ?? 0,
        dropped: race.dropped.map { drop in
          DroppedConfiguration(
            name: names[drop.configuration], leader: names[drop.leader], folds: drop.folds, subjects: drop.subjects,
            p: drop.p, difference: drop.difference)
        }, withdrawn: race.withdrawn.map { names[$0] })
    }
    let trainings = races.trainings
    return RaceFacts(
      level: rules.level, races: courses, plannedTrainings: trainings.planned, runTrainings: trainings.run,
      lostTrainings: trainings.lost)
  }
}
