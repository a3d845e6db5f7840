// `stage`: computes one stage of a run here, from files to files, and commits nothing.

import Canonical
import Clips
import Cluster
import Foundation
import Kernels
import Ledger
import Training

enum StageVerb: Verb {
  static let name = "stage"
  static let summary = "compute one stage of a run here and show its result"
  static let flags = Flags(values: ["--out"], lists: ["--data"], switches: ["--json"], words: ["RUN-DIR", "STAGE"])
  static let help = """
    microfold stage RUN-DIR STAGE [--data NAME=FILE]… [--out FILE] [--json]

    Computes a stage (an index, or the beginning of a digest) from the run's files exactly as a worker would, and says
    whether the bytes are those of the ledger. Changes nothing in the run.

      --data NAME=FILE   a set that is not where it was when the run began; the same bytes
      --out FILE         writes the stage's artifact there
      --json             the result itself, one object on one line
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let run = try RunFile(path: arguments.words[0])
    let file = try run.study(data: arguments.dataFiles())
    _ = try file.study.kernelClass.enter()
    let stage = try run.stage(arguments.words[1])
    let output = try StageRecomputation(run: run, file: file).compute(stage.index) { epoch, epochs, loss in
      Output.note(String(format: "epoch %d of %d, loss %.4f", epoch, epochs, loss))
    }
    if let path = arguments.value("--out"), let artifact = output.artifact {
      try OutputFile.write(artifact, to: path)
    }
    if arguments.has("--json") {
      Output.line(String(decoding: output.result, as: UTF8.self))
      return 0
    }
    Output.line("stage \(stage.index) \(stage.digest.short): result \(Digest(of: output.result).short)")
    guard let row = run.contents.results.first(where: { $0.stage == stage.index }) else { return 0 }
    let isSame = StageRecomputation.isSame(output, row)
    Output.line(isSame ? "the same bytes as in the ledger" : "OTHER BYTES than in the ledger (\(row.digest.short))")
    return isSame ? 0 : 3
  }
}
