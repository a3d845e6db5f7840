// `report`: writes the report of a run anew, from its ledger.

import Canonical
import Cluster
import Foundation
import Kernels
import Reports

enum ReportVerb: Verb {
  static let name = "report"
  static let summary = "write the report of a run anew, from its ledger"
  static let flags = Flags(values: ["--out"], lists: ["--data"], switches: ["--json"], words: ["RUN-DIR"])
  static let help = """
    microfold report RUN-DIR [--data NAME=FILE]… [--out DIR] [--json]

    Writes report.html, report.md, report.json, folds.csv, predictions.csv and run.json from what the ledger holds now;
    a run that is not finished gives figures marked `incomplete`.

      --data NAME=FILE   a set that is not where it was when the run began; the same bytes
      --out DIR          another folder than RUN-DIR/report
      --json             report.json itself on standard output
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let run = try RunFile(path: arguments.words[0])
    let file = try run.study(data: arguments.dataFiles())
    let files = try run.reportFiles(of: file, processor: NumericClass.processorName)
    let folder = arguments.value("--out") ?? run.paths.report
    try writeReport(files, to: folder)
    if arguments.has("--json") {
      let report = files.first { $0.name == "report.json" }?.bytes ?? []
      Output.write(String(decoding: report, as: UTF8.self), to: STDOUT_FILENO)
    } else {
      try RunSummary.show(folder: folder)
    }
    return 0
  }
}
