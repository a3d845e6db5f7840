// What failures do to the races of a plan: who leaves when, and what is counted as saved.

import Canonical
import Testing

@testable import Study

extension PlanRacesTests {
  @Test("a configuration that fails for good leaves the race, and the others go on")
  func failure() throws {
    let plan = try plain()
    var races = try #require(PlanRaces(plan: plan))
    let failed = try #require(plan.cells.first { $0.configuration == 1 && $0.fold == 0 }).networks[0]
    let change = races.fail(stage: failed)
    let behind = plan.cells.filter { $0.configuration == 1 && $0.fold >= 4 }.map { $0.networks[0] }
    #expect(Set(behind).isSubset(of: change.dropped))
    _ = try run(&races, plan, order: 1)
    #expect(races.races[0].isOver && races.races[0].withdrawn == [1] && races.races[0].isLeft == [true, false, false])
  }

  /// Answers everything that is open but one stage, which fails once, after so many answers or when no other is left.
  private func run(
    _ races: inout PlanRaces, _ plan: Plan, order: UInt64, failing failed: Int, after: Int
  ) throws {
    var random = SplitMix64(seed: order)
    var done: Set<Int> = []
    while true {
      let open = plan.stages.indices.filter { races.isOpen[$0] && !done.contains($0) && $0 != failed }
      if !done.contains(failed), done.count >= after || open.isEmpty {
        done.insert(failed)
        _ = races.fail(stage: failed)
        continue
      }
      guard !open.isEmpty else { return }
      let stage = open[random.below(open.count)]
      done.insert(stage)
      let isFit = plan.stages[stage].kind == .fit
      _ = try races.commit(stage: stage, result: isFit ? result(of: stage, in: plan) : Array("{}".utf8))
    }
  }

  @Test("who fails behind the open rungs leaves when its rung opens, whenever it failed, and nobody waits for it")
  func failureBehind() throws {
    let plan = try plain()
    let failed = try #require(plan.cells.first { $0.configuration == 1 && $0.fold == 4 }).networks[0]
    var early = try #require(PlanRaces(plan: plan))
    #expect(early.fail(stage: failed) == PlanRaces.Change(), "the first rung needs four folds")
    #expect(early.races[0].withdrawn.isEmpty)
    for order in 0..<4 {
      var races = try #require(PlanRaces(plan: plan))
      // At once, after some answers, and when nothing else is left to compute.
      try run(&races, plan, order: UInt64(order), failing: failed, after: [0, 9, 18, .max][order])
      #expect(races.races[0].isOver && races.races[0].withdrawn == [1], "order \(order)")
      #expect(races.races[0].dropped.map(\.configuration) == [2])
      // All of 0; four folds of 2, whose last two are saved; of 1 five folds but the one that failed.
      #expect(races.trainings == RaceTrainings(planned: 36, run: 12 + 8 + 9, lost: 3))
      #expect(races.trainings.saved == 4)
    }
  }

  @Test("what a failure took is lost and not saved; a stage that has a result did not fail")
  func lost() throws {
    let plan = try plain()
    let first = try #require(plan.cells.first { $0.configuration == 1 && $0.fold == 0 }).networks[0]
    var races = try #require(PlanRaces(plan: plan))
    #expect(races.trainings == RaceTrainings(planned: 36, run: 36, lost: 0))
    try run(&races, plan, order: 2, failing: first, after: 5)
    #expect(races.trainings == RaceTrainings(planned: 36, run: 12 + 8 + 7, lost: 5))
    #expect(races.trainings.saved == 4)
    var whole = try #require(PlanRaces(plan: plan))
    _ = try whole.commit(stage: first, result: result(of: first, in: plan))
    #expect(whole.fail(stage: first) == PlanRaces.Change() && whole.races[0].withdrawn.isEmpty)
    // It failed behind the open rung, and a result came after all.
    let last = try #require(plan.cells.first { $0.configuration == 1 && $0.fold == 5 }).networks[0]
    _ = whole.fail(stage: last)
    _ = try whole.commit(stage: last, result: result(of: last, in: plan))
    _ = try run(&whole, plan, order: 3)
    #expect(whole.races[0].isOver && whole.races[0].withdrawn.isEmpty && whole.trainings.lost == 0)
  }
}
