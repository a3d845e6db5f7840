// Keys of `pretrain` and `fit` that came after the first descriptions: their limits, their words, and that a study
// without them describes its stages as before.

import Canonical
import Study
import Testing

@Suite("Keys of training")
struct TrainingKeysTests {
  private func failure(_ section: String = "fit", _ members: (String, StudyNode)..., transfer: String = "finetune")
    -> String
  {
    let section = (section, StudyNode.mapping(members.map { StudyMember(key: $0.0, line: 7, value: $0.1) }, line: 7))
    do {
      _ = try plan(try Sample.study(transfer: transfer, extra: [section]))
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  private func plan(_ study: Study, _ subjects: [String] = ["S01", "S02", "S03"]) throws -> Plan {
    try Plan(study: study, sets: Sample.sets(subjects), numericClass: "avx2.1")
  }

  private func stage(_ kind: StageKind, _ extra: [(String, StudyNode)], transfer: String = "finetune") throws -> JSON {
    let plan = try plan(Sample.study(transfer: transfer, extra: extra))
    return try #require(plan.stages.first { $0.kind == kind }).description
  }

  @Test("augmentation stands in the descriptions of its own section")
  func augmentation() throws {
    let fit = ("fit", Sample.map(("shift", Sample.word("2")), ("mixup", Sample.word("0.4"))))
    #expect(try stage(.fit, [fit])["augmentation"] == ["shift": 2, "mixup": 0.4])
    #expect(try stage(.pretrain, [fit])["augmentation"] == nil)
    let pretrain = ("pretrain", Sample.map(("shift", Sample.word("1"))))
    #expect(try stage(.pretrain, [pretrain])["augmentation"] == ["shift": 1])
    #expect(try stage(.fit, [pretrain])["augmentation"] == nil)
  }

  @Test("label smoothing, inner validation and α of each class stand in the description of the loss and of stopping")
  func others() throws {
    let loss = Sample.map(
      ("name", Sample.word("focal")), ("gamma", Sample.word("2")), ("label_smoothing", Sample.word("0.1")),
      ("alpha", Sample.map(("happiness", Sample.word("0.25")), ("anger", Sample.word("2")))))
    let stopping = Sample.map(("signal", Sample.word("validation")), ("share", Sample.word("0.3")))
    let fit = try stage(.fit, [("fit", Sample.map(("loss", loss), ("stopping", stopping)))])
    #expect(fit["loss"]?["label_smoothing"] == 0.1)
    #expect(fit["loss"]?["alpha"]?.text == "[2.0,0.25]", "in the order of the labels: anger, happiness")
    #expect(fit["stopping"]?["validation"] == 0.3)
    let standard = try stage(
      .fit, [("fit", Sample.map(("stopping", Sample.map(("signal", Sample.word("validation"))))))])
    #expect(standard["stopping"]?["validation"] == 0.2)
  }

  @Test("a hidden layer of the head is the target network's alone")
  func headDense() throws {
    let extra: [(String, StudyNode)] = [("network", Sample.map(("head_dense", Sample.word("64"))))]
    #expect(try stage(.fit, extra)["network"]?["head_dense"] == 64)
    #expect(try stage(.pretrain, extra) == stage(.pretrain, []))
    #expect(try stage(.extract, extra, transfer: "frozen") == stage(.extract, [], transfer: "frozen"))
  }

  @Test("values that mean as before leave every digest as it was")
  func asBefore() throws {
    let off = Sample.map(
      ("shift", Sample.word("0")), ("mixup", Sample.word("0")),
      ("stopping", Sample.map(("signal", Sample.word("training")))),
      ("loss", Sample.map(("label_smoothing", Sample.word("0")), ("alpha", Sample.word("1")))))
    let network = Sample.map(("pooling", Sample.word("steps")), ("head_dense", Sample.word("none")))
    let rows = Sample.map(("frames", Sample.map(("spatial", Sample.word("3")), ("temporal", Sample.word("3")))))
    let plain = Sample.map(("frames", Sample.word("3")))
    let first = try plan(Sample.study(extra: [("rows", plain)]))
    let second = try plan(
      Sample.study(extra: [("fit", off), ("pretrain", off), ("network", network), ("rows", rows)]))
    #expect(first.digest == second.digest && first.studyDigest == second.studyDigest)
    #expect(first.study.configurations[0].values.json == second.study.configurations[0].values.json)
  }

  @Test("impossible values name key and limits")
  func limits() {
    #expect(
      failure("fit", ("shift", Sample.word("65", line: 8)))
        == "s.yaml:8: fit.shift: 65 is not a whole number from 0 to 64")
    #expect(failure("fit", ("mixup", Sample.word("0.001"))).contains("fit.mixup: 0, or a number from 0.01 to 10"))
    #expect(
      failure("fit", ("loss", Sample.map(("label_smoothing", Sample.word("0.6")))))
        .contains("fit.loss.label_smoothing: 0.6 is not a number from 0.0 to 0.5"))
    #expect(
      failure("fit", ("stopping", Sample.map(("signal", Sample.word("test")))))
        .contains("fit.stopping.signal: \"test\" is not one of: training, validation"))
    #expect(failure("fit", ("stopping", Sample.map(("share", Sample.word("0.3"))))).contains("signal: validation"))
    #expect(failure("fit", ("shift", Sample.word("40"))).contains("fit.shift: images are only 32 pixels wide"))
    #expect(failure("fit", ("shift", Sample.word("1")), transfer: "frozen").contains("use mixup beside features"))
  }

  @Test("α of each class must be for the labels that there are")
  func alphas() {
    func focal(_ alpha: StudyNode) -> (String, StudyNode) {
      ("loss", Sample.map(("name", Sample.word("focal")), ("gamma", Sample.word("1")), ("alpha", alpha)))
    }
    let expected = "fit.loss.alpha: one number for each label was expected: anger, happiness"
    #expect(failure("fit", focal(Sample.list(Sample.word("1")))).contains(expected))
    #expect(failure("fit", focal(Sample.map(("anger", Sample.word("1"))))).contains(expected))
    #expect(failure("fit", focal(Sample.list(Sample.word("1"), Sample.word("x")))).contains("a number from 1e-06"))
    let plain = ("loss", Sample.map(("alpha", Sample.list(Sample.word("1"), Sample.word("2")))))
    #expect(failure("fit", plain).contains("alpha and gamma belong to the focal loss"))
  }

  @Test("inner validation needs two training subjects in every fold")
  func validation() throws {
    let extra = ("fit", Sample.map(("stopping", Sample.map(("signal", Sample.word("validation"))))))
    let study = try Sample.study(transfer: "scratch", extra: [extra])
    #expect { _ = try plan(study, ["S01", "S02"]) } throws: {
      "\($0)".contains("fit.stopping.signal: validation needs two training subjects; fold S01 has fewer")
    }
    _ = try plan(study, ["S01", "S02", "S03"])
  }
}
