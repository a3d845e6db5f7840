// What of the paper a study may say that it stands for.

import Study
import Testing

@Suite("Paper keys")
struct PaperReferenceTests {
  private func study(_ extra: (String, StudyNode)...) throws -> Study { try Sample.study(extra: extra) }

  private func refusal(_ extra: (String, StudyNode)...) -> String {
    do {
      _ = try Sample.study(extra: extra)
      return "accepted"
    } catch { return "\(error)" }
  }

  @Test("tables of the paper come with the set that the target stands for")
  func paper() throws {
    #expect(try study().paper == .nothing)
    let both = Sample.list(Sample.word("III"), Sample.word("II"))
    let headline = try study(("paper_table", both), ("paper_set", Sample.word("SAMM"))).paper
    #expect(headline == PaperReference(tables: ["II", "III"], set: .samm))
    #expect(try study(("paper_table", Sample.word("V"))).paper.set == .samm)
    #expect(try study(("paper_figure", Sample.word("8"))).paper.hasFlowFigure)
    #expect(refusal(("paper_table", Sample.word("VI"))).contains("paper_set: Table VI has two sets"))
    #expect(refusal(("paper_table", Sample.word("4"))).contains("paper_table: a table with our figures in it"))
    #expect(refusal(("paper_figure", Sample.word("6"))).contains("paper_figure"))
    let clash = refusal(("paper_table", Sample.word("IV")), ("paper_set", Sample.word("SAMM")))
    #expect(clash.contains("paper_set: Table IV is of MMEW"))
  }

  @Test("what a study stands for changes no digest")
  func digest() throws {
    let plain = try Plan(study: study(), sets: Sample.sets(), numericClass: "avx2.1")
    let named = try Plan(study: study(("paper_table", Sample.word("V"))), sets: Sample.sets(), numericClass: "avx2.1")
    #expect(plain.studyDigest == named.studyDigest && plain.digest == named.digest)
  }
}
