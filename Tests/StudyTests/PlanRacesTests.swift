// The races of a plan: what is open when, what is dropped, and that a replay in any order comes to the same.

import Canonical
import Study
import Testing

@Suite("races of a plan")
struct PlanRacesTests {
  private let six = ["S01", "S02", "S03", "S04", "S05", "S06"]

  private func study(_ protocolMembers: [(String, StudyNode)]) throws -> Study {
    let grid = Sample.map(("fit.rate", Sample.list(Sample.word("0.001"), Sample.word("0.002"), Sample.word("0.003"))))
    let tree = Sample.tree(transfer: "frozen", extra: [("grid", grid)])
    guard case .mapping(var members, let line) = tree else { return try #require(nil) }
    let place = try #require(members.firstIndex { $0.key == "protocol" })
    let all = [("kind", Sample.word("loso"))] + protocolMembers
    members[place].value = .mapping(
      all.enumerated().map { StudyMember(key: $1.0, line: $0 + 1, value: $1.1) }, line: 1)
    return try Study(reading: .mapping(members, line: line), file: "s.yaml")
  }

  func plan(_ members: [(String, StudyNode)]) throws -> Plan {
    try Plan(study: study(members), sets: Sample.sets(six), numericClass: "avx2.1")
  }

  private let rules = Sample.map(
    ("level", Sample.word("0.2")), ("subjects", Sample.list(Sample.word("4"), Sample.word("5"))))

  func plain() throws -> Plan { try plan([("selection", Sample.word("race")), ("race", rules)]) }

  /// What a fit says of its clips: right by all configurations but the last, which is always wrong.
  func result(of stage: Int, in plan: Plan) -> [UInt8] {
    let cells = (plan.cells + plan.innerCells).filter { $0.networks.contains(stage) }
    let isWrong = cells.allSatisfy { $0.configuration == 2 }
    let test = plan.stages[stage].description["test"]
    let subjects = test?["subjects"]?.array?.compactMap(\.string) ?? []
    let rows = subjects.flatMap { subject in
      ["anger", "happiness"].map { label -> JSON in
        let isFirst = (label == "anger") != isWrong
        return [
          "subject": .string(subject), "clip": .string(label + "1"), "label": .string(label),
          "predicted": .string(isFirst ? "anger" : "happiness"), "scores": isFirst ? [0, -1] : [-1, 0],
        ]
      }
    }
    return JSON.object(["predictions": .array(rows)]).bytes
  }

  /// Answers what is open until nothing is, in a drawn order; gives the stages that were computed.
  func run(_ races: inout PlanRaces, _ plan: Plan, order: UInt64) throws -> Set<Int> {
    var random = SplitMix64(seed: order)
    var done: Set<Int> = []
    while true {
      let open = plan.stages.indices.filter { races.isOpen[$0] && !done.contains($0) }
      guard !open.isEmpty else { return done }
      let stage = open[random.below(open.count)]
      done.insert(stage)
      if plan.stages[stage].kind == .fit {
        _ = try races.commit(stage: stage, result: result(of: stage, in: plan))
      } else {
        _ = try races.commit(stage: stage, result: Array("{}".utf8))
      }
    }
  }

  @Test("under a race the first rung is open with all that it reads, and what lies behind is not")
  func opening() throws {
    let plan = try plain()
    let races = try #require(PlanRaces(plan: plan))
    #expect(races.races.count == 1 && races.races[0].rungs == [4, 5, 6])
    for cell in plan.cells {
      let stage = cell.networks[0]
      #expect(races.isOpen[stage] == (cell.fold < 4))
      #expect(plan.stages[stage].parents.allSatisfy { !races.isOpen[stage] || races.isOpen[$0] })
    }
    #expect(plan.baselines.allSatisfy { races.isOpen[$0] })
  }

  @Test("the one that is always wrong is dropped at the first rung; every order of answers computes the same stages")
  func orders() throws {
    let plan = try plain()
    var first = try #require(PlanRaces(plan: plan))
    let done = try run(&first, plan, order: 0)
    #expect(first.races[0].dropped.map(\.configuration) == [2])
    #expect(first.races[0].dropped.map(\.folds) == [4] && first.races[0].dropped[0].difference == 1)
    // Two seeds, two folds of the dropped one.
    #expect(first.trainings.planned - first.trainings.run == 4)
    #expect(done == Set(plan.stages.indices.filter { first.isNeeded[$0] }))
    #expect(first.fewestTrainings <= first.trainings.run)
    for order in 1..<8 {
      var other = try #require(PlanRaces(plan: plan))
      #expect(try run(&other, plan, order: UInt64(order)) == done)
      #expect(other.races[0].dropped == first.races[0].dropped)
    }
    // A replay that hears everything at once, backwards.
    var replay = try #require(PlanRaces(plan: plan))
    for stage in done.sorted().reversed() where plan.stages[stage].kind == .fit {
      _ = try replay.commit(stage: stage, result: result(of: stage, in: plan))
    }
    #expect(replay.isNeeded == first.isNeeded && replay.isOpen == first.isOpen)
  }

  @Test("under nested selection each fold races on its inner folds, and fits the held-out fold with who is left")
  func nested() throws {
    let plan = try plan([
      ("selection", Sample.word("nested")), ("inner_folds", Sample.word("5")), ("race", rules),
    ])
    var races = try #require(PlanRaces(plan: plan))
    #expect(races.races.count == 6)
    #expect(plan.cells.allSatisfy { !races.isOpen[$0.networks[0]] })
    let done = try run(&races, plan, order: 3)
    #expect(races.races.allSatisfy { $0.isOver && $0.dropped.map(\.configuration) == [2] })
    for cell in plan.cells { #expect(done.contains(cell.networks[0]) == (cell.configuration != 2)) }
    func subjects(_ cell: Cell, _ key: String) -> [String] {
      plan.stages[cell.networks[0]].description[key]?["subjects"]?.array?.compactMap(\.string) ?? []
    }
    for (fold, held) in plan.folds.enumerated() {
      // A race hears of everybody but those whom its fold holds out, and of each from networks that never saw the face.
      let mine = plan.innerCells.filter { $0.fold == fold }
      let runners = mine.filter { $0.configuration == 0 && $0.seed == plan.study.seeds[0] }
      #expect(runners.flatMap { subjects($0, "test") }.sorted() == six.filter { !held.subjects.contains($0) })
      for cell in mine {
        let (seen, tested) = (subjects(cell, "train"), subjects(cell, "test"))
        #expect(!seen.isEmpty && !tested.isEmpty && Set(seen).isDisjoint(with: tested + held.subjects))
      }
    }
  }

  @Test("without a race there is none, and its keys are refused where they mean nothing")
  func keys() throws {
    #expect(PlanRaces(plan: try plan([])) == nil)
    let lone = #expect(throws: StudyError.self) { try study([("race", Sample.word("true"))]) }
    #expect(lone?.description.contains("selection: nested, or race") == true)
    let off = #expect(throws: StudyError.self) {
      try study([("selection", Sample.word("race")), ("race", Sample.word("false"))])
    }
    #expect(off?.description.contains("leave this key out") == true)
    let order = #expect(throws: StudyError.self) {
      try study([
        ("selection", Sample.word("race")),
        ("race", Sample.map(("subjects", Sample.list(Sample.word("8"), Sample.word("5"))))),
      ])
    }
    #expect(order?.description.contains("ascending") == true)
    let old = try study([("selection", Sample.word("nested"))])
    #expect(old.split.race == nil)
    #expect(try study([("selection", Sample.word("nested")), ("race", Sample.word("false"))]) == old)
  }
}
