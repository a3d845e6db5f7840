// What a worker remembers: the stages that it was granted, and the inputs that it fetches.

import Canonical
import Messages

/// A granted stage on its way through a worker.
struct Assignment: Sendable {
  enum Step: Equatable, Sendable {
    /// Inputs are looked for or fetched.
    case fetching
    /// A slot is awaited.
    case waiting
    case computing
    /// An answer is to be delivered.
    case finished
  }

  let stage: Digest
  let index: Int
  /// The lease: a newer grant of the same stage replaces it.
  var token: UInt64
  let description: [UInt8]
  let parents: [ParentArtifact]
  /// A state from which its computation goes on.
  var checkpoint: ArtifactName?
  /// The newest state of its own.
  var offer: (epoch: Int, artifact: ArtifactName)?
  /// Inputs that are not in the cache yet.
  var missing: [Digest]
  var step = Step.fetching
  /// Whether it was handed over before a slot was free, as brief stages are: it may not have begun.
  var isAhead = false
  var epoch = 0
  var epochs = 0
  var loss: Float = 0
  var answer: Answer?
  var resend_ms = 0
  var resendGap_ms = 1_000

  /// The message that delivers the answer, under the lease of now.
  var delivery: Message? {
    switch answer {
    case .result(let bytes, let artifact, let seconds):
      .result(StageResult(token: token, stage: stage, result: bytes, artifact: artifact, seconds: seconds))
    case .failure(let kind, let text): .failure(Failure(token: token, stage: stage, kind: kind, text: text))
    case nil: nil
    }
  }

  var progress: LeaseProgress {
    let hasBegun = step == .finished || step == .computing && !isAhead
    return LeaseProgress(
      token: token, epoch: epoch, epochs: hasBegun ? max(epochs, 1) : epochs, loss: loss, isFinished: step == .finished)
  }
}

/// What became of a computation.
enum Answer: Sendable {
  case result([UInt8], ArtifactName?, seconds: Double)
  case failure(FailureClass, String)
}

/// An input on its way into the cache.
struct Fetch: Sendable {
  enum Step: Sendable { case looking, pulling, verifying }
  var step = Step.looking
  var pull: ArtifactPull
  /// Times that it came whole but wrong.
  var refusals = 0
}

/// Whether a worker has a coordinator.
enum Link: Equatable, Sendable {
  case new
  case connecting(since_ms: Int, hello_ms: Int, gap_ms: Int)
  case attached
  case ended
}
