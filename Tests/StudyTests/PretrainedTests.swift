// Whose data a pretrained file has seen, in every form that this program writes.

import Canonical
import Study
import Testing

@Suite("pretrained files")
struct PretrainedTests {
  private func subjects(_ entries: [String]?) -> [String]? {
    PretrainedIndex(digest: Digest(of: [1]), subjects: entries).subjects
  }

  @Test("a person is found behind a set, a joined set and a clip")
  func people() {
    #expect(
      subjects(["macro/S01", "micro/S02/clip-1", "a+b/a/S03", "a+b/b/S04/clip"]) == [
        "macro/S01", "micro/S02", "a/S03", "b/S04",
      ])
  }

  @Test("names of another form are no provenance", arguments: [["S01"], ["macro/"], ["a+b/S01"], ["a/b/c/d/e"], []])
  func malformed(entries: [String]) { #expect(subjects(entries) == nil) }

  @Test(
    "a file that has seen a tested person is refused, whatever it calls the set",
    arguments: [
      "elsewhere/S01", "micro/S01", "a+b/a/S01/clip",
    ])
  func leak(entry: String) throws {
    var tree = Sample.tree(transfer: "finetune")
    guard case .mapping(var members, let line) = tree else { return }
    let place = try #require(members.firstIndex { $0.key == "data" })
    members[place].value = Sample.map(("target", Sample.word("micro")), ("pretrained", Sample.word("net")))
    tree = .mapping(members, line: line)
    let study = try Study(reading: tree, file: "s.yaml")
    func plan(_ entries: [String]?) throws -> Plan {
      try Plan(
        study: study, sets: ["micro": Sample.set(subjects: ["S01", "S02", "S03"])], numericClass: "avx2.1",
        pretrained: PretrainedIndex(digest: Digest(of: [1]), subjects: entries))
    }
    #expect(throws: StudyError.self) { try plan([entry]) }
    #expect(throws: StudyError.self) { try plan(nil) }
    let clean = try plan(["elsewhere/X1"])
    #expect(clean.stages.count { $0.kind == .pretrain } == 2)
  }
}
