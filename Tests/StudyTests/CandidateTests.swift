// Candidates: a list of named grids, an optional source set, a limit of steps.

import Canonical
import Study
import Testing

@Suite("candidates")
struct CandidateTests {
  private func study(
    _ grid: StudyNode, transfer: String = "scratch", data: [(String, StudyNode)] = [], extra: [(String, StudyNode)] = []
  ) throws -> Study {
    var tree = Sample.tree(transfer: transfer, extra: [("grid", grid)] + extra)
    guard case .mapping(var members, let line) = tree else { return try #require(nil) }
    let place = try #require(members.firstIndex { $0.key == "data" })
    let names = [("target", Sample.word("micro")), ("source", Sample.word("macro"))] + data
    members[place].value = .mapping(names.map { StudyMember(key: $0.0, line: 3, value: $0.1) }, line: 3)
    tree = .mapping(members, line: line)
    return try Study(reading: tree, file: "s.yaml")
  }

  private let list = Sample.list(
    Sample.map(("name", Sample.word("plain")), ("fit.rate", Sample.list(Sample.word("0.001")))),
    Sample.map(("name", Sample.word("quick")), ("fit.epochs", Sample.list(Sample.word("3"), Sample.word("5")))),
    Sample.map(("transfer", Sample.list(Sample.word("finetune")))))

  @Test("a list of grids gives the points of one after the other, each by its name and what differs")
  func names() throws {
    let names = try study(list).configurations.map(\.name)
    #expect(names == ["plain", "quick, fit.epochs=3", "quick, fit.epochs=5", "transfer=finetune"])
  }

  @Test("without its optional source a study leaves out what transfers; with it, it does not")
  func optionalSource() throws {
    let optional = try study(list, data: [("source_optional", Sample.word("true"))])
    var sets = Sample.sets()
    let whole = try Plan(study: optional, sets: sets, numericClass: "avx2.1")
    #expect(whole.study.configurations.count == 4 && whole.stages.contains { $0.kind == .pretrain })
    sets["macro"] = nil
    let without = try Plan(study: optional, sets: sets, numericClass: "avx2.1")
    #expect(without.study.configurations.map(\.name) == ["plain", "quick, fit.epochs=3", "quick, fit.epochs=5"])
    #expect(throws: StudyError.self) { try Plan(study: study(list), sets: sets, numericClass: "avx2.1") }
  }

  @Test("a limit of steps stands in the description only where it is set")
  func steps() throws {
    let grid = Sample.map(("fit.steps", Sample.list(Sample.word("0"), Sample.word("300"))))
    let plan = try Plan(study: study(grid), sets: Sample.sets(), numericClass: "avx2.1")
    let steps = plan.stages.filter { $0.kind == .fit }.map { $0.description["stopping"]?["steps"]?.integer }
    #expect(Set(steps) == [nil, 300])
  }
}
