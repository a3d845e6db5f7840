// Races on results with known truth: how often the best survives, what is saved, and that order changes nothing.

import Canonical
import Testing

@testable import Study

@Suite("races")
struct RaceTests {
  /// Goal: 24 configurations, 200 seeds: the best survives at least 190 times, and two trainings of three are saved.
  @Test("the best of 24 survives, and two trainings of three are saved")
  func survival() {
    var kept = 0
    var run = 0
    var planned = 0
    for seed in 0..<200 {
      let rehearsal = RehearsedRace(.wide, subjects: 44, configurations: 24, seeds: 1, seed: UInt64(seed))
      let race = rehearsal.run(RaceRules(), order: 1)
      kept += race.isLeft[rehearsal.best] ? 1 : 0
      run += race.trainings.run
      planned += race.trainings.planned
    }
    #expect(kept >= 190, "\(kept) of 200")
    #expect(planned >= 3 * run, "\(run) of \(planned)")
  }

  @Test("of nearly equal configurations the best survives too, and little is saved")
  func near() {
    let races = (0..<40).map { seed in
      let rehearsal = RehearsedRace(.near, subjects: 26, configurations: 24, seeds: 1, seed: UInt64(seed))
      return (rehearsal.best, rehearsal.run(RaceRules(), order: 1))
    }
    #expect(races.count { $1.isLeft[$0] } >= 38)
  }

  @Test("the verdict is the same in 20 orders of arrival", arguments: RehearsedRace.Field.allCases)
  func orders(field: RehearsedRace.Field) {
    let rehearsal = RehearsedRace(field, subjects: 20, configurations: 12, seeds: 2, seed: 5)
    let first = rehearsal.run(RaceRules(), order: 0)
    for order in 1..<20 {
      let other = rehearsal.run(RaceRules(), order: UInt64(order))
      #expect(other.dropped == first.dropped && other.isLeft == first.isLeft)
    }
    #expect(field != .wide || !first.dropped.isEmpty)
  }

  @Test("a rung looks at no fold behind it, and at nobody who has left")
  func blind() {
    let rehearsal = RehearsedRace(.wide, subjects: 12, configurations: 10, seeds: 1, seed: 3)
    let rules = RaceRules(subjects: [6, 9])
    let whole = rehearsal.run(rules, order: 0)
    var early = Race(rules: rules, folds: rehearsal.folds, configurations: 10, seeds: 1, labels: 2)
    // The last fold first, and its answers turned round: it is behind the rung.
    for place in 0..<10 { early.add(turned(rehearsal.answers[place][0][11]), configuration: place, seed: 0, fold: 11) }
    for fold in 0..<6 {
      #expect(early.dropped.isEmpty)
      for place in 0..<10 { early.add(rehearsal.answers[place][0][fold], configuration: place, seed: 0, fold: fold) }
    }
    let first = whole.dropped.filter { $0.folds == 6 }
    #expect(early.dropped == first && !first.isEmpty)
    // Those who left answer late, and turned round: the next rung does not hear them.
    for fold in 6..<9 {
      for place in 0..<10 {
        let answer = rehearsal.answers[place][0][fold]
        early.add(early.isLeft[place] ? answer : turned(answer), configuration: place, seed: 0, fold: fold)
      }
    }
    #expect(early.dropped == whole.dropped)
  }

  private func turned(_ clips: [ScoredClip]) -> [ScoredClip] {
    clips.map { ScoredClip(subject: $0.subject, clip: $0.clip, label: $0.label, scores: $0.scores.reversed()) }
  }

  @Test("who fails for good leaves, and the others' race goes on without it")
  func withdrawal() {
    let rehearsal = RehearsedRace(.wide, subjects: 12, configurations: 6, seeds: 1, seed: 4)
    var race = Race(rules: RaceRules(), folds: rehearsal.folds, configurations: 6, seeds: 1, labels: 2)
    for fold in 0..<race.openFolds {
      for place in 0..<6 where place != 2 || fold > 0 {
        race.add(rehearsal.answers[place][0][fold], configuration: place, seed: 0, fold: fold)
      }
    }
    #expect(race.decided == 0)
    race.withdraw(2)
    #expect(race.decided == 1 && race.withdrawn == [2] && !race.isLeft[2])
    #expect(race.dropped.allSatisfy { $0.configuration != 2 && $0.leader != 2 })
  }

  /// Both signs of a subject's difference are as likely, and of two at most one is behind: the p of a gap is half the
  /// share of draws that reach it. Where both are always equal every draw has the gap that was seen.
  @Test("p of two: one in 2ⁿ where n subjects all say the same, half of the share of swaps else, and 1 without a gap")
  func pairs() {
    func p(_ scores: [[Int]]) -> Double { RaceTest.p(scores)[1] }
    for count in 1...6 {
      #expect(abs(p(Array(repeating: [3, 2], count: count)) - 1 / Double(1 << count)) < 0.02, "\(count)")
    }
    // Differences 1, 1, −1: every sum is at least 1 away from 0. Differences 3, 1, 1: 2 of 8 are as far as 5.
    #expect(abs(p([[3, 2], [3, 2], [2, 3]]) - 0.5) < 0.02)
    #expect(abs(p([[3, 0], [1, 0], [1, 0]]) - 1.0 / 8) < 0.02)
    #expect(RaceTest.p([[3, 2], [3, 2]])[0] == 1, "the leader is never behind")
    // Swaps of two that differ in nothing leave no gap.
    #expect(RaceTest.p([[2, 2], [5, 5]]) == [1, 1])
    #expect(RaceTest.p([[7]]) == [1] && RaceTest.p([]) == [])
  }

  @Test("rungs go by tested subjects: folds of one, and inner folds of several")
  func rungs() {
    let single = (0..<26).map { ["s\($0)"] }
    #expect(RaceRules().rungs(of: single) == [5, 8, 12, 18, 26])
    #expect(RaceRules(subjects: [4, 10]).rungs(of: single) == [4, 10, 26])
    let groups = (0..<5).map { group in (0..<5).map { "s\(5 * group + $0)" } }
    #expect(RaceRules().rungs(of: groups) == [1, 2, 3, 4, 5])
    #expect(RaceRules().rungs(of: [["a"], ["b"], ["a"]]) == [3])
  }
}
