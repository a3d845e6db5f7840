// Protocols: who is held out, by every kind of split, and that nobody is on both sides.

import Canonical
import Study
import Testing

@Suite("splits")
struct SplitTests {
  private static let subjects = ["S01", "S02", "S03", "S04", "S05", "S06", "S07"]

  private func plan(
    _ rules: [(String, String)], extra: [(String, StudyNode)] = [], sets: [String: SetIndex]? = nil,
    transfer: String = "scratch"
  ) throws -> Plan {
    var tree = Sample.tree(transfer: transfer, extra: extra)
    guard case .mapping(var members, let line) = tree else { return try #require(nil) }
    let place = try #require(members.firstIndex { $0.key == "protocol" })
    members[place].value = .mapping(
      rules.map { StudyMember(key: $0.0, line: 4, value: Sample.word($0.1)) }, line: 4)
    tree = .mapping(members, line: line)
    let study = try Study(reading: tree, file: "s.yaml")
    return try Plan(study: study, sets: sets ?? Sample.sets(Self.subjects), numericClass: "avx2.1")
  }

  /// The subjects of a clip selection in a description.
  private func subjects(_ stage: PlannedStage, _ key: String) -> Set<String> {
    Set(stage.description[key]?["subjects"]?.array?.compactMap(\.string) ?? [])
  }

  @Test("a k-fold holds every subject out once, in groups of about equal size")
  func kFold() throws {
    let plan = try plan([("kind", "k-fold"), ("folds", "3")])
    #expect(plan.folds.map(\.name) == ["group-1", "group-2", "group-3"])
    #expect(plan.folds.flatMap(\.subjects).sorted() == Self.subjects)
    #expect(plan.folds.map(\.subjects.count).sorted() == [2, 2, 3])
    let other = try self.plan([("kind", "k-fold"), ("folds", "3"), ("seed", "2")])
    #expect(other.folds != plan.folds)
  }

  @Test("a hold-out by subject is drawn anew each time and never has a subject on both sides")
  func holdOut() throws {
    let plan = try plan([("kind", "hold-out"), ("held_out_clips", "4"), ("repeats", "10")])
    #expect(plan.folds.count == 10)
    #expect(plan.folds.first?.name == "draw-01")
    #expect(Set(plan.folds.map(\.subjects)).count > 5)
    for fold in plan.folds { #expect(fold.subjects.count == 2 && fold.clips == nil) }
    for stage in plan.stages where stage.kind == .fit {
      #expect(subjects(stage, "train").isDisjoint(with: subjects(stage, "test")))
      #expect(!stage.isLeak)
    }
  }

  @Test("a hold-out by clip needs leakage: paper, keeps the labels' proportion, and has no clip on both sides")
  func byClip() throws {
    let rules = [("kind", "hold-out"), ("held_out_clips", "4"), ("repeats", "3"), ("held_out_by", "clip")]
    #expect(throws: StudyError.self) { try self.plan(rules) }
    let plan = try self.plan(rules + [("leakage", "paper")])
    for fold in plan.folds {
      let clips = try #require(fold.clips)
      #expect(clips.count == 4)
      #expect(clips.count { $0.hasSuffix("anger1") } == 2)
    }
    for stage in plan.stages where stage.kind == .fit {
      let train = Set(stage.description["train"]?["only"]?.array?.compactMap(\.string) ?? [])
      let test = Set(stage.description["test"]?["only"]?.array?.compactMap(\.string) ?? [])
      #expect(train.count == 10 && test.count == 4 && train.isDisjoint(with: test))
      #expect(!stage.isLeak)
    }
  }

  @Test("a target of several sets: subjects are prefixed, and each set is held out once")
  func composite() throws {
    let targets = ("data", Sample.map(("target", Sample.list(Sample.word("samm"), Sample.word("casme2")))))
    let sets = [
      "samm": Sample.set(subjects: ["006", "007"], salt: "a"), "casme2": Sample.set(subjects: ["006"], salt: "b"),
    ]
    var tree = Sample.tree(transfer: "scratch")
    guard case .mapping(var members, let line) = tree else { return }
    members.removeAll { $0.key == "data" || $0.key == "protocol" }
    members.append(StudyMember(key: targets.0, line: 3, value: targets.1))
    members.append(
      StudyMember(key: "protocol", line: 4, value: Sample.map(("kind", Sample.word("leave-one-set-out")))))
    tree = .mapping(members, line: line)
    let plan = try Plan(study: Study(reading: tree, file: "s.yaml"), sets: sets, numericClass: "avx2.1")
    #expect(plan.folds.map(\.name) == ["casme2", "samm"])
    #expect(plan.folds.map(\.subjects) == [["casme2/006"], ["samm/006", "samm/007"]])
    let fit = try #require(plan.stages.first { $0.kind == .fit })
    #expect(fit.description["train"]?["set"]?.string == "casme2+samm")
    #expect(fit.heldOut == ["casme2+samm/casme2/006"])
  }

  @Test("a label that only one subject has cannot be learned in that subject's fold: the plan says which")
  func lonelyLabel() throws {
    let clips =
      Self.subjects.map {
        ClipEntry(subject: $0, label: "anger", name: "a", digest: Digest(of: $0.utf8), frames: 3, flows: 2)
      }
      + [ClipEntry(subject: "S04", label: "fear", name: "f", digest: Digest(of: [1]), frames: 3, flows: 2)]
    let set = SetIndex(digest: Digest(of: [2]), side: 32, hasMagnitude: true, clips: clips)
    let error = #expect(throws: StudyError.self) {
      try plan([("kind", "loso")], sets: ["micro": set, "macro": Sample.set(subjects: ["A"], frames: 1, flows: 0)])
    }
    #expect(error?.description.contains("fold S04 has no training clip of \"fear\"") == true)
  }

  @Test("a key of another kind of split is refused", arguments: ["folds", "repeats", "inner_folds", "held_out_clips"])
  func strangeKey(key: String) {
    #expect(throws: StudyError.self) { try plan([("kind", "loso"), (key, "3")]) }
  }

  @Test("the same picture under two names is refused, or said under leakage: paper")
  func copies() throws {
    func entry(_ subject: String, _ label: String, _ images: [Digest]) -> ClipEntry {
      ClipEntry(
        subject: subject, label: label, name: label, digest: Digest(of: (subject + label).utf8), frames: 3, flows: 2,
        images: images)
    }
    let picture = Digest(of: [7])
    let clips = ["S01", "S02", "S03"].flatMap { subject in
      ["anger", "fear"].map { entry(subject, $0, subject != "S02" && $0 == "fear" ? [picture] : []) }
    }
    let sets = [
      "micro": SetIndex(digest: Digest(of: [3]), side: 32, hasMagnitude: true, clips: clips),
      "macro": Sample.set(subjects: ["A"], frames: 1, flows: 0),
    ]
    let error = #expect(throws: StudyError.self) { try plan([("kind", "loso")], sets: sets) }
    #expect(error?.description.contains("micro/S01/fear and micro/S03/fear hold the same picture") == true)
    let allowed = try plan([("kind", "loso"), ("leakage", "paper")], sets: sets)
    #expect(allowed.notes.contains { $0.contains("one recording under two names") })
  }
}

// MARK: - Planted leaks

extension SplitTests {
  @Test("folds that overlap are refused; groups must be of the set's subjects, each once")
  func overlappingFolds() throws {
    func groups(_ lists: [[String]]) throws -> Plan {
      var tree = Sample.tree(transfer: "scratch")
      guard case .mapping(var members, let line) = tree else { return try #require(nil) }
      let place = try #require(members.firstIndex { $0.key == "protocol" })
      let nodes = lists.map { StudyNode.sequence($0.map { Sample.word($0) }, line: 4) }
      members[place].value = Sample.map(
        ("kind", Sample.word("k-fold")), ("groups", .sequence(nodes, line: 4)))
      tree = .mapping(members, line: line)
      return try Plan(study: Study(reading: tree, file: "s.yaml"), sets: Sample.sets(), numericClass: "avx2.1")
    }
    #expect(try groups([["S03"], ["S02", "S01"]]).folds.map(\.subjects) == [["S03"], ["S01", "S02"]])
    let overlap = #expect(throws: StudyError.self) { _ = try groups([["S01", "S02"], ["S02", "S03"]]) }
    #expect(overlap?.description.contains("subject S02 is in two folds, so the folds overlap") == true)
    let missing = #expect(throws: StudyError.self) { _ = try groups([["S01"], ["S02"]]) }
    #expect(missing?.description.contains("S03 of the target set is in no group") == true)
  }

  @Test("one prepared set under two names is refused")
  func twinSets() throws {
    let set = Sample.set(subjects: ["S01", "S02", "S03"])
    let error = #expect(throws: StudyError.self) {
      _ = try Plan(study: Sample.study(), sets: ["micro": set, "macro": set], numericClass: "avx2.1")
    }
    #expect(error?.description.contains("the sets macro and micro are one and the same") == true)
  }

  @Test("the audit says in words what touched a fold, and counts clips and subjects")
  func words() throws {
    let plan = try Plan(study: Sample.study(), sets: Sample.sets(), numericClass: "avx2.1")
    let words = plan.auditWords(fold: 0)
    #expect(words[0] == "training: 4 clips of 2 subjects of micro; held out with all their clips: S01")
    #expect(words[1] == "pretraining: 4 clips of 2 subjects of macro")
    #expect(words.contains("early stopping: by the fold's training loss"))
    #expect(words.contains("selection: none; every configuration is shown"))
    let fit = try #require(plan.stages.first { $0.kind == .fit && $0.fold == 0 })
    #expect(plan.clips(of: fit).count == 4 && plan.clips(of: fit).allSatisfy { !$0.hasPrefix("micro/S01/") })
  }
}
