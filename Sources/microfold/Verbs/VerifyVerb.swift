// `verify`: recomputes the report from the ledger, and a sample of stages from their inputs, and compares the bytes.

import Canonical
import Cluster
import Foundation
import Kernels
import Ledger
import Study
import Training

enum VerifyVerb: Verb {
  static let name = "verify"
  static let summary = "recompute the report and a sample of stages, and compare their bytes"
  static let flags = Flags(values: ["--sample"], lists: ["--data"], switches: ["--json"], words: ["RUN-DIR"])
  static let help = """
    microfold verify RUN-DIR [--data NAME=FILE]… [--sample N] [--json]

    Makes the report again from the ledger and compares it with the one that was written (of a run that is not finished
    there is none to compare); verifies every artifact's digest; computes N stages again, spread over the plan, and
    compares result and artifact.

      --data NAME=FILE   a set that is not where it was when the run began; the same bytes
      --sample N         stages to compute again (4)
      --json             one object on one line
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let run = try RunFile(path: arguments.words[0])
    let file = try run.study(data: arguments.dataFiles())
    _ = try file.study.kernelClass.enter()
    let sample = try arguments.whole("--sample", or: 4, in: 0...1_000_000)
    var differences = run.contents.damaged.map(\.description)
    let isFinished = try RunReport(plan: file.plan, sets: file.sets, contents: run.contents).isFinished
    if isFinished { differences += try reportDifference(run, file) }
    differences += try artifactDifferences(run)
    let chosen = sampled(run.contents.results.map(\.stage), count: sample)
    for (done, index) in chosen.enumerated() {
      Output.note("stage \(index) (\(file.plan.stages[index].kind.rawValue)), \(done + 1) of \(chosen.count)")
      differences += try stageDifference(index, run, file)
    }
    if arguments.has("--json") {
      Output.json([
        "finished": .bool(isFinished), "stages_recomputed": .integer(chosen.count),
        "artifacts": .integer(artifacts(run).count),
        "differences": .array(differences.map { .string($0) }),
      ])
    } else {
      for difference in differences { Output.line("DIFFERS \(difference)") }
      if differences.isEmpty {
        Output.line(
          "verified: \(isFinished ? "the report" : "no report, the run is not finished"),"
            + " \(artifacts(run).count) artifacts, \(chosen.count) stages computed again: the same bytes"
        )
      }
    }
    return differences.isEmpty ? 0 : 3
  }

  private static func reportDifference(_ run: RunFile, _ file: StudyFile) throws -> [String] {
    let pure = ["report.json", "report.md", "folds.csv", "predictions.csv"]
    let files = try run.reportFiles(of: file, processor: NumericClass.processorName).filter { pure.contains($0.name) }
    return files.compactMap { made in
      let path = "\(run.paths.report)/\(made.name)"
      guard let written = FileManager.default.contents(atPath: path) else { return "\(path): it is not there" }
      return made.bytes == Array(written) ? nil : "\(path): the ledger gives other bytes"
    }
  }

  private static func artifacts(_ run: RunFile) -> [Digest] {
    Set(run.contents.results.compactMap(\.artifact)).sorted()
  }

  private static func artifactDifferences(_ run: RunFile) throws -> [String] {
    let store = try ArtifactStore(root: run.paths.artifacts)
    return artifacts(run).compactMap { digest in
      do throws(ArtifactError) {
        try store.check(digest)
        return nil
      } catch {
        return error.description
      }
    }
  }

  private static func stageDifference(_ index: Int, _ run: RunFile, _ file: StudyFile) throws -> [String] {
    let output: StageOutput
    do {
      output = try StageRecomputation(run: run, file: file).compute(index)
    } catch {
      return [Failure(describing: error).line]
    }
    guard let row = run.contents.results.first(where: { $0.stage == index }) else { return [] }
    return StageRecomputation.isSame(output, row) ? [] : ["stage \(index): computed again it gives other bytes"]
  }

  /// Evenly spread places of a list.
  private static func sampled(_ stages: [Int], count: Int) -> [Int] {
    guard count < stages.count else { return stages }
    return (0..<count).map { stages[$0 * stages.count / count] }
  }
}
