// Where the two planes meet: a worker's stage becomes a call into Training.

import Canonical
import Clips
import Messages
import Training

/// Computes real stages from open prepared sets.
public struct TrainingComputer: StageComputing {
  private let sets: [String: PreparedSet]
  private let threads: Int

  /// A computer over prepared sets by the study's names for them.
  public init(sets: [String: PreparedSet], threads: Int = 1) {
    self.sets = sets
    self.threads = threads
  }

  /// The names and digests of the sets, for the greeting.
  public var setNames: [SetName] {
    sets.sorted { $0.key < $1.key }.map { SetName(name: $0.key, digest: $0.value.digest) }
  }

  /// See `StageComputing`.
  public func compute(
    _ task: StageTask, progress: @escaping (Int, Int, Float) -> Void, isCancelled: @escaping () -> Bool
  ) throws(StageFailure) -> StageProduct {
    let artifacts = task.artifacts
    var inputs = StageInputs(sets: sets, threads: threads) { artifacts[$0] }
    inputs.epochCheckpoint = task.epochCheckpoint
    do throws(StageError) {
      let output = try Training.compute(
        stage: task.description, inputs: inputs, progress: { progress($0.epoch, $0.epochs, $0.loss) },
        keep: { task.keep($0.epoch, $1) }, isCancelled: isCancelled)
      return StageProduct(result: output.result, artifact: output.artifact)
    } catch {
      throw StageFailure(Self.kind(of: error), error.description)
    }
  }

  private static func kind(of error: StageError) -> FailureClass {
    switch error {
    case .cancelled: .cancelled
    case .data: .data
    case .numeric: .numeric
    case .description: .task
    case .artifact: .artifact
    }
  }
}
