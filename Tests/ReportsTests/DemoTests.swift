import Canonical
import Foundation
import Reports
import Study
import Testing

/// Goal: a person can look at a report without a run. Writes three samples where the variable says.
@Test(
  "the demonstration reports are written where REPORT_DEMO says",
  .enabled(if: ProcessInfo.processInfo.environment["REPORT_DEMO"] != nil))
func demonstration() throws {
  let folder = try #require(ProcessInfo.processInfo.environment["REPORT_DEMO"])
  try writeReport(try reportFiles(Samples.large), to: folder + "/large")
  try writeReport(try reportFiles(Samples.tiny), to: folder + "/tiny")
  try writeReport(try reportFiles(Samples.grid), to: folder + "/grid")
}

@Test("a grid of 25 configurations shows the highest in full, folds the others, and stands in the paper's table")
func grid() throws {
  let page = try file("report.html", of: Samples.grid)
  #expect(page.contains("<summary>24 more configurations</summary>"))
  #expect(page.contains("The paper&#39;s Table IV"))
  #expect(page.split(separator: "/ ours").count == 26)
  #expect(page.contains("leakage: paper"))
}

extension Samples {
  /// The focal grid of 25 configurations with one seed, under the paper's leakage, beside its Table IV.
  static var grid: ReportInput {
    var input = large
    let first = input.rows.filter { $0.configuration == 0 && $0.seed == 1 }
    let values = ["0.1", "0.2", "0.5", "1", "1.5"]
    let alphas = ["0.1", "0.5", "1", "1.5", "2"]
    input.studyName = "Focal grid"
    input.protocol.leakage = "paper"
    input.paper = PaperReference(tables: ["IV"], set: .mmew)
    input.failed = []
    input.rows = []
    input.configurations = []
    for (row, alpha) in alphas.enumerated() {
      for (column, gamma) in values.enumerated() {
        let place = row * values.count + column
        let parameters: JSON = ["loss": ["name": "focal", "alpha": .string(alpha), "gamma": .string(gamma)]]
        var facts = ConfigurationFacts(name: "alpha-\(alpha)-gamma-\(gamma)", parameters: parameters, seeds: [1])
        facts.paperCells = [PaperCell("IV", "α \(alpha)", "γ \(gamma)")]
        input.configurations.append(facts)
        for (clip, original) in first.enumerated() {
          var copy = original
          copy.configuration = place
          if (clip * 7 + place * 3) % 11 == 0 { copy.predicted = labels[(clip + place) % 3] }
          input.rows.append(copy)
        }
      }
    }
    return input
  }
}
