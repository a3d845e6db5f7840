// The races of a plan, as whoever runs it sees them: which stages may be computed now, and which never need to be.
//
// Under `selection: race` there is one race, over the folds. Under nested selection each fold has one of its own, over
// its inner folds, and fits the held-out fold with those alone that are left at its end. Everything here depends on
// results only: a coordinator that starts again and a report come to the same as the run that was.

import Canonical

/// Races over a plan, and what they decide about its stages.
public struct PlanRaces: Sendable {
  /// What became known of stages.
  public struct Change: Sendable, Equatable {
    /// Stages that may be computed now, ascending.
    public var opened: [Int] = []
    /// Stages that nothing needs any more, ascending.
    public var dropped: [Int] = []
  }

  /// The races: one, or under nested selection one per fold.
  public private(set) var races: [Race]
  /// Whether a stage may be computed.
  public private(set) var isOpen: [Bool]
  /// Whether a stage is needed, or may still be.
  public private(set) var isNeeded: [Bool]

  let plan: Plan
  /// The cells that race.
  private let runners: [Cell]
  /// Folds, from the first, that each configuration was let run, by race.
  private var bounds: [[Int]]
  private var runnersOfStage: [[Int32]]
  /// Whether a stage has a result.
  private(set) var isDone: [Bool]
  /// Stages that were given up and have no result, with the runners that then waited for each.
  private(set) var failed: [Int: [Int]] = [:]
  /// Decided rungs and withdrawals of all races.
  private var standing = 0
  private var clips: [Int: [ScoredClip]] = [:]
  private let placeOfSeed: [Int: Int]

  /// The races of a plan before any result is known; nil where its study has none.
  public init?(plan: Plan) {
    guard let rules = plan.study.split.race else { return nil }
    let isNested = plan.study.split.selection == .nested
    self.plan = plan
    runners = isNested ? plan.innerCells : plan.cells
    placeOfSeed = Dictionary(zip(plan.study.seeds, plan.study.seeds.indices)) { first, _ in first }
    let folds = isNested ? plan.testedGroups : [plan.folds.map(\.subjects)]
    races = folds.map { folds in
      Race(
        rules: rules, folds: folds, configurations: plan.study.configurations.count, seeds: plan.study.seeds.count,
        labels: plan.labels.count)
    }
    bounds = races.map { race in race.isLeft.map { _ in race.openFolds } }
    runnersOfStage = Array(repeating: [], count: plan.stages.count)
    for (place, cell) in runners.enumerated() {
      for stage in cell.stages { runnersOfStage[stage].append(Int32(place)) }
    }
    isDone = Array(repeating: false, count: plan.stages.count)
    isOpen = []
    isNeeded = Array(repeating: true, count: plan.stages.count)
    isOpen = stages {
      runs($0)
    } outer: {
      runs(outer: $0)
    }
  }

  /// Whether each fold has a race of its own, over inner folds.
  public var isNested: Bool { plan.study.split.selection == .nested }

  /// Takes the result of a stage.
  /// - Throws: `StudyError` where it is not what a stage of its kind gives.
  public mutating func commit(stage: Int, result bytes: some Collection<UInt8>) throws(StudyError) -> Change {
    isDone[stage] = true
    failed[stage] = nil
    guard !runnersOfStage[stage].isEmpty else { return Change() }
    let result = try? JSON(parsing: bytes)
    guard let predictions = ScoredClip.list(result: result, of: plan.stages[stage].kind, labels: plan.labels) else {
      throw StudyError(
        file: plan.study.file, what: "the result of stage \(stage) has no predictions of this study; run verify")
    }
    clips[stage] = predictions
    for place in runnersOfStage[stage] {
      let cell = runners[Int(place)]
      guard cell.stages.allSatisfy({ clips[$0] != nil }) else { continue }
      guard let mean = cell.predictions({ clips[$0] ?? [] }) else {
        throw StudyError(
          file: plan.study.file, what: "the results of stages \(cell.stages) are of different clips; run verify")
      }
      races[race(of: cell)].add(
        mean, configuration: cell.configuration, seed: placeOfSeed[cell.seed] ?? 0, fold: cell.group ?? cell.fold)
    }
    runnersOfStage[stage] = []
    return change()
  }

