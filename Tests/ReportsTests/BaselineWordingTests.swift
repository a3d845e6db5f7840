// Baselines whose names say little are explained where the report has them, and only there.

import Reports
import Testing

@Suite("Words about baselines")
struct BaselineWordingTests {
  private func text(_ names: String...) throws -> String {
    var input = Samples.tiny
    let rows = input.baselines[0].rows
    input.baselines = names.map { BaselineFacts(name: $0, rows: rows) }
    return try file("report.md", of: input)
  }

  @Test("hand-crafted features are explained in the notes")
  func explained() throws {
    let both = try text("majority", "lbp_top_svm", "mdmo_svm")
    #expect(both.contains("lbp_top_svm: local binary patterns") && both.contains("mdmo_svm: mean flow"))
    let one = try text("majority", "mdmo_svm")
    #expect(!one.contains("local binary patterns") && one.contains("shown nothing yet. mdmo_svm: mean flow"))
    #expect(try !text("majority").contains("machine"))
  }
}
