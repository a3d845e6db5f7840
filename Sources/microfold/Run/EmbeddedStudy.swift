// A coordinator and workers of this machine as child processes of `run` and `retry`.

import Cluster
import Foundation
import Kernels

/// Runs a study on child processes, with progress for the person who waits.
struct EmbeddedStudy {
  /// The study file.
  let study: String
  /// The prepared sets.
  let data: [(name: String, path: String)]
  /// Other seeds than the study's, as `--seeds` takes them.
  let seeds: String?
  /// The run directory.
  let runDirectory: String
  /// How many workers.
  let workers: Int
  /// The class that the workers compute in.
  let numericClass: NumericClass
  /// Whether the coordinator writes a checkpoint for each fit.
  var keepsCheckpoints = false

  /// Runs to the end, prints the figures where there are any, and gives the exit status.
  func run() throws -> Int32 {
    let files = data.flatMap { ["--data", "\($0.name)=\($0.path)"] }
    let coordinate =
      ["coordinate", study] + files + ["--run-dir", runDirectory] + (seeds.map { ["--seeds", $0] } ?? [])
      + (keepsCheckpoints ? [KeptCheckpoints.flag] : [])
    let work = ["work"] + files + ["--class", numericClass.rawValue]
    var options = EmbeddedOptions(
      coordinate: coordinate, work: work, workers: workers, paths: RunPaths(root: runDirectory))
    let bar = LockedBar("computing")
    options.progress = { bar.show($0) }
    options.error = { line in
      bar.finish()
      Output.note(line)
    }
    let status = try EmbeddedRun(options: options).run()
    bar.finish()
    if status == 0 || status == 1 || status == 3 { try RunSummary.show(folder: runDirectory + "/report") }
    if status == 130 { Output.note("interrupted; the same command goes on where this one stopped") }
    return status
  }
}

/// A bar that several threads may show.
private final class LockedBar: @unchecked Sendable {
  private let lock = NSLock()
  private let bar: ProgressBar

  init(_ title: String) { bar = ProgressBar(title) }

  func show(_ progress: RunProgress) {
    let failed = progress.failed == 0 ? "" : ", \(progress.failed) failed"
    lock.withLock {
      bar.show(progress.committed, of: progress.total, detail: "stages, \(progress.workers) workers\(failed)")
    }
  }

  func finish() { lock.withLock { bar.finish() } }
}
