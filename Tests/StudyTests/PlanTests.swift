// The plan: sharing, strict leakage, digests that change with what can change the answer and with nothing else.

import Canonical
import Study
import Testing

@Suite("Plan")
struct PlanTests {
  private let grid: (String, StudyNode) = (
    "grid", Sample.map(("fit.loss.class_weights", Sample.list(Sample.word("none"), Sample.word("root"))))
  )

  private func plan(_ study: Study, _ sets: [String: SetIndex] = Sample.sets()) throws -> Plan {
    try Plan(study: study, sets: sets, numericClass: "avx2.1")
  }

  /// 3 folds × 2 seeds × 2 graphs pretrain, each with 2 branches to extract; 2 configurations share all of it.
  @Test("stages are shared between configurations, and counted as a naive script would run them")
  func counts() throws {
    let plan = try plan(Sample.study(extra: [grid]))
    let counts = plan.countsByKind.map(\.count)
    #expect(counts == [12, 24, 12, 3])
    #expect(plan.stages.count == 51)
    #expect(plan.naiveStages == 2 * 2 * 3 * (2 + 4 + 1) + 3)
  }

  @Test("parents stand before their children, and a stage names exactly its parents")
  func order() throws {
    let plan = try plan(Sample.study(extra: [grid]))
    for (index, stage) in plan.stages.enumerated() {
      #expect(stage.parents.allSatisfy { $0 < index })
      let text = stage.description.text
      #expect(stage.parents.allSatisfy { text.contains(plan.stages[$0].digest.hex) })
    }
  }

