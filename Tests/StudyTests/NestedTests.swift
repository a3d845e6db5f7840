// Nested selection: inner folds are clean, choices are made of inner predictions alone, averages are means.

import Canonical
import Study
import Testing

@Suite("nested selection")
struct NestedTests {
  private func plan(_ subjects: [String], extra: [(String, StudyNode)] = [], inner: String = "2") throws -> Plan {
    var tree = Sample.tree(transfer: "frozen", extra: extra)
    guard case .mapping(var members, let line) = tree else { return try #require(nil) }
    let place = try #require(members.firstIndex { $0.key == "protocol" })
    members[place].value = Sample.map(
      ("kind", Sample.word("loso")), ("selection", Sample.word("nested")), ("inner_folds", Sample.word(inner)))
    tree = .mapping(members, line: line)
    return try Plan(
      study: Study(reading: tree, file: "s.yaml"), sets: Sample.sets(subjects), numericClass: "avx2.1")
  }

  private let grid: (String, StudyNode) = (
    "grid", Sample.map(("fit.rate", Sample.list(Sample.word("0.001"), Sample.word("0.002"))))
  )
  private let four = ["S01", "S02", "S03", "S04"]

  @Test("every inner fit holds out its group and its fold, and nothing of them is in its provenance")
  func clean() throws {
    let plan = try plan(four, extra: [grid])
    #expect(plan.innerCells.count == 2 * 2 * 4 * 2)
    for cell in plan.innerCells {
      let fit = plan.stages[try #require(cell.networks.first)]
      let fold = plan.folds[cell.fold].name
      #expect(!fit.isLeak)
      #expect(fit.heldOut.contains("micro/\(fold)") && fit.heldOut.contains("macro/\(fold)"))
      #expect(!fit.provenance.contains("micro/\(fold)") && !fit.provenance.contains("macro/\(fold)"))
      let test = fit.description["test"]?["subjects"]?.array?.compactMap(\.string) ?? []
      #expect(!test.contains(fold) && !test.isEmpty)
    }
  }

  @Test("inner groups cover each fold's training subjects once")
  func cover() throws {
    let plan = try plan(four, extra: [grid])
    for fold in plan.folds.indices {
      let tested = plan.innerCells.filter { $0.fold == fold && $0.configuration == 0 && $0.seed == 1 }.flatMap { cell in
        plan.stages[cell.networks[0]].description["test"]?["subjects"]?.array?.compactMap(\.string) ?? []
      }
      #expect(tested.sorted() == four.filter { $0 != plan.folds[fold].name })
    }
  }

  @Test("two training subjects are too few, and one configuration is no choice")
  func refused() {
    let few = #expect(throws: StudyError.self) { try plan(["S01", "S02", "S03"], extra: [grid]) }
    #expect(few?.description.contains("nested needs three training subjects in every fold") == true)
    let single = #expect(throws: StudyError.self) { try plan(four) }
    #expect(single?.description.contains("nothing to choose") == true)
  }

  @Test("averaged networks have seeds and graphs of their own; the first is the network by itself")
  func members() throws {
    let one = try plan(four, extra: [grid])
    let three = try plan(four, extra: [grid, ("average", Sample.map(("networks", Sample.word("3"))))])
    #expect(three.cells.allSatisfy { $0.networks.count == 3 })
    #expect(three.stages[three.cells[0].networks[0]].digest == one.stages[one.cells[0].networks[0]].digest)
    let seeds = three.cells[0].networks.map { three.stages[$0].description["graphs"]?.array?[0]["seed"]?.integer }
    #expect(Set(seeds).count == 3)
  }

  private func clip(_ name: String, _ label: Int, _ scores: [Double]) -> ScoredClip {
    ScoredClip(subject: "S", clip: name, label: label, scores: scores)
  }

  @Test("the choice has the largest UF1 + UAR; the first of equals")
  func choice() {
    let right = [clip("a", 0, [0, -1]), clip("b", 1, [-1, 0])]
    let wrong = [clip("a", 0, [-1, 0]), clip("b", 1, [-1, 0])]
    #expect(NestedChoice(among: [wrong, right, right], labels: ["x", "y"]).configuration == 1)
    #expect(NestedChoice(among: [right, right], labels: ["x", "y"]).configuration == 0)
  }

  @Test("an average is the mean of networks, then of them and the ridge; lists of other clips have none")
  func average() throws {
    let networks = [[clip("a", 0, [-1, -3])], [clip("a", 0, [-3, -1])]]
    let mean = try #require(Averaging.mean(networks: networks, ridge: [clip("a", 0, [-4, 0])]))
    #expect(mean[0].scores == [-3, -1])
    #expect(mean[0].predicted == 1)
    #expect(Averaging.mean(networks: [], ridge: networks[0]) == networks[0])
    #expect(Averaging.mean(networks: [networks[0], [clip("b", 0, [0, 0])]], ridge: nil) == nil)
    #expect(Averaging.mean(networks: [], ridge: nil) == nil)
  }
}
