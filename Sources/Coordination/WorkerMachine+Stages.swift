// Granted stages: their inputs are fetched, a slot computes them, their answers are delivered.

import Canonical
import Messages

extension WorkerMachine {
  // MARK: - Grants

  mutating func granted(_ grant: Grant) {
    guard leaving == nil, grant.token > newestToken else { return }
    newestToken = grant.token
    // Other inputs mean that what was computed with those of before is worth nothing.
    if let place = place(of: grant.stage), assignments[place].parents != grant.parents { discard(grant.stage) }
    // A failure that is not acknowledged yet was heard all the same: this is another try.
    if let place = place(of: grant.stage), case .failure = assignments[place].answer { discard(grant.stage) }
    if let place = place(of: grant.stage) {
      // The coordinator forgot that this worker has it, and granted it again: the same work under the new lease.
      assignments[place].token = grant.token
      if assignments[place].step == .finished { deliver(place) }
      return
    }
    guard assignments.count < Limits.held else { return }
    var assignment = Assignment(
      stage: grant.stage, index: grant.index, token: grant.token, description: grant.description,
      parents: grant.parents, checkpoint: grant.checkpoint, missing: [])
    if let checkpoint = grant.checkpoint { assignment.missing.append(checkpoint.digest) }
    for parent in grant.parents where !assignment.missing.contains(parent.artifact.digest) {
      assignment.missing.append(parent.artifact.digest)
    }
    assignments.append(assignment)
    if assignment.missing.isEmpty { setStep(assignments.count - 1, .waiting) }
    for parent in grant.parents { look(for: parent.artifact) }
    if let checkpoint = grant.checkpoint { look(for: checkpoint) }
  }

  func place(of stage: Digest) -> Int? { assignments.firstIndex { $0.stage == stage } }

  /// Stops and forgets a stage, whatever it does.
  mutating func discard(_ stage: Digest) {
    guard let place = place(of: stage) else { return }
    if assignments[place].step == .computing { actions.append(.cancel(stage: stage)) }
    remove(place)
    forgetUnwantedFetches()
  }

  /// Moves a stage on; how many wait and compute is counted with it.
  mutating func setStep(_ place: Int, _ step: Assignment.Step) {
    count(assignments[place].step, -1)
    count(step, 1)
    assignments[place].step = step
  }

  private mutating func remove(_ place: Int) {
    count(assignments[place].step, -1)
    assignments.remove(at: place)
  }

  private mutating func count(_ step: Assignment.Step, _ change: Int) {
    if step == .waiting { waitingCount += change }
    if step == .computing { computingCount += change }
  }

  /// An answer that is finished is delivered all the same: it costs nothing and verifies its twin.
  mutating func cancelled(_ token: UInt64) {
    guard let assignment = assignments.first(where: { $0.token == token }), assignment.step != .finished else { return }
    actions.append(.log("stage \(assignment.index) was cancelled by the coordinator"))
    discard(assignment.stage)
  }

  // MARK: - Computing

  /// Stages that are handed over before a slot is free, at most.
  private static let aheadLimit = 64
  /// The time that they may take together, in seconds, if each takes no less than the other time.
  private static let ahead_s = (together: 0.005, least: 50e-6)

  /// Fills the slots. Of brief stages some more are handed over, many at a time, so that a slot does not wait for us.
  mutating func startComputing() {
    guard waitingCount > 0 else { return }
    let seconds = max(brevity?.seconds ?? 1, Self.ahead_s.least)
    let ahead = min(Self.aheadLimit, Int(Self.ahead_s.together / seconds))
    guard computingCount < configuration.slots + ahead / 2 else { return }
    for place in assignments.indices where assignments[place].step == .waiting {
      guard computingCount < configuration.slots + ahead else { return }
      assignments[place].isAhead = computingCount >= configuration.slots
      setStep(place, .computing)
      let next = assignments[place]
      actions.append(
        .compute(
          stage: next.stage, index: next.index, description: next.description, parents: next.parents,
          checkpoint: next.checkpoint))
    }
  }

  mutating func progress(_ stage: Digest, _ epoch: Int, _ epochs: Int, _ loss: Float) {
    guard let place = place(of: stage), assignments[place].step == .computing else { return }
    assignments[place].epoch = Int(UInt32(clamping: epoch))
    assignments[place].epochs = Int(UInt32(clamping: epochs))
    assignments[place].loss = loss
  }

  mutating func computed(_ stage: Digest, _ result: [UInt8], _ artifact: ArtifactName?, _ seconds: Double) {
    if brevity == nil { brevity = Brevity(seconds) } else { brevity?.add(seconds) }
    if result.count > Limits.resultBytes {
      let text = "the result has \(result.count) bytes where \(Limits.resultBytes) are allowed"
      return finish(stage, .failure(.task, text))
    }
    if let artifact, !(1...Limits.artifactBytes).contains(artifact.size) {
      let text = "the artifact has \(artifact.size) bytes where 1 to \(Limits.artifactBytes) are allowed"
      return finish(stage, .failure(.task, text))
    }
    finish(stage, .result(result, artifact, seconds: seconds.isFinite ? max(seconds, 0) : 0))
  }

  /// Takes the answer of a computation; one that was cancelled meanwhile is ignored.
  mutating func finish(_ stage: Digest, _ answer: Answer) {
    guard let place = place(of: stage), assignments[place].step == .computing else { return }
    settle(place, answer)
  }

  mutating func settle(_ place: Int, _ answer: Answer) {
    setStep(place, .finished)
    assignments[place].answer = answer
    if link == .attached { deliver(place) }
  }

  // MARK: - Delivering

  mutating func deliver(_ place: Int) {
    assignments[place].resendGap_ms = 1_000
    assignments[place].resend_ms = now_ms + 1_000
    if let delivery = assignments[place].delivery { send(delivery) }
  }

  mutating func resendAnswers() {
    for place in assignments.indices where assignments[place].step == .finished {
      guard now_ms >= assignments[place].resend_ms, let delivery = assignments[place].delivery else { continue }
      assignments[place].resendGap_ms = min(2 * assignments[place].resendGap_ms, configuration.resend_ms)
      assignments[place].resend_ms = now_ms + assignments[place].resendGap_ms
      send(delivery)
    }
  }

  /// Forgets an answer that arrived. Another lease's verdict counts where it says that the ledger has a result.
  mutating func acknowledged(_ answer: Acknowledgement) {
    guard let place = place(of: answer.stage), assignments[place].step == .finished else { return }
    let isInLedger = [.committed, .duplicate, .conflict].contains(answer.verdict)
    guard isInLedger || assignments[place].token == answer.token else { return }
    if answer.verdict == .conflict {
      actions.append(.log("ALARM: stage \(assignments[place].index) differs from the result in the ledger"))
    }
    remove(place)
    actions.append(.delivered(stage: answer.stage, answer.verdict))
  }
}
