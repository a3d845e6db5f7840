// One stage: what goes in, what comes out, what can go wrong.
//
// A stage is a pure function of its description and of the bytes that the description names (design rule 1):
// the same description gives the same result and the same artifact, whoever computes it and when.

import Canonical
import Clips

/// What a stage reads besides its description.
public struct StageInputs: Sendable {
  /// The prepared sets by the names that descriptions use (`source`, `target`).
  public let sets: [String: PreparedSet]
  /// The path of the artifact file of a parent stage, or nil where this process does not have it.
  public let artifact: @Sendable (_ stage: Digest) -> String?
  /// Artifacts of parent stages that are in memory; they come before files.
  public let held: [Digest: [UInt8]]
  /// The path of an epoch checkpoint of this stage, from which its training goes on; nil: from the beginning. The
  /// result does not depend on it.
  public var epochCheckpoint: String?
  /// How many threads one batch may use; the result does not depend on it.
  public let threads: Int
  /// Memory for bases of images, which a stage needs in every epoch; what does not fit is made again. The result does
  /// not depend on it.
  public let bases_bytes: Int

  /// Inputs of one stage.
  /// - Precondition: at least one thread.
  public init(
    sets: [String: PreparedSet], threads: Int = 1, held: [Digest: [UInt8]] = [:], bases_bytes: Int = 256 << 20,
    artifact: @escaping @Sendable (_ stage: Digest) -> String? = { _ in nil }
  ) {
    precondition(threads >= 1, "a stage needs at least one thread")
    self.sets = sets
    self.threads = threads
    self.held = held
    self.bases_bytes = bases_bytes
    self.artifact = artifact
  }
}

/// How far a stage is: told after every epoch.
public struct StageProgress: Sendable, Equatable {
  /// Epochs that are done; 1 after the first. (`extract`: clips that are done.)
  public let epoch: Int
  /// The most epochs that this stage may take. (`extract`: all clips.)
  public let epochs: Int
  /// The mean loss of the epoch that just ended; 0 where a stage has none.
  public let loss: Float

  /// A place in a stage.
  public init(epoch: Int, epochs: Int, loss: Float) {
    self.epoch = epoch
    self.epochs = epochs
    self.loss = loss
  }
}

/// What a stage leaves.
public struct StageOutput: Sendable, Equatable {
  /// A canonical JSON object as bytes, below 1 MiB.
  public let result: [UInt8]
  /// A safetensors file (checkpoint or features), or nil where the stage has none. Its name is the digest of its bytes.
  public let artifact: [UInt8]?

  /// The output of one stage.
  public init(result: [UInt8], artifact: [UInt8]?) {
    self.result = result
    self.artifact = artifact
  }
}

/// Why a stage has no output. Each says in one line what was wrong, where, and what to do.
public enum StageError: Error, Equatable, CustomStringConvertible {
  /// The caller asked to stop.
  case cancelled
  /// The prepared set does not hold what the description needs.
  case data(String)
  /// A number left the range of floats: most often a learning rate that is too large.
  case numeric(String)
  /// The description is not one that this version computes.
  case description(String)
  /// A parent's artifact is missing, damaged, or another stage's.
  case artifact(String)

  /// One line: what was wrong, where, what to do.
  public var description: String {
    switch self {
    case .cancelled: "cancelled"
    case .data(let line): "data: \(line)"
    case .numeric(let line): "numbers: \(line)"
    case .description(let line): "stage description: \(line)"
    case .artifact(let line): "artifact: \(line)"
    }
  }
}

/// Computes one stage.
///
/// - Parameters:
///   - description: the canonical description; its digest names the stage and seeds everything random in it.
///   - inputs: prepared sets, artifacts of the parents, threads.
///   - progress: called on the calling thread after each epoch.
///   - keep: called after each epoch that is not the last, with a function that gives the epoch checkpoint's bytes: a
///     safetensors file from which the same stage goes on.
///   - isCancelled: asked before each batch; true ends the stage with `StageError.cancelled`.
/// - Returns: the result object and at most one artifact.
/// - Throws: `StageError`, whose text is one line.
public func compute(
  stage description: JSON, inputs: StageInputs, progress: @escaping (StageProgress) -> Void = { _ in },
  keep: @escaping (StageProgress, () -> [UInt8]) -> Void = { _, _ in }, isCancelled: @escaping () -> Bool = { false }
) throws(StageError) -> StageOutput {
  let recipe = try StageRecipe(description)
  let context = StageContext(
    digest: description.digest, inputs: inputs, progress: progress, keep: keep, isCancelled: isCancelled)
  return switch recipe {
  case .pretrain(let recipe): try context.pretrain(recipe)
  case .extract(let recipe): try context.extract(recipe)
  case .fit(let recipe): try context.fit(recipe)
  case .baseline(let recipe): try context.baseline(recipe)
  }
}

/// What every step of a stage shares: its name, its inputs, and the caller's ear.
struct StageContext {
  let digest: Digest
  let inputs: StageInputs
  var progress: (StageProgress) -> Void = { _ in }
  var keep: (StageProgress, () -> [UInt8]) -> Void = { _, _ in }
  var isCancelled: () -> Bool = { false }

  /// Ends the stage where the caller asked for it.
  func checkCancelled() throws(StageError) {
    if isCancelled() { throw .cancelled }
  }
}
