// `run`: the embedded default: a coordinator and workers on this machine, one report.

import Canonical
import Cluster
import Kernels

enum RunVerb: Verb {
  static let name = "run"
  static let summary = "a coordinator and workers on this machine, to one report; the same command resumes"
  static let flags = Flags(
    values: ["--run-dir", "--workers", "--seeds"], lists: ["--data"], switches: [KeptCheckpoints.flag],
    words: ["STUDY"])
  static let help = """
    microfold run STUDY [--data NAME=FILE]… --run-dir DIR [--workers N] [--seeds LIST] [--keep-checkpoints]

    Starts a coordinator and N workers as child processes and shows progress. Ctrl-C stops cleanly; the same command
    goes on where it stopped. The last line is the path of the report's page.

      --data NAME=FILE   the prepared set that the study calls NAME
      --run-dir DIR      where the ledger, the artifacts and the report are kept
      --workers N        worker processes (2)
      --seeds LIST       other seeds than the study's, such as 1,2,3
      --keep-checkpoints DIR/checkpoints/CONFIGURATION/SEED/FOLD.safetensors, a file that `predict` reads for every fold
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let data = try arguments.dataFiles()
    _ = try arguments.seeds()
    let runDirectory = try arguments.required("--run-dir")
    let workers = try arguments.whole("--workers", or: 2, in: 1...256)
    // Everything that is wrong with study and data is said here, before a process is started.
    let file = try StudyFile(path: arguments.words[0], data: data, seeds: arguments.seeds())
    return try EmbeddedStudy(
      study: arguments.words[0], data: data, seeds: arguments.value("--seeds"), runDirectory: runDirectory,
      workers: workers, numericClass: file.study.kernelClass, keepsCheckpoints: arguments.has(KeptCheckpoints.flag)
    ).run()
  }
}
