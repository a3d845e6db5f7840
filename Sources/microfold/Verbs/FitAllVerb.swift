// `fit-all`: one configuration of a study trained on all subjects, to one file that predicts.

import Canonical
import Clips
import Cluster
import Foundation
import Kernels
import Study
import Training

enum FitAllVerb: Verb {
  static let name = "fit-all"
  static let summary = "train one configuration on all subjects, to a checkpoint that predicts new clips"
  static let flags = Flags(
    values: ["--out", "--configuration", "--seed", "--threads"], lists: ["--data"], switches: ["--json"],
    words: ["STUDY"])
  static let help = """
    microfold fit-all STUDY [--data NAME=FILE]… --out CHECKPOINT [--configuration NAME] [--seed N] [--json]

    Pretrains, where the study transfers, and fits on all subjects in this process. CHECKPOINT is one safetensors file
    with every tensor that `predict` needs and the recipe in its metadata. Nobody is held out, so what it says of these
    subjects is no test; `run` measures. Ctrl-C ends with 130 and writes nothing.

      --data NAME=FILE       the prepared set that the study calls NAME
      --out CHECKPOINT       the file to write; it appears whole or not at all
      --configuration NAME   which one, where the study has a grid: its name in the report, such as fit.loss.gamma=2
      --seed N               the seed, where the study has several; any other seed too
      --threads N            threads; bits do not depend on it (the processors of this machine)
      --json                 one object on one line
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let out = try arguments.required("--out")
    let path = arguments.words[0]
    let data = try arguments.dataFiles()
    let seed =
      arguments.value("--seed") == nil ? nil : try arguments.whole("--seed", or: 1, in: 0...Int(Int32.max))
    let threads = try arguments.whole("--threads", or: processors, in: 1...64)
    let study = try Study(reading: YAMLFile.read(path), file: path)
    let sets = try StudyFile.open(data)
    let plan = try FitAllPlan(
      study: study, configuration: arguments.value("--configuration"), seed: seed, sets: sets.mapValues(\.index),
      numericClass: study.kernelClass.name)
    let target = try StudyFile.target(of: study, in: sets)
    try OutputFile.check(out)
    _ = try study.kernelClass.enter()
    Interrupts.collect()
    guard let outputs = try compute(plan, sets: sets, threads: threads) else { return ExitStatus.interrupted }
    let parts = CheckpointParts(
      fit: plan.fit.description, pretrainings: plan.pretrainings.map { plan.stages[$0].digest },
      artifacts: outputs.compactMapValues(\.artifact), target: target, sets: sets.mapValues(\.digest),
      study: (study.name, plan.studyDigest), configuration: plan.configuration.name)
    let bytes = try parts.checkpoint()
    guard Interrupts.seen == 0 else { return ExitStatus.interrupted }
    try OutputFile.write(bytes, to: out)
    try describe(plan, result: outputs[plan.fit.digest]?.result ?? [], bytes: bytes, out: out, arguments)
    return 0
  }

  private static var processors: Int { min(64, ProcessInfo.processInfo.activeProcessorCount) }

  /// Computes the stages one after the other; nil where the user asked to stop.
  private static func compute(
    _ plan: FitAllPlan, sets: [String: PreparedSet], threads: Int
  ) throws -> [Digest: StageOutput]? {
    var outputs: [Digest: StageOutput] = [:]
    for (number, stage) in plan.stages.enumerated() {
      let bar = ProgressBar("\(stage.kind.rawValue) \(number + 1) of \(plan.stages.count)")
      defer { bar.finish() }
      let inputs = StageInputs(sets: sets, threads: threads, held: outputs.compactMapValues(\.artifact))
      do {
        outputs[stage.digest] = try Training.compute(
          stage: stage.description, inputs: inputs,
          progress: { bar.show($0.epoch, of: $0.epochs, detail: String(format: "loss %.4f", $0.loss)) },
          isCancelled: { Interrupts.seen > 0 })
      } catch StageError.cancelled {
        bar.finish()
        Output.note("interrupted; nothing was written")
        return nil
      } catch {
        throw Failure("\(stage.kind.rawValue) fails: \(error)", status: 1)
      }
    }
    return outputs
  }

  private static func describe(
    _ plan: FitAllPlan, result: [UInt8], bytes: [UInt8], out: String, _ arguments: Arguments
  ) throws {
    let fit = try JSON(parsing: result)
    guard !arguments.has("--json") else {
      return Output.json([
        "checkpoint": .string(out), "bytes": .integer(bytes.count), "configuration": .string(plan.configuration.name),
        "seed": .integer(plan.seed), "stages": .integer(plan.stages.count), "epochs": fit["epochs"] ?? .null,
        "loss": fit["loss"] ?? .null, "accuracy_on_own_clips": fit["accuracy"] ?? .null,
        "subjects": .integer(plan.fit.provenance.count),
      ])
    }
    Output.line(
      "\(out): \(plan.configuration.name), seed \(plan.seed), trained on \(plan.fit.provenance.count) subjects"
        + " of all sets; \(bytes.count) bytes")
    Output.line(
      String(
        format: "%d epochs, loss %.4f; %.1f %% right on the clips it was trained on, which is no test",
        fit["epochs"]?.integer ?? 0, fit["loss"]?.number ?? 0, 100 * (fit["accuracy"]?.number ?? 0)))
  }
}
