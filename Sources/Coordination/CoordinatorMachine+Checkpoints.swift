// Epoch checkpoints: the state of a long stage comes to the coordinator while it is computed, and goes along with the
// next grant of the stage, so that another worker goes on from there. Costs bytes and no bit: a stage gives the same
// result from any of its checkpoints.
//
// Only the worker that holds the stage may send one: one under an old lease is ignored.

import Canonical
import Messages

/// An epoch checkpoint in the store.
struct HeldCheckpoint: Sendable {
  let epoch: Int
  let artifact: ArtifactName
}

extension CoordinatorMachine {
  /// A worker offers a newer state of a stage that it holds.
  mutating func receive(_ offer: EpochCheckpoint, _ session: Session) {
    guard let lease = leases[offer.token], lease.session == session.id, graph.digests[lease.stage] == offer.stage,
      states[lease.stage] == .leased, !isFrozen.contains(lease.stage),
      offer.epoch > checkpoints[lease.stage]?.epoch ?? 0,
      pulls[offer.artifact.digest] == nil, 2 * pulls.count < configuration.pullsLimit,
      checkpoint_bytes + offer.artifact.size <= configuration.checkpointsLimit_bytes
    else { return }
    guard !pulls.values.contains(where: { $0.checkpoint?.token == offer.token }) else {
      leases[offer.token]?.offered = offer
      return
    }
    pulls[offer.artifact.digest] = ResultPull(
      stage: lease.stage, session: session.id, pull: ArtifactPull(offer.artifact), checkpoint: offer)
    pullOrder.append(offer.artifact.digest)
    askForPieces(of: offer.artifact.digest)
  }

  /// A fetch for a lease has ended: the state that was offered meanwhile is next.
  mutating func fetchNextCheckpoint(_ token: UInt64) {
    guard let next = leases[token]?.offered, let session = leases[token].flatMap({ sessions[$0.session] }) else {
      return
    }
    leases[token]?.offered = nil
    receive(next, session)
  }

  /// It is whole and in the store: it counts where its lease still does.
  mutating func checkpointStored(_ offer: EpochCheckpoint, _ stage: Int, _ header: ArtifactHeader?) {
    defer { fetchNextCheckpoint(offer.token) }
    guard leases[offer.token]?.stage == stage, states[stage] == .leased, !isFrozen.contains(stage),
      fault(of: header, for: stage) == nil, offer.epoch > checkpoints[stage]?.epoch ?? 0
    else { return actions.append(.removeArtifact(offer.artifact.digest)) }
    let old = checkpoints[stage]
    hold(HeldCheckpoint(epoch: offer.epoch, artifact: offer.artifact), of: stage)
    lossTries[stage] = nil
    actions.append(.recordCheckpoint(stage: stage, epoch: offer.epoch, offer.artifact))
    if let old { forget(old) }
  }

  mutating func hold(_ checkpoint: HeldCheckpoint, of stage: Int) {
    checkpoints[stage] = checkpoint
    checkpoint_bytes += checkpoint.artifact.size
    stored.insert(checkpoint.artifact.digest)
  }

  /// Lets go of a stage's state: it is committed, or went wrong in a way that the state may share.
  mutating func dropCheckpoint(of stage: Int) {
    guard let held = checkpoints.removeValue(forKey: stage) else { return }
    actions.append(.recordCheckpoint(stage: stage, epoch: 0, nil))
    forget(held)
  }

  private mutating func forget(_ held: HeldCheckpoint) {
    checkpoint_bytes -= held.artifact.size
    stored.remove(held.artifact.digest)
    actions.append(.removeArtifact(held.artifact.digest))
  }
}
