// What a worker computes with: one function from a stage's description and its inputs to bytes.

import Canonical
import Messages

/// One stage to compute.
public struct StageTask: Sendable {
  /// The stage's digest.
  public let stage: Digest
  /// Its place in the plan, for people.
  public let index: Int
  /// The canonical description; its digest is `stage`.
  public let description: JSON
  /// The paths of the artifact files of its parents, by the parents' digests.
  public let artifacts: [Digest: String]
  /// The path of an epoch checkpoint from which to go on; nil: from the beginning. The bytes do not depend on it.
  public var epochCheckpoint: String?
  /// Takes the number of an epoch that is done, and what gives the epoch checkpoint's bytes. Cheap where none is due.
  public var keep: @Sendable (Int, () -> [UInt8]) -> Void = { _, _ in }

  /// A task.
  public init(stage: Digest, index: Int, description: JSON, artifacts: [Digest: String]) {
    self.stage = stage
    self.index = index
    self.description = description
    self.artifacts = artifacts
  }
}

/// What a stage leaves.
public struct StageProduct: Sendable {
  /// Canonical JSON.
  public let result: [UInt8]
  /// The artifact's bytes; nil where the stage has none.
  public let artifact: [UInt8]?

  /// A product.
  public init(result: [UInt8], artifact: [UInt8]?) {
    self.result = result
    self.artifact = artifact
  }
}

/// Why a stage could not be computed.
public struct StageFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// Who is to blame.
  public let kind: FailureClass
  /// One line.
  public let text: String
  /// One line.
  public var description: String { text }

  /// A failure.
  public init(_ kind: FailureClass, _ text: String) {
    self.kind = kind
    self.text = text
  }
}

/// Computes stages; called on several threads at once.
public protocol StageComputing: Sendable {
  /// Computes one stage: the same task gives the same bytes.
  /// - Parameters:
  ///   - progress: epochs done, epochs at most, loss of the last one; cheap, and may be called often.
  ///   - isCancelled: asked often; true ends the computation with `StageFailure(.cancelled, …)`.
  func compute(
    _ task: StageTask, progress: @escaping (Int, Int, Float) -> Void, isCancelled: @escaping () -> Bool
  ) throws(StageFailure) -> StageProduct
}

/// Makes chosen stages fail, for tests of what a run does then.
package enum FailingStage {
  /// Set to the beginning of a stage's digest (at least four digits) or to a kind of stages.
  static let variable = "MICROFOLD_TEST_FAIL_STAGE"

  /// Fails where the environment says so.
  package static func check(_ task: StageTask) throws(StageFailure) {
    guard let chosen = environment(variable) else { return }
    let isKind = task.description["kind"]?.string == chosen
    guard isKind || chosen.utf8.count >= 4 && task.stage.hex.hasPrefix(chosen) else { return }
    throw StageFailure(.task, "made to fail by \(variable)")
  }
}
