// What races save: the trainings that verdicts made needless, told apart from those that failures took.

/// Fits of networks, counted.
public struct RaceTrainings: Sendable, Equatable {
  /// Those of the plan.
  public let planned: Int
  /// Those that a run computes, by what is decided by now.
  public let run: Int
  /// Those that failed, wait for what failed, or are of a configuration that left its race after a failure.
  public let lost: Int
  /// Those that a verdict made needless.
  public var saved: Int { planned - run - lost }
}

extension PlanRaces {
  /// The fits of the plan, and what became of them by now.
  public var trainings: RaceTrainings {
    let isWanted = stages {
      runs($0) || !isDropped($0)
    } outer: {
      !isDropped($0)
    }
    var isBlocked = [Bool](repeating: false, count: plan.stages.count)
    for (place, stage) in plan.stages.enumerated() where !isDone[place] {
      isBlocked[place] = failed[place] != nil || stage.parents.contains { isBlocked[$0] }
    }
    let fits = plan.stages.indices.filter { plan.stages[$0].kind == .fit }
    let run = fits.count { isWanted[$0] && isNeeded[$0] && !isBlocked[$0] }
    return RaceTrainings(planned: fits.count, run: run, lost: fits.count { isWanted[$0] } - run)
  }

  /// The fewest fits that could be: of every race one configuration alone passes the first rung.
  public var fewestTrainings: Int {
    var fewest = trainings.planned
    for winner in plan.study.configurations.indices {
      let needed = stages {
        $0.configuration == winner || place(of: $0) < races[race(of: $0)].rungs[0]
      } outer: {
        $0.configuration == winner || races[$0.fold].rungs.count == 1
      }
      fewest = min(fewest, plan.stages.indices.count { plan.stages[$0].kind == .fit && needed[$0] })
    }
    return fewest
  }
}
