// A grid's winner is set beside the others, and the report says how many of them it is told from.

import Canonical
import Reports
import Study
import Testing

@Suite("configurations beside each other")
struct ConfigurationComparisonTests {
  /// Twelve subjects with four clips of two labels; `right` says how many of the four each configuration has right.
  private func input(_ right: [Int]) -> ReportInput {
    var input = Samples.tiny
    let (happy, sad) = (input.labels[0], input.labels[1])
    input.folds = (0..<12).map { FoldFacts(name: "P\($0 + 10)", subjects: ["P\($0 + 10)"], clips: 4) }
    input.failed = []
    input.baselines = []
    input.configurations = right.indices.map {
      ConfigurationFacts(name: "c=\($0)", parameters: ["rate": .integer($0)], seeds: [1])
    }
    input.rows = right.enumerated().flatMap { place, right in
      (0..<48).map { index in
        let (fold, clip) = (index / 4, index % 4)
        let (label, other) = clip % 2 == 0 ? (happy, sad) : (sad, happy)
        return PredictionRow(
          configuration: place, seed: 1, fold: fold, subject: "P\(fold + 10)", clip: "c\(clip)", label: label,
          predicted: clip < right ? label : other, scores: [0, 0])
      }
    }
    return input
  }

  private func text(_ name: String, _ input: ReportInput) throws -> String {
    let files = try reportFiles(input, gnuplot: "/nonexistent/gnuplot")
    return String(decoding: files.first { $0.name == name }?.bytes ?? [], as: UTF8.self)
  }

  @Test("the winner is set beside every other one, each p corrected for their number")
  func pairs() throws {
    let input = input([2, 4, 4, 1])
    let pairs = try JSON(parsing: Array(text("report.json", input).utf8))["beside_configurations"]?.array
    #expect(pairs?.map { $0["other"]?.string } == ["c=0", "c=2", "c=3"])
    #expect(pairs?.allSatisfy { $0["configuration"]?.string == "c=1" } == true)
    // 24 clips are right by the winner alone: p = 2 · 2⁻²⁴; the second smallest of three counts twice.
    #expect(pairs?[0]["mcnemar_p_holm"]?.number == 2 * 0x1p-23)
    #expect(pairs?[0]["only_configuration"]?.integer == 24)
    #expect(pairs?[1]["permutation_p"]?.number == 1)
    for name in ["report.md", "report.html"] {
      #expect(try text(name, input).contains("tells it from 2 of them, and leaves the order of the rest open"))
    }
  }

  @Test("a winner like all others is said to be no finding, and one configuration is beside nothing")
  func noFinding() throws {
    #expect(try text("report.md", input([3, 3, 3])).contains("so their order is no finding"))
    #expect(try text("report.md", input([1, 4])).contains("the permutation test tells it from every one"))
    #expect(try !text("report.json", input([3])).contains("beside_configurations"))
  }
}
