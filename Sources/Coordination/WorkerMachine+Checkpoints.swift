// Epoch checkpoints of what this worker computes are offered to the coordinator; one that comes with a grant is an
// input that may be missing: then the stage begins at the beginning.

import Canonical
import Messages

extension WorkerMachine {
  /// The computation of a stage has left a state in the cache.
  mutating func kept(_ stage: Digest, _ epoch: Int, _ artifact: ArtifactName) {
    guard let place = place(of: stage), assignments[place].step == .computing else { return }
    assignments[place].offer = (epoch, artifact)
    offer(place)
  }

  /// Tells the coordinator of the newest state; it fetches it or not.
  mutating func offer(_ place: Int) {
    guard link == .attached, let (epoch, artifact) = assignments[place].offer else { return }
    let (token, stage) = (assignments[place].token, assignments[place].stage)
    send(.epochCheckpoint(EpochCheckpoint(token: token, stage: stage, epoch: epoch, artifact: artifact)))
  }

  /// Goes without a checkpoint that cannot be had.
  mutating func goWithoutCheckpoint(_ digest: Digest) {
    for place in assignments.indices where assignments[place].checkpoint?.digest == digest {
      assignments[place].checkpoint = nil
      assignments[place].missing.removeAll { $0 == digest }
      if assignments[place].step == .fetching, assignments[place].missing.isEmpty {
        setStep(place, .waiting)
      }
    }
  }
}
