// Choosing on everybody: the stages and the arithmetic of nested selection, with all subjects in place of a fold's.

import Canonical
import Study
import Testing

@Suite("Choice of fit-all")
struct ChoicePlanTests {
  private static let grid = Sample.list(
    Sample.map(("name", Sample.word("a")), ("fit.rate", Sample.list(Sample.word("0.001")))),
    Sample.map(
      ("name", Sample.word("b")),
      ("average", Sample.list(Sample.map(("networks", Sample.word("2")), ("ridge", Sample.word("true")))))))

  private func study(leakage: String = "strict") throws -> Study {
    let tree = Sample.tree(transfer: "finetune", extra: [("grid", Self.grid)])
    guard case .mapping(var members, let line) = tree else { return try #require(nil) }
    let place = try #require(members.firstIndex { $0.key == "protocol" })
    members[place].value = Sample.map(
      ("kind", Sample.word("loso")), ("selection", Sample.word("nested")), ("inner_folds", Sample.word("2")),
      ("leakage", Sample.word(leakage)))
    return try Study(reading: .mapping(members, line: line), file: "s.yaml")
  }

  private func choices(_ subjects: [String], leakage: String = "strict") throws -> ChoicePlan {
    try ChoicePlan(
      study: study(leakage: leakage), seed: 2, sets: Sample.sets(subjects), numericClass: "avx2.1")
  }

  private let four = ["S01", "S02", "S03", "S04"]

  /// Goal: one rule for a fold and for everybody. Method: the fold of a fifth person has the other four to choose on,
  /// so its inner stages must be those of a choice on four, digest for digest.
  @Test("the stages are those of a fold that has the same subjects to choose on")
  func stages() throws {
    let plan = try choices(four)
    let run = try Plan(study: study(), sets: Sample.sets(four + ["S05"]), numericClass: "avx2.1")
    let inner = run.innerCells.filter { run.folds[$0.fold].name == "S05" && $0.seed == 2 }
    #expect(plan.cells.count == 4 && inner.count == 4)
    for (mine, theirs) in zip(plan.cells, inner) {
      #expect(mine.configuration == theirs.configuration && mine.group == theirs.group)
      #expect(mine.stages.map { plan.stages[$0].digest } == theirs.stages.map { run.stages[$0].digest })
    }
    #expect(plan.configurations.map(\.name) == ["a", "b"] && plan.groups == 2)
  }

  @Test("every subject is tested once, by what neither they nor their namesake in the source set have touched")
  func clean() throws {
    let plan = try choices(four)
    #expect(plan.stages.allSatisfy { !$0.isLeak })
    for configuration in 0..<2 {
      let tested = plan.cells.filter { $0.configuration == configuration }.flatMap { cell -> [String] in
        let stage = plan.stages[cell.stages[0]]
        let mine = stage.description["test"]?["subjects"]?.array?.compactMap(\.string) ?? []
        for subject in mine { #expect(stage.heldOut.contains("micro/\(subject)")) }
        #expect(Set(stage.provenance).isDisjoint(with: mine.flatMap { ["micro/\($0)", "macro/\($0)"] }))
        return mine
      }
      #expect(tested.sorted() == four)
    }
  }

  @Test("a pretraining that may be shared is one stage of all groups, and that of the fit on everybody")
  func shared() throws {
    let plan = try choices(four, leakage: "paper")
    let all = try FitAllPlan(
      study: study(leakage: "paper"), configuration: "a", seed: 2, sets: Sample.sets(four), numericClass: "avx2.1")
    let digests = Set(plan.stages.map(\.digest))
    #expect(all.stages.filter { $0.kind == .pretrain }.allSatisfy { digests.contains($0.digest) })
    let strict = try choices(four)
    #expect(strict.stages.count { $0.kind == .pretrain } == 2 * plan.stages.count { $0.kind == .pretrain })
  }

  @Test("the choice is that of nested selection among the pooled groups")
  func choice() throws {
    let plan = try choices(four)
    func predictions(_ cell: Cell) -> [ScoredClip] {
      (0..<4).map { number in
        let label = number % 2
        // Configuration 0 is right in its first group alone, 1 in both.
        let said = cell.configuration == 0 && cell.group == 1 ? 1 - label : label
        return ScoredClip(
          subject: "S", clip: "\(number)", label: label, scores: said == 0 ? [0, -1] : [-1, 0])
      }
    }
    let pooled = (0..<2).map { configuration in
      plan.cells.filter { $0.configuration == configuration }.flatMap(predictions)
    }
    let choice = plan.choice(predictions)
    #expect(choice == NestedChoice(among: pooled, labels: plan.labels))
    #expect(choice.configuration == 1 && choice.uf1 == [0.5, 1] && choice.uar == [0.5, 1])
    #expect(plan.choice { _ in predictions(plan.cells[0]) }.configuration == 0, "the first of equals")
  }

  @Test("two subjects are too few, and a seed that is open is asked for")
  func refused() throws {
    let few = #expect(throws: StudyError.self) { try choices(["S01", "S02"]) }
    #expect(few?.description.contains("nested needs three subjects") == true, "\(few?.description ?? "")")
    #expect(few?.description.contains("the target set has 2") == true)
    let open = #expect(throws: StudyError.self) {
      try ChoicePlan(study: study(), seed: nil, sets: Sample.sets(four), numericClass: "avx2.1")
    }
    #expect(open?.description.contains("choose one by --seed N") == true)
  }
}