  /// Takes it that a stage failed for good, unless it has a result: configurations that need it leave their races. One
  /// that needs it behind the rungs that are open leaves when that rung opens, so that what is decided before does not
  /// depend on when it failed.
  public mutating func fail(stage: Int) -> Change {
    guard !isDone[stage], failed[stage] == nil else { return Change() }
    failed[stage] = runners.indices.filter { waits(runners[$0], for: stage) }
    return change()
  }

  /// Whether a verdict dropped the configuration of a cell, in the race that the cell belongs to.
  public func isDropped(_ cell: Cell) -> Bool {
    races[race(of: cell)].dropped.contains { $0.configuration == cell.configuration }
  }

  /// Whether the configuration of a cell is left in the race that the cell belongs to: neither dropped nor, after a
  /// failure, withdrawn.
  public func isLeft(_ cell: Cell) -> Bool { races[race(of: cell)].isLeft[cell.configuration] }
}

extension PlanRaces {
  func race(of cell: Cell) -> Int { isNested ? cell.fold : 0 }

  func place(of cell: Cell) -> Int { cell.group ?? cell.fold }

  func runs(_ cell: Cell) -> Bool { place(of: cell) < bounds[race(of: cell)][cell.configuration] }

  func runs(outer cell: Cell) -> Bool {
    races[cell.fold].isOver && races[cell.fold].isLeft[cell.configuration]
  }

  /// Whether a cell waits for a stage, itself or by what it reads to compute what it does not have.
  private func waits(_ cell: Cell, for stage: Int) -> Bool {
    var open = cell.stages
    while let next = open.popLast() {
      guard !isDone[next] else { continue }
      if next == stage { return true }
      open += plan.stages[next].parents.filter { $0 >= stage }
    }
    return false
  }

  /// The stages of some cells and all that they read; baselines of folds are always among them.
  func stages(_ isIn: (Cell) -> Bool, outer isOuterIn: (Cell) -> Bool) -> [Bool] {
    var found = [Bool](repeating: false, count: plan.stages.count)
    for stage in plan.baselines { found[stage] = true }
    for cell in runners where isIn(cell) { for stage in cell.stages { found[stage] = true } }
    if isNested {
      for cell in plan.cells where isOuterIn(cell) { for stage in cell.stages { found[stage] = true } }
    }
    for stage in found.indices.reversed() where found[stage] {
      for parent in plan.stages[stage].parents { found[parent] = true }
    }
    return found
  }

  /// Decided rungs and withdrawals of all races.
  private var decisions: Int { races.reduce(0) { $0 + $1.decided + $1.withdrawn.count } }

  /// Opens the folds up to each race's rung, and takes those out who need there what failed. That may decide a rung,
  /// and so open the next one, until nothing changes.
  private mutating func settle() {
    var before: Int
    repeat {
      before = decisions
      for (place, race) in races.enumerated() {
        for configuration in race.isLeft.indices where race.isLeft[configuration] {
          bounds[place][configuration] = race.openFolds
        }
      }
      let stuck = failed.sorted { $0.key < $1.key }.flatMap(\.value).map { runners[$0] }
      for cell in stuck where runs(cell) && !cell.stages.allSatisfy({ isDone[$0] }) {
        races[race(of: cell)].withdraw(cell.configuration)
      }
    } while decisions > before
  }

  /// What the races' standing changes about stages.
  private mutating func change() -> Change {
    settle()
    guard decisions > standing else { return Change() }
    standing = decisions
    let (wereOpen, wereNeeded) = (isOpen, isNeeded)
    isOpen = stages {
      runs($0)
    } outer: {
      runs(outer: $0)
    }
    isNeeded = stages {
      runs($0) || races[race(of: $0)].isLeft[$0.configuration]
    } outer: {
      races[$0.fold].isLeft[$0.configuration]
    }
    return Change(
      opened: isOpen.indices.filter { isOpen[$0] && !wereOpen[$0] },
      dropped: isNeeded.indices.filter { !isNeeded[$0] && wereNeeded[$0] })
  }
}

extension Plan {
  /// The subjects that each inner group of each fold tests.
  fileprivate var testedGroups: [[[String]]] {
    var groups = [[[String]]](repeating: [], count: folds.count)
    for cell in innerCells where cell.configuration == 0 && cell.seed == study.seeds.first {
      let subjects = stages[cell.stages[0]].description["test"]?["subjects"]?.array?.compactMap(\.string) ?? []
      groups[cell.fold].append(subjects)
    }
    return groups
  }
}