  @Test("strict leakage: nobody's fold is pretrained on them")
  func strict() throws {
    let plan = try plan(Sample.study())
    for fold in plan.folds.indices {
      let audit = plan.audit(fold: fold)
      #expect(!audit.isLeak)
      #expect(audit.stages.contains { $0.kind == .pretrain })
      for stage in audit.stages { #expect(!stage.provenance.contains("macro/\(audit.fold)")) }
    }
  }

  @Test("leakage paper shares the pretraining and says so")
  func paper() throws {
    let plan = try plan(Sample.study(leakage: "paper"))
    #expect(plan.countsByKind[0].count == 4)
    #expect(plan.audit(fold: 0).isLeak)
    #expect(plan.notes.contains { $0.contains("leakage: paper") })
  }

  @Test("another corpus is pretrained on once for all folds")
  func otherCorpus() throws {
    var sets = Sample.sets()
    sets["macro"] = Sample.set(subjects: ["A", "B"], frames: 1, flows: 0, salt: "other")
    let plan = try plan(Sample.study(), sets)
    #expect(plan.countsByKind[0].count == 4)
    #expect(!plan.audit(fold: 0).isLeak)
  }

  @Test("a parameter of the fit changes fits only; a clip's content changes all that read it")
  func digests() throws {
    let first = try plan(Sample.study())
    let second = try plan(Sample.study(extra: [("fit", Sample.map(("rate", Sample.word("0.002"))))]))
    func digests(_ plan: Plan, _ kind: StageKind) -> [Digest] { plan.stages.filter { $0.kind == kind }.map(\.digest) }
    #expect(digests(first, .extract) == digests(second, .extract))
    #expect(Set(digests(first, .fit)).isDisjoint(with: digests(second, .fit)))
    var sets = Sample.sets()
    sets["micro"] = Sample.set(subjects: ["S01", "S02", "S03"], salt: "changed")
    let third = try plan(Sample.study(), sets)
    #expect(digests(first, .pretrain) == digests(third, .pretrain))
    #expect(Set(digests(first, .extract)).isDisjoint(with: digests(third, .extract)))
  }

  @Test("the numeric class stands in every digest")
  func numericClass() throws {
    let first = try Plan(study: Sample.study(), sets: Sample.sets(), numericClass: "avx2.1")
    let second = try Plan(study: Sample.study(), sets: Sample.sets(), numericClass: "avx512.1")
    #expect(Set(first.stages.map(\.digest)).isDisjoint(with: second.stages.map(\.digest)))
  }

  @Test("the OpenCV stands in baselines that need it, and in nothing else")
  func openCV() throws {
    func plan(_ openCV: String?, frames: Int = 3) throws -> Plan {
      var sets = Sample.sets()
      sets["micro"] = Sample.set(subjects: ["S01", "S02"], frames: frames)
      return try Plan(study: Sample.study(), sets: sets, numericClass: "avx2.1", openCV: openCV)
    }
    func methods(_ plan: Plan) -> [String] {
      plan.stages[plan.baselines[0]].description["methods"]?.array?.compactMap(\.string) ?? []
    }
    let (none, old, new) = (try plan(nil), try plan("4.5.1 SSE"), try plan("4.6.0 SSE"))
    #expect(!none.stages.contains { $0.description["opencv"] != nil })
    #expect(methods(new) == methods(none) + ["lbp_top_svm", "mdmo_svm"])
    #expect(try methods(plan("4.6.0 SSE", frames: 2)) == methods(none) + ["mdmo_svm"])
    for (left, right) in zip(old.stages, new.stages) {
      #expect((left.digest == right.digest) == (left.kind != .baseline))
      #expect((right.description["opencv"] == "4.6.0 SSE") == (right.kind == .baseline))
    }
    #expect(zip(none.stages, new.stages).allSatisfy { $0.kind == .baseline || $0.digest == $1.digest })
  }

  @Test("other seeds change the study's digest")
  func seeds() throws {
    let study = try Sample.study()
    #expect(try plan(study).studyDigest != plan(study.with(seeds: [3])).studyDigest)
    #expect(try plan(study).digest == plan(Sample.study()).digest)
  }

  @Test("what the sets cannot give is refused in words")
  func impossible() throws {
    func failure(_ sets: [String: SetIndex], transfer: String = "frozen") -> String {
      do {
        _ = try plan(Sample.study(transfer: transfer), sets)
        return "accepted"
      } catch {
        return "\(error)"
      }
    }
    #expect(failure(Sample.sets(["S01"])).contains("needs two subjects"))
    #expect(failure(["micro": Sample.set(subjects: ["S01", "S02"])]).contains("--data macro=FILE"))
    var sets = Sample.sets()
    sets["macro"] = Sample.set(subjects: ["S01"], frames: 1, flows: 0, side: 28)
    #expect(failure(sets).contains("prepare both with one --side"))
    sets = Sample.sets()
    sets["micro"] = Sample.set(subjects: ["S01", "S02"], frames: 0)
    #expect(failure(sets).contains("stores no frames"))
    sets = Sample.sets()
    sets["extra"] = Sample.set(subjects: ["S01"])
    #expect(failure(sets).contains("does not use a set named \"extra\""))
    sets = Sample.sets()
    sets["micro"] = Sample.set(subjects: ["S01", "S02"], hasMagnitude: false)
    #expect(failure(sets).contains("has no magnitude"))
  }

  @Test("the plan says who is taken for the same person, and which ids only look alike")
  func identities() throws {
    var sets = Sample.sets(["S01", "S02", "S03"])
    #expect(try plan(Sample.study(), sets).notes.first?.hasPrefix("3 of 3 target subjects have the same id") ?? false)
    sets["macro"] = Sample.set(subjects: ["s1", "S02"], frames: 1, flows: 0, salt: "macro")
    let notes = try plan(Sample.study(), sets).notes
    #expect(notes.first?.hasPrefix("1 of 3") ?? false)
    #expect(notes.contains { $0.hasSuffix("taken for other persons: S01") })
  }

  @Test("a sign of scaled flow is turned under image normalisation only")
  func scaledFlow() {
    let rows = Sample.map(("normalisation", Sample.word("unit")))
    let extra: [(String, StudyNode)] = [("preset", Sample.word("compact")), ("rows", rows)]
    #expect {
      _ = try plan(
        Sample.study(transfer: "scratch", extra: extra),
        [
          "micro": Sample.set(subjects: ["A", "B"], frames: 0, hasMagnitude: false),
          "macro": Sample.set(subjects: ["A"], salt: "m"),
        ])
    } throws: {
      "\($0)".contains("has no zero")
    }
  }
}
