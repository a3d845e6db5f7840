import Foundation
import Reports
import Testing

/// Goal: a person can look at a report without a run. Writes the large sample where the variable says.
@Test(
  "the demonstration report is written where REPORT_DEMO says",
  .enabled(if: ProcessInfo.processInfo.environment["REPORT_DEMO"] != nil))
func demonstration() throws {
  let folder = try #require(ProcessInfo.processInfo.environment["REPORT_DEMO"])
  try writeReport(try reportFiles(Samples.large), to: folder)
  var paper = Samples.tiny
  paper.paperTable = "VII"
  paper.configurations[0].paperCell = PaperCell(row: "Spatial + Temporal + FL, 8+2 and 4+0", column: "MMEW")
  paper.protocol.leakage = "paper"
  try writeReport(try reportFiles(paper), to: folder + "/tiny")
}
