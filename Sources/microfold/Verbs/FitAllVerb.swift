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
    with every tensor that `predict` needs and the recipe in its metadata; where a configuration averages networks, and
    perhaps a ridge, it holds them all and gives their average. Nobody is held out, so what it says of these subjects
    is no test; `run` measures. Ctrl-C ends with 130 and writes nothing.

    Where the study says `selection: nested` and no configuration is named, it is chosen as a fold of a run chooses: all
    subjects are divided into `inner_folds` groups, every configuration is fitted without each group and tested on it,
    and the largest UF1 + UAR over all groups wins, the first of equals. What is printed of the choice is no test of
    what was chosen: the figures of all candidates were looked at.

      --data NAME=FILE       the prepared set that the study calls NAME
      --out CHECKPOINT       the file to write; it appears whole or not at all
      --configuration NAME   which one, where the study has a grid: its name in the report, such as fit.loss.gamma=2
      --seed N               the seed, where the study has several; any other seed too
      --threads N            threads; bits do not depend on it (the processors of this machine)
      --json                 one object on one line; `chosen_by` lists name, uf1, uar and their sum (score) of each
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
    let indices = sets.mapValues(\.index)
    func plan(_ configuration: String?) throws -> FitAllPlan {
      try FitAllPlan(
        study: study, configuration: configuration, seed: seed, sets: indices, numericClass: study.kernelClass.name)
    }
    let named = arguments.value("--configuration")
    let choices =
      study.split.selection == .nested && named == nil
      ? try ChoicePlan(study: study, seed: seed, sets: indices, numericClass: study.kernelClass.name) : nil
    // Before hours of choosing: every configuration can be trained on everybody.
    let candidates = try choices.map { try $0.configurations.map { try plan($0.name) } } ?? [plan(named)]
    let target = try StudyFile.target(of: study, in: sets)
    try OutputFile.check(out)
    _ = try study.kernelClass.enter()
    Interrupts.collect()
    var sequence = StageSequence(sets: sets, threads: threads)
    do {
      for note in choices?.notes ?? [] { Output.note(note) }
      let shared = Set(candidates.flatMap(\.stages).map(\.digest))
      let choice = try choices.map { try sequence.choose($0, keeping: shared) }
      let plan = candidates[choice?.configuration ?? 0]
      try compute(plan, &sequence)
      let bytes = try checkpoint(plan, study, target, sequence)
      guard Interrupts.seen == 0 else { throw StageSequence.Interrupted() }
      try OutputFile.write(bytes, to: out)
      let fitted = FittedOnAll(plan: plan, choices: choices, choice: choice, sequence: sequence)
      if arguments.has("--json") {
        Output.json(fitted.json(checkpoint: out, bytes: bytes.count))
      } else {
        for line in fitted.lines(checkpoint: out, bytes: bytes.count) { Output.line(line) }
      }
      return 0
    } catch is StageSequence.Interrupted {
      Output.note("interrupted; nothing was written")
      return ExitStatus.interrupted
    }
  }

  private static var processors: Int { min(64, ProcessInfo.processInfo.activeProcessorCount) }

  private static func compute(_ plan: FitAllPlan, _ sequence: inout StageSequence) throws {
    for (number, stage) in plan.stages.enumerated() {
      let bar = ProgressBar("\(stage.kind.rawValue) \(number + 1) of \(plan.stages.count)")
      defer { bar.finish() }
      try sequence.compute(stage) {
        bar.show($0.epoch, of: $0.epochs, detail: String(format: "loss %.4f", $0.loss))
      }
    }
  }

  private static func checkpoint(
    _ plan: FitAllPlan, _ study: Study, _ target: PreparedSet, _ sequence: StageSequence
  ) throws -> [UInt8] {
    let sets = sequence.sets.mapValues(\.digest)
    let networks = plan.networks.map { fit in
      CheckpointParts(
        fit: plan.stages[fit].description,
        pretrainings: plan.stages.pretrainings(ofFit: fit).map { plan.stages[$0].digest },
        artifacts: sequence.artifacts, target: target, sets: sets, study: (study.name, plan.studyDigest),
        configuration: plan.configuration.name)
    }
    if let network = networks.first, networks.count == 1, plan.ridge == nil { return try network.checkpoint() }
    var ridge: AveragedRidge?
    if let clips = plan.ridge {
      do {
        ridge = try AveragedRidge(train: clips, sets: sequence.sets, isCancelled: { Interrupts.seen > 0 })
      } catch StageError.cancelled {
        throw StageSequence.Interrupted()
      } catch {
        throw Failure("the averaged ridge fails: \(error)", status: 1)
      }
    }
    return try AverageParts(
      networks: networks, ridge: ridge, asked: (plan.labels, study.kernelClass.name, plan.seed), target: target,
      sets: sets, study: (study.name, plan.studyDigest), configuration: plan.configuration.name
    ).checkpoint()
  }
}
