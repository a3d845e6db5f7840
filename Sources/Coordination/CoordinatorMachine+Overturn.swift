// The result in the ledger was outvoted: the right one takes its place, and what was computed from it is withdrawn.
//
// From the moment the ledger is told, no result of a stage below is taken, and none ever whose lease is older: it may
// have been computed from the wrong input.

import Canonical
import Messages

extension CoordinatorMachine {
  /// Takes a result that outvoted the ledger's; its artifact is fetched first.
  mutating func overturn(_ record: CommitRecord) {
    guard let session = leaseholder(of: record) else { return }
    settling[record.stage] = Settling(record: record, session: session, step: .fetching, isOverturn: true)
    guard let artifact = record.artifact, !stored.contains(artifact.digest) else { return writeOverturn(record) }
    guard pulls.count < configuration.pullsLimit, pulls[artifact.digest] == nil else {
      return settling[record.stage] = nil
    }
    pulls[artifact.digest] = ResultPull(stage: record.stage, session: session, pull: ArtifactPull(artifact))
    pullOrder.append(artifact.digest)
    askForPieces(of: artifact.digest)
  }

  private func leaseholder(of record: CommitRecord) -> UInt64? {
    sessionIDs.last { sessions[$0]?.host == record.host && sessions[$0]?.process == record.process }
  }

  mutating func writeOverturn(_ record: CommitRecord) {
    settling[record.stage]?.step = .writing
    var withdrawn: [Int] = []
    let below = descendants(of: record.stage)
    for stage in below {
      isFrozen.insert(stage)
      // What outvoted a result below was computed from the wrong input too.
      if let other = settling[stage], other.isOverturn, other.step != .writing { dropSettling(stage) }
      if states[stage] == .committed || settling[stage]?.step == .writing {
        withdrawn.append(stage)
      } else if settling[stage] != nil {
        dropSettling(stage)
      }
    }
    // In one group, so that no crash leaves the new result without the fence, or with states of the wrong input.
    actions.append(.overturn(record, withdrawn: withdrawn))
    actions.append(.recordDecision(stage: record.stage, .overturned, fence: nextToken))
    for stage in below { dropCheckpoint(of: stage) }
  }

  /// The ledger has the right result in place of the wrong one.
  mutating func becomeOverturned(_ stage: Int, _ token: UInt64) {
    guard let done = settling[stage], done.record.token == token, done.isOverturn else { return }
    settling[stage] = nil
    thaw()
    let right = CommittedStage(
      stage: stage, token: token, result: Digest(of: done.record.result), artifact: done.record.artifact,
      host: done.record.host)
    if let contest = contests[stage], let vote = contest.votes.last(where: { $0.token == token }) {
      blame(contest.votes, against: vote, stage)
    }
    committed.insert(right)
    computers[stage] = done.record.host
    let below = descendants(of: stage)
    for child in below { withdraw(child) }
    for child in below {
      missing[child] = UInt8(graph.parents[child].count { states[$0] != .committed })
      if ![.failed, .blocked, .dropped].contains(states[child]) { reopen(child) }
    }
    acknowledge(token, done.record.digest, .committed, to: done.session)
    conclude(stage, .overturned, "two computations agree against the one in the ledger; what used it is computed again")
  }

  /// What lies below an overturn that is still being written stays frozen, and nothing else does.
  mutating func thaw() {
    let writing = settling.filter { $0.value.isOverturn && $0.value.step == .writing }.keys
    isFrozen = Set(writing.flatMap(descendants))
  }

  private mutating func withdraw(_ stage: Int) {
    fences[stage] = nextToken
    // Those that decide or verify among them: they go on from the wrong input too.
    for token in leases.values.filter({ $0.stage == stage }).map(\.token).sorted() {
      cancelLease(token, "its input was wrong")
    }
    contests[stage] = nil
    decisions[stage] = nil
    dropCheckpoint(of: stage)
    committed.remove(stage)
    if states[stage] == .committed { setState(stage, .waiting) }
  }

  /// Every stage that reads an artifact of this one, or of one that does; ascending, so parents stand first.
  func descendants(of stage: Int) -> [Int] {
    var found: Set<Int> = []
    var open = Array(graph.children[stage])
    while let child = open.popLast() {
      if found.insert(Int(child)).inserted { open += Array(graph.children[Int(child)]) }
    }
    return found.sorted()
  }
}
