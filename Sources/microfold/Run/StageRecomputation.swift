// Computes a stage of a run again, as a worker would, for `stage` and `verify`.

import Canonical
import Cluster
import Ledger
import Study
import Training

/// Recomputes stages of a run.
struct StageRecomputation {
  let run: RunFile
  let file: StudyFile

  /// Computes a stage from the run's artifacts.
  func compute(
    _ index: Int, progress: @escaping (Int, Int, Float) -> Void = { _, _, _ in }
  ) throws -> StageOutput {
    let files = try run.parentArtifacts(of: index, in: file.plan)
    let stage = file.plan.stages[index]
    let inputs = StageInputs(sets: file.sets) { files[$0] }
    do {
      if let pretrained = file.pretrained, stage.description["imported"] != nil {
        return try pretrained.output(of: stage.description, provenance: stage.provenance)
      }
      try FailingStage.check(
        StageTask(stage: stage.digest, index: index, description: stage.description, artifacts: files))
      return try Training.compute(
        stage: stage.description, inputs: inputs,
        progress: { progress($0.epoch, $0.epochs, $0.loss) }, isCancelled: { false })
    } catch {
      throw Failure("stage \(index) fails: \(error)", status: 1)
    }
  }

  /// Whether an output has the bytes that the ledger holds.
  static func isSame(_ output: StageOutput, _ row: ResultRow) -> Bool {
    row.bytes == output.result && row.artifact == output.artifact.map { Digest(of: $0) }
  }
}
