// Stages computed one after the other in this process, without a run directory: what `fit-all` does.

import Canonical
import Clips
import Cluster
import Study
import Training

/// Stages with their outputs, as far as they are computed.
struct StageSequence {
  /// What ends the work.
  struct Interrupted: Error {}

  let sets: [String: PreparedSet]
  let threads: Int
  /// The results of all stages that were computed.
  private(set) var results: [Digest: JSON] = [:]
  /// Their artifacts, without those that were let go.
  private(set) var artifacts: [Digest: [UInt8]] = [:]

  init(sets: [String: PreparedSet], threads: Int) {
    self.sets = sets
    self.threads = threads
  }

  /// Computes a stage, unless it was computed before and has what it left.
  /// - Throws: `Interrupted`, or a `Failure` that says which kind of stage failed and why.
  mutating func compute(_ stage: PlannedStage, progress: @escaping (StageProgress) -> Void) throws {
    guard Interrupts.seen == 0 else { throw Interrupted() }
    guard results[stage.digest] == nil || stage.kind != .baseline && artifacts[stage.digest] == nil else { return }
    let inputs = StageInputs(sets: sets, threads: threads, held: artifacts)
    do {
      let output = try Training.compute(
        stage: stage.description, inputs: inputs, progress: progress, isCancelled: { Interrupts.seen > 0 })
      results[stage.digest] = try JSON(parsing: output.result)
      artifacts[stage.digest] = output.artifact
    } catch StageError.cancelled {
      throw Interrupted()
    } catch {
      throw Failure("\(stage.kind.rawValue) fails: \(error)", status: 1)
    }
  }

  /// Lets artifacts go.
  mutating func release(_ stages: some Sequence<PlannedStage>) {
    for stage in stages { artifacts[stage.digest] = nil }
  }
}

extension StageSequence {
  /// Computes every stage of a choice and makes it; artifacts go when the last stage that reads them is done.
  /// - Parameter kept: stages whose artifacts are needed afterwards.
  mutating func choose(_ plan: ChoicePlan, keeping kept: Set<Digest>) throws -> NestedChoice {
    let bar = ProgressBar("choosing")
    defer { bar.finish() }
    var lastReader = [Int](repeating: -1, count: plan.stages.count)
    for (place, stage) in plan.stages.enumerated() { for parent in stage.parents { lastReader[parent] = place } }
    for (place, stage) in plan.stages.enumerated() {
      bar.show(place, of: plan.stages.count, detail: stage.kind.rawValue)
      do {
        try compute(stage) { step in
          let detail = "\(stage.kind.rawValue) \(step.epoch) of \(step.epochs)"
          bar.show(place, of: plan.stages.count, detail: detail)
        }
      } catch let failure as Failure {
        throw Failure("\(failure.line) (configuration \(plan.configuration(of: place)))", status: failure.status)
      }
      let done = (stage.parents + [place]).filter { lastReader[$0] <= place }.map { plan.stages[$0] }
      release(done.filter { !kept.contains($0.digest) })
    }
    bar.show(plan.stages.count, of: plan.stages.count)
    return plan.choice { cell in predictions(of: cell, plan) }
  }

  private func predictions(of cell: Cell, _ plan: ChoicePlan) -> [ScoredClip] {
    let mean = cell.predictions { place in
      let stage = plan.stages[place]
      guard let clips = ScoredClip.list(result: results[stage.digest], of: stage.kind, labels: plan.labels) else {
        preconditionFailure("a stage of this process that tests has whole predictions")
      }
      return clips
    }
    guard let mean else { preconditionFailure("stages of one cell test the same clips") }
    return mean
  }
}
