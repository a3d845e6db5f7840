// What computing a stage gives on the host that computes it, and how long it takes there.

import Canonical
import Coordination
import Messages

extension World {
  func compute(
    _ worker: Int, _ stage: Int, _ description: [UInt8], _ parents: [Digest], _ checkpoint: ArtifactName?
  ) {
    if description != plan.catalog.descriptions[stage] { violate("a stage came with another stage's description") }
    // Brief stages are handed over before a slot is free; they wait there.
    let ahead = workers[worker].tickets.count - workers[worker].slots + 1
    if ahead > (plan.isBrief ? Self.aheadLimit : 0) { violate("\(ahead) computations more than slots") }
    if workers[worker].isComputing(stage) { violate("stage \(stage) is computed twice at once") }
    let state = checkpoint.map { name in plan.catalog.checkpoints[stage].first { $0.name == name } }
    if let state, state == nil { violate("stage \(stage) goes on from what is not its checkpoint") }
    let epoch = (state ?? nil)?.epoch ?? 0
    workers[worker].ticketCount += 1
    let computation = Computation(
      stage: stage, ticket: workers[worker].ticketCount, began_ms: now_ms,
      inputs: parents + (checkpoint.map { [$0.digest] } ?? []))
    workers[worker].tickets.append(computation)
    begun.insert(process(of: worker) << 32 | stage)
    var whole_ms = plan.isBrief ? 1 + random.below(20) : 200 + random.below(6_000)
    if workers[worker].host == slowHost, !isCalm {
      whole_ms *= 20
      count(.slowHost)
    }
    // An input that is not there any more is found at once.
    let isWhole = computation.inputs.allSatisfy { workers[worker].cache.contains($0) }
    var duration_ms = isWhole ? max(1, whole_ms * (10 - epoch) / 10) : 1
    if duration_ms > 1 { scheduleEpochs(worker, computation, from: epoch, whole_ms) }
    if ahead > 0 { duration_ms += 10 * ahead }
    if plan.isKiller[stage] { duration_ms = 1 + random.below(duration_ms) }
    schedule(
      duration_ms,
      .finishComputing(worker, life: workers[worker].life, stage: stage, ticket: computation.ticket))
  }

  /// Computations that a worker hands over beyond its slots.
  private static let aheadLimit = 64

  /// Progress at the half, and checkpoints at their epochs.
  private func scheduleEpochs(_ worker: Int, _ computation: Computation, from first: Int, _ whole_ms: Int) {
    let digest = plan.graph.digests[computation.stage]
    func later(_ epoch: Int, _ event: WorkerEvent) {
      schedule(whole_ms * (epoch - first) / 10, .worker(worker, life: workers[worker].life, event))
    }
    let half = (first + 10) / 2
    later(half, .progress(stage: digest, epoch: half, epochs: 10, loss: 0.5))
    guard plan.keepsCheckpoints else { return }
    for state in plan.catalog.checkpoints[computation.stage] where state.epoch > first {
      later(state.epoch, .kept(stage: digest, epoch: state.epoch, artifact: state.name))
    }
  }

  func finishComputing(_ worker: Int, _ stage: Int, _ ticket: Int) {
    guard let place = workers[worker].tickets.firstIndex(where: { $0.ticket == ticket }) else { return }
    let computation = workers[worker].tickets.remove(at: place)
    let digest = plan.graph.digests[stage]
    if !computation.inputs.allSatisfy({ workers[worker].cache.contains($0) }) {
      if !faults.has(.cacheLost) { violate("stage \(stage) is computed without its inputs") }
      return work(worker, .failed(stage: digest, .artifact, text: "an input is not in the cache"))
    }
    if plan.isKiller[stage] {
      count(.killer)
      return crashWorker(worker)
    }
    if plan.isPoison[stage] {
      count(.poison)
      return work(worker, .failed(stage: digest, .task, text: "poisoned"))
    }
    if workers[worker].host == badHost, !isCalm {
      count(.badHost)
      let kind: FailureClass = isBadHostHonest ? .host : .task
      return work(worker, .failed(stage: digest, kind, text: "this host computes nothing"))
    }
    computations += 1
    if isComputed[stage] { repetitions += 1 }
    isComputed[stage] = true
    let hasWrongInput = computation.inputs.contains { strange[$0] != nil }
    deliver(worker, stage, hasWrongInput: hasWrongInput, seconds: Double(now_ms - computation.began_ms) / 1_000)
  }

  /// A result, and an artifact where the stage has one; a sick host flips a bit of the one or the other. A wrong input
  /// gives a wrong answer, the same one on every host.
  private func deliver(_ worker: Int, _ stage: Int, hasWrongInput: Bool, seconds: Double) {
    var result = plan.catalog.results[stage]
    var artifact = plan.artifact(of: stage)
    if hasWrongInput {
      result[0] ^= 0x40
      artifact = artifact.map { name in
        var bytes = plan.catalog.artifact(name.digest)?.bytes ?? []
        bytes[0] ^= 0x40
        let wrong = ArtifactName(digest: Digest(of: bytes), size: bytes.count)
        strange[wrong.digest] = (stage, bytes)
        return wrong
      }
    }
    if workers[worker].host == sickHost, strikes(.flippingHost) {
      if let name = artifact, random.below(2) == 0, let right = bytes(of: name.digest) {
        var bytes = right
        bytes[random.below(bytes.count)] ^= 1
        let wrong = ArtifactName(digest: Digest(of: bytes), size: bytes.count)
        strange[wrong.digest] = (stage, bytes)
        artifact = wrong
      } else {
        result[random.below(result.count)] ^= 1
      }
    }
    if let artifact { workers[worker].cache.insert(artifact.digest) }
    workers[worker].results[stage] = result
    work(
      worker, .computed(stage: plan.graph.digests[stage], result: result, artifact: artifact, seconds: seconds))
  }
}
