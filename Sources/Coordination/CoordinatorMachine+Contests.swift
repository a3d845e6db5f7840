// A stage that came out with two different results is computed a third time, and the majority decides.
//
// Stages are functions, so one of the two is wrong: a sick host, or a program that is not deterministic. Nothing stops
// for it, both are kept, and the run ends with an alarm whatever is decided. Two hosts that agree decide, since a sick
// one may be wrong in the same way each time; two computations do where only one host has the stage. Where they decide
// against the ledger, everything computed from its result is computed again.

import Canonical
import Messages

/// One computation of a contested stage.
struct Vote: Sendable {
  let token: UInt64
  let result: Digest
  let artifact: Digest?
  /// Where it was computed.
  let host: String
  /// The process and the time that it took; 0 where they are not known.
  var process: UInt32 = 0
  var seconds = 0.0

  /// Whether this is not a second computation, but the first one delivered again under another lease.
  func isAgain(_ other: Vote) -> Bool {
    guard process != 0, isSame(other) else { return false }
    return host == other.host && process == other.process && seconds == other.seconds
  }

  func isSame(_ other: Vote) -> Bool { result == other.result && artifact == other.artifact }
}

/// A stage whose results differ.
struct Contest: Sendable {
  /// The one in the ledger first.
  var votes: [Vote]
  /// The lease of the computation that is to decide.
  var token: UInt64?
  /// Computations that were to decide and failed.
  var failures = 0
}

/// What the majority of a contested stage's computations says.
public enum Decision: String, Equatable, Sendable {
  /// The result in the ledger is right.
  case upheld
  /// Another one is, and took its place.
  case overturned
  /// No two of them agree, however often it was computed.
  case open
}

extension CoordinatorMachine {
  /// Computations of one stage, undecided, after which no further one is asked for.
  private static let votesLimit = 5

  /// Takes a result of a stage that the ledger has another result of.
  mutating func contest(_ first: CommittedStage, _ twin: CommitRecord) {
    guard decisions[twin.stage] == nil else { return }
    openContest(about: first)
    vote(twin)
    guard phase != .running else { return }
    actions.append(log("ALARM: this start ends: the next one, by the same command, decides about stage \(twin.stage)"))
  }

  private mutating func openContest(about first: CommittedStage) {
    guard contests[first.stage] == nil else { return }
    let vote = Vote(
      token: first.token, result: first.result, artifact: first.artifact?.digest, host: computers[first.stage])
    contests[first.stage] = Contest(votes: [vote])
  }

  /// A computation that was to decide failed: it is asked for again, but not for ever.
  mutating func failContest(_ stage: Int) {
    guard contests[stage] != nil, settling[stage] == nil, mayDecide(about: stage) else { return }
    contests[stage]?.failures += 1
    let failures = contests[stage]?.failures ?? 0
    if failures >= Self.votesLimit { end(stage, .open, "\(failures) further computations failed") }
  }

  /// Takes one more computation of a contested stage.
  mutating func vote(_ record: CommitRecord) {
    guard let votes = contests[record.stage]?.votes else { return }
    let vote = Vote(
      token: record.token, result: Digest(of: record.result), artifact: record.artifact?.digest, host: record.host,
      process: record.process, seconds: record.seconds)
    if contests[record.stage]?.token == record.token { contests[record.stage]?.token = nil }
    let isNew = !votes.contains { $0.token == vote.token || $0.isAgain(vote) }
    if isNew { contests[record.stage]?.votes.append(vote) }
    guard mayDecide(about: record.stage) else { return }
    if isMajority(vote, of: votes + (isNew ? [vote] : [])) {
      decide(record, votes, vote)
    } else if isNew, votes.count + 1 >= Self.votesLimit, settling[record.stage] == nil {
      end(record.stage, .open, "no two hosts agree in \(votes.count + 1) computations")
    }
  }

  private func isMajority(_ vote: Vote, of votes: [Vote]) -> Bool {
    let same = votes.filter { $0.isSame(vote) }
    return Set(same.map(\.host)).count > 1 || same.count > 1 && Set(votes.map(\.host)).count == 1
  }

  private mutating func decide(_ record: CommitRecord, _ votes: [Vote], _ last: Vote) {
    guard settling[record.stage] == nil else { return }
    guard !votes[0].isSame(last) else {
      blame(votes, against: last, record.stage)
      return end(record.stage, .upheld, "a further computation agrees with the ledger")
    }
    overturn(record)
  }

  /// Whether a contest may end now. Once the report is written nobody is left to compute again what used a wrong
  /// result: the next start decides, by the votes that the ledger keeps. And what is computed from a result that is
  /// being replaced may agree in what is wrong.
  private func mayDecide(about stage: Int) -> Bool { phase == .running && !isFrozen.contains(stage) }

  /// The hosts whose results were outvoted are at fault.
  mutating func blame(_ votes: [Vote], against right: Vote, _ stage: Int) {
    for vote in votes where !vote.isSame(right) { addFault(of: vote.host, stage) }
  }

  mutating func end(_ stage: Int, _ decision: Decision, _ why: String) {
    actions.append(.recordDecision(stage: stage, decision, fence: nextToken))
    conclude(stage, decision, why)
  }

  /// Ends a contest whose decision is written.
  mutating func conclude(_ stage: Int, _ decision: Decision, _ why: String) {
    if let token = contests[stage]?.token { cancelLease(token, "the contest is decided") }
    contests[stage] = nil
    decisions[stage] = decision
    actions.append(log("ALARM: the result of stage \(stage) is \(decision.rawValue): \(why)"))
  }

  // MARK: - The deciding computation

  /// Grants contested stages, on a host that has not computed them if there is one.
  mutating func grantContests() {
    let undecided = contests.keys.filter { contests[$0]?.token == nil && settling[$0] == nil && !isFrozen.contains($0) }
    for stage in undecided.sorted() {
      guard nextToken < tokenEnd, let session = judge(of: stage) else { continue }
      contests[stage]?.token = nextToken
      grantExtra(stage, to: session)
    }
  }

  /// An idle worker for a contested stage; nil while a better one, which is busy, is to be waited for.
  private func judge(of stage: Int) -> Session? {
    let votes = contests[stage]?.votes ?? []
    let able = sessionIDs.compactMap { sessions[$0] }.filter { mayWork($0) }
    func count(_ session: Session) -> Int { votes.count { $0.host == session.host } }
    guard let fewest = able.map(count).min() else { return nil }
    return able.first { isFree($0) && count($0) == fewest }
  }

  // MARK: - After a restart

  /// Goes on with contests that were not decided.
  mutating func recoverContests(_ twins: [RecoveredTwin]) {
    // One below a fence was withdrawn with the wrong input that it was computed from: it contests nothing.
    for twin in twins where decisions[twin.stage] == nil && twin.token >= fences[twin.stage, default: 0] {
      guard let first = committed[twin.stage], first.token != twin.token else { continue }
      openContest(about: first)
      contests[twin.stage]?.votes.append(
        Vote(token: twin.token, result: twin.result, artifact: twin.artifact, host: twin.host))
    }
    for (stage, contest) in contests.sorted(by: { $0.key < $1.key }) where contest.votes.count >= Self.votesLimit {
      // A majority that came when the run was over needs one more computation, which brings its artifact.
      if contest.votes.contains(where: { isMajority($0, of: contest.votes) }) { continue }
      end(stage, .open, "no further computation is asked for")
    }
  }
}
