// bench study: a whole study, stage by stage in this process, for growing numbers of folds and settings.
//
// Pretraining and extraction are shared by all settings of a fold, so the time of a study is a sum of what its folds
// cost and of what its cells cost: along the settings of the same folds, every further cell costs the same.

import Canonical
import Clips
import Kernels
import Study
import Training

/// One study, measured.
private struct MeasuredStudy {
  let size: StudySize
  let stages: Int
  let naiveStages: Int
  let seconds: Double
  /// What a script that shares nothing would take, at this study's seconds a stage of each kind.
  let naive_s: Double

  var json: JSON {
    [
      "folds": .integer(size.folds), "settings": .integer(size.settings), "cells": .integer(size.cells),
      "stages": .integer(stages), "naive_stages": .integer(naiveStages), "seconds": rounded(seconds),
      "naive_seconds": rounded(naive_s),
    ]
  }

  /// - Parameter first: the study of as many folds and one setting.
  func line(after first: MeasuredStudy) -> String {
    let further = size.cells - first.size.cells
    let each = further > 0 ? digits((seconds - first.seconds) / Double(further) * 1e3, 2) : "-"
    return "\(size.folds)".padded(to: 7) + "\(size.settings)".padded(to: 10) + "\(size.cells)".padded(to: 7)
      + "\(stages)".padded(to: 8) + digits(seconds, 3).padded(to: 9) + each.padded(to: 21)
      + "\(naiveStages)".padded(to: 14) + digits(naive_s, 3)
  }
}

/// Measures studies of growing size.
func studyBenchmark(_ options: Options) throws -> Answer {
  let repeats = 5
  let folds = options.tiny ? [2, 3] : [4, 6, 11]
  let settings = options.tiny ? [1, 5] : StudySize.settings
  var studies: [MeasuredStudy] = []
  var lines: [String] = []
  for folds in folds {
    for settings in settings {
      let study = try measure(StudySize(folds: folds, settings: settings), repeats: repeats, options)
      studies.append(study)
      lines.append(study.line(after: studies.first { $0.size.folds == folds } ?? study))
    }
  }
  let json: JSON = [
    "processor": .string(NumericClass.processorName), "numeric_class": .string(options.numericClass.name),
    "threads": .integer(options.threads), "studies": .array(studies.map(\.json)),
    "peak_rss_mib": rounded(peakMemory_mib()),
  ]
  let text = """
    \(Options.Verb.study.question)
    two graphs, strict, features, focal losses; \(options.place), median of \(repeats)
    folds  settings  cells  stages  seconds  ms each further cell  naive stages  naive seconds
    \(lines.joined(separator: "\n"))
    naive: a script that shares nothing, at the measured time of a stage of each kind
    """
  return Answer(json: json, text: text)
}

private func measure(_ size: StudySize, repeats: Int, _ options: Options) throws -> MeasuredStudy {
  let folder = try ScratchFolder()
  defer { withExtendedLifetime(folder) {} }
  let study = try StudyPlan(size, in: folder, numericClass: options.numericClass.name, tiny: options.tiny)
  // The first run makes the graphs of the process.
  _ = try run(study, in: folder, options)
  let runs = try (0..<repeats).map { _ in try run(study, in: folder, options) }
    .sorted { $0.reduce(0, +) < $1.reduce(0, +) }
  let median = runs[repeats / 2]
  let plan = study.plan
  let naive_s = StageKind.allCases.enumerated().reduce(0.0) { sum, kind in
    let count = plan.stages.count { $0.kind == kind.element }
    return sum + (count == 0 ? 0 : median[kind.offset] / Double(count) * Double(plan.naiveByKind[kind.offset]))
  }
  return MeasuredStudy(
    size: size, stages: plan.stages.count, naiveStages: plan.naiveStages, seconds: median.reduce(0, +),
    naive_s: naive_s)
}

/// Computes every stage once.
/// - Returns: the seconds of each kind, in the order of the kinds.
private func run(_ study: StudyPlan, in folder: ScratchFolder, _ options: Options) throws -> [Double] {
  let path = folder.path
  let inputs = StageInputs(sets: study.sets, threads: options.threads) { "\(path)/\($0.hex)" }
  var seconds = [Double](repeating: 0, count: StageKind.allCases.count)
  for stage in study.plan.stages {
    let start_s = now_s()
    let output = try compute(stage: stage.description, inputs: inputs)
    if let artifact = output.artifact { try folder.write(artifact, to: stage.digest.hex) }
    seconds[StageKind.allCases.firstIndex(of: stage.kind) ?? 0] += now_s() - start_s
  }
  return seconds
}
