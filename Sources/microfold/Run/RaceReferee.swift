// The referee of a study that races: the races of its plan, as the coordinator asks for them.

import Cluster
import Study

/// Rules on stages by the races of a plan.
struct RaceReferee: Referee {
  private var races: PlanRaces

  /// The referee of a plan; nil where its study has no race.
  init?(plan: Plan) {
    guard let races = PlanRaces(plan: plan) else { return nil }
    self.races = races
  }

  var closed: [Int] { races.isOpen.indices.filter { !races.isOpen[$0] } }

  mutating func committed(stage: Int, result: [UInt8]) throws -> Ruling {
    Ruling(try races.commit(stage: stage, result: result))
  }

  mutating func gaveUp(stage: Int) -> Ruling { Ruling(races.fail(stage: stage)) }
}

extension Ruling {
  fileprivate init(_ change: PlanRaces.Change) { self.init(opened: change.opened, dropped: change.dropped) }
}
