// `why`: in words, why a stage has no result, or who computed it.

import Canonical
import Cluster
import Foundation
import Ledger
import Study

enum WhyVerb: Verb {
  static let name = "why"
  static let summary = "why a stage is not done, and the command that reproduces it"
  static let flags = Flags(
    values: ["--connect", "--keys"], lists: ["--data"], words: ["RUN-DIR", "STAGE"], optionalWords: 1)
  static let help = """
    microfold why RUN-DIR [STAGE] [--data NAME=FILE]…
    microfold why STAGE --connect ENDPOINT [--keys DIR]

    Says in words what became of a stage (an index, or the beginning of a digest) and gives the command that computes it
    here. Without STAGE: every stage that failed. With --connect it asks a running coordinator.

      --data NAME=FILE   a set that is not where it was when the run began; the same bytes
      --keys DIR         a key of role viewer or admin: needed where the coordinator has keys
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    if arguments.value("--connect") != nil {
      guard arguments.words.count == 1 else {
        throw Failure("why: unexpected \"\(arguments.words[1])\"; with --connect one STAGE was expected")
      }
      let word = arguments.words[0]
      let stage = Int(word).map { JSON.integer($0) } ?? .string(word)
      let answer = try arguments.controlClient().ask(["verb": "why", "stage": stage])
      Output.line("stage \(answer["stage"]?.integer ?? 0): \(answer["why"]?.string ?? "")")
      return 0
    }
    let run = try RunFile(path: arguments.words[0])
    let file = try run.study(data: arguments.dataFiles())
    if arguments.words.count == 2 {
      explain(try run.stage(arguments.words[1]), run, file)
      return 0
    }
    let failed = Set(run.contents.failures.map(\.stage)).subtracting(run.contents.results.map(\.stage))
    guard !failed.isEmpty else {
      Output.line("no stage failed; \(run.contents.results.count) of \(run.contents.stages.count) are done")
      return 0
    }
    for stage in run.contents.stages where failed.contains(stage.index) { explain(stage, run, file) }
    return 0
  }

  private static func explain(_ stage: StageRow, _ run: RunFile, _ file: StudyFile) {
    let fold = file.plan.stages[stage.index].fold.map { " of fold \(file.plan.folds[$0].name)" } ?? ""
    Output.line("stage \(stage.index) \(stage.digest.short): \(stage.kind)\(fold)")
    Output.line("  \(verdict(stage, run, file))")
    for attempt in run.contents.attempts where attempt.stage == stage.index {
      let words = attempt.text.isEmpty ? "" : ": \(attempt.failure) \(attempt.text)"
      Output.line(
        "  attempt \(attempt.number) by \(attempt.host) process \(attempt.process): \(attempt.state.rawValue)\(words)")
    }
    Output.line("  compute it here: microfold stage \(run.paths.root) \(stage.index)")
  }

  private static func verdict(_ stage: StageRow, _ run: RunFile, _ file: StudyFile) -> String {
    if let result = run.contents.results.first(where: { $0.stage == stage.index }) {
      return String(
        format: "done in %.1f s by %@ process %d, result %@", result.seconds, result.host, result.process,
        result.digest.short)
    }
    if let failure = run.contents.failures.first(where: { $0.stage == stage.index }) {
      return "given up after \(failure.attempts) attempts: \(failure.failure): \(failure.text)"
    }
    let done = Set(run.contents.results.map(\.stage))
    let waiting = file.plan.stages[stage.index].parents.filter { !done.contains($0) }
    if let parent = waiting.first {
      return
        "waits for stage \(parent) (\(file.plan.stages[parent].kind.rawValue));"
        + " see: microfold why \(run.paths.root) \(parent)"
    }
    if run.contents.attempts.contains(where: { $0.stage == stage.index && $0.state == .granted }) {
      return "is with a worker, or was when the coordinator ended"
    }
    return "is ready; no worker has taken it yet"
  }
}
