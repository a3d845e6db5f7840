// `report`: writes the report of a run anew, from its ledger.

import Canonical
import Cluster
import Foundation
import Kernels
import Reports

enum ReportVerb: Verb {
  static let name = "report"
  static let summary = "write the report of a run anew, from its ledger"
  static let flags = Flags(
    values: ["--out"], lists: ["--data"], switches: ["--json", KeptCheckpoints.flag],
    words: ["RUN-DIR"])
  static let help = """
    microfold report RUN-DIR [--data NAME=FILE]… [--out DIR] [--keep-checkpoints] [--json]

    Writes report.html, report.md, report.json, folds.csv, predictions.csv and run.json from what the ledger holds now;
    a run that is not finished gives figures marked `incomplete`.

      --data NAME=FILE   a set that is not where it was when the run began; the same bytes
      --out DIR          another folder than RUN-DIR/report
      --keep-checkpoints RUN-DIR/checkpoints/CONFIGURATION/SEED/FOLD.safetensors too, from the run's artifacts
      --json             report.json itself on standard output
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let run = try RunFile(path: arguments.words[0])
    let file = try run.study(data: arguments.dataFiles())
    // Graphs are made in the study's class.
    if arguments.has(KeptCheckpoints.flag) { _ = try file.study.kernelClass.enter() }
    let files = try run.reportFiles(of: file, processor: NumericClass.processorName)
    let folder = arguments.value("--out") ?? run.paths.report
    try writeReport(files, to: folder)
    if arguments.has(KeptCheckpoints.flag) { Output.note(try KeptCheckpoints(run: run, file: file).write()) }
    if arguments.has("--json") {
      let report = files.first { $0.name == "report.json" }?.bytes ?? []
      Output.write(String(decoding: report, as: UTF8.self), to: STDOUT_FILENO)
    } else {
      try RunSummary.show(folder: folder)
    }
    return 0
  }
}
