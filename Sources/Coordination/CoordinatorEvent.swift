// What happens to a coordinator, and what it wants done. The driver brings the one and does the other, in order.

import Access
import Canonical
import Messages

/// A routing id, as the socket gave it.
public struct Peer: Hashable, Sendable {
  /// The bytes of the routing frame.
  public let bytes: [UInt8]

  /// A peer.
  public init(bytes: [UInt8]) { self.bytes = bytes }
}

/// What an artifact says of itself.
public struct ArtifactHeader: Equatable, Sendable {
  /// The stage that made it.
  public let stage: Digest
  /// `set/subject` of everyone whose data stand in it.
  public let subjects: [String]

  /// A header.
  public init(stage: Digest, subjects: [String]) {
    self.stage = stage
    self.subjects = subjects
  }
}

/// A connection that has ended.
public struct ClosedConnection: Equatable, Sendable {
  /// Who spoke over it.
  public let peer: Peer
  /// How long it had taken from its beginning to the first greeting.
  public let setup_ms: Int

  /// A closed connection.
  public init(peer: Peer, setup_ms: Int) {
    self.peer = peer
    self.setup_ms = setup_ms
  }
}

/// What happened.
public enum CoordinatorEvent: Equatable, Sendable {
  /// The first event: the ledger was read and the port is open.
  case start
  /// Time went on. To be given at least every 250 ms.
  case tick
  /// A message came, and from whom.
  case received(Peer, Envelope, Caller = .local)
  /// The key of a peer holds no longer, or not for what it does, and why.
  case keyRefused(Peer, why: String)
  /// Connections of workers have ended, and whatever came over them was brought.
  case connectionsClosed([ClosedConnection])
  /// Frames came that are no message.
  case undecodable(Peer, MessageError)
  /// The result of `commit` is durable.
  case committed(stage: Int, token: UInt64)
  /// It could not be made durable.
  case commitFailed(stage: Int, token: UInt64, why: String)
  /// `recordFailure` is durable.
  case failureRecorded(stage: Int, token: UInt64)
  /// `recordConflict` is durable.
  case conflictRecorded(stage: Int, token: UInt64)
  /// `overturn` is durable.
  case overturned(stage: Int, token: UInt64)
  /// `reserveTokens` is durable: tokens below this one may be given.
  case tokensReserved(upTo: UInt64)
  /// `verifyArtifact` found the right bytes and made them durable; what the file says of itself, nil where it says
  /// nothing.
  case artifactStored(Digest, ArtifactHeader?)
  /// `verifyArtifact` found other bytes.
  case artifactRefused(Digest, why: String)
  /// What `readArtifact` asked for.
  case artifactRead(session: UInt64, ArtifactChunk)
  /// The store has not got it.
  case artifactUnreadable(session: UInt64, Digest)
  /// The report of `finished` is written.
  case reportWritten
  /// These stages are not granted until they are opened; comes before `start`.
  case closed(stages: [Int])
  /// By the results so far these stages are needed.
  case opened(stages: [Int])
  /// By the results so far nothing needs these stages, nor ever will.
  case dropped(stages: [Int])
  /// A person wants an end (SIGINT, SIGTERM).
  case interrupt
}

/// A result to be made durable, with who computed it.
public struct CommitRecord: Equatable, Sendable {
  /// Number of the stage.
  public let stage: Int
  /// Name of the stage.
  public let digest: Digest
  /// The lease that it answers.
  public let token: UInt64
  /// Which try it was, from 1.
  public let attempt: Int
  /// Canonical JSON.
  public let result: [UInt8]
  /// What it made beside the result; in the store by now.
  public let artifact: ArtifactName?
  /// Where it was computed.
  public let host: String
  /// Process id of the worker.
  public let process: UInt32
  /// Time that the computation took.
  public let seconds: Double
}

/// A failure to be made durable.
public struct FailureRecord: Equatable, Sendable {
  /// Number of the stage.
  public let stage: Int
  /// Name of the stage.
  public let digest: Digest
  /// The lease that it answers.
  public let token: UInt64
  /// Which try it was, from 1.
  public let attempt: Int
  /// What kind.
  public let kind: FailureClass
  /// What happened, at most `Limits.failureBytes`.
  public let text: String
  /// Where it was computed.
  public let host: String
  /// Process id of the worker.
  public let process: UInt32
  /// Whether the stage is at fault (else it is a loss).
  public let isBlamed: Bool
  /// Whether it counts towards a limit, now and after a restart. Of a session's losses of one stage only the first
  /// does, and a lease that was taken back unused never does.
  public let isCounted: Bool
  /// Whether the stage is given up with it.
  public let isLast: Bool
}

/// How a run ended.
public struct Outcome: Equatable, Sendable {
  /// Stages that were given up, ascending.
  public let failed: [Int]
  /// Stages that wait for one of those, ascending.
  public let blocked: [Int]
  /// Twins that differed.
  public let conflicts: Int
  /// Whether a person stopped it.
  public let isInterrupted: Bool

  /// An outcome.
  public init(failed: [Int], blocked: [Int], conflicts: Int, isInterrupted: Bool) {
    self.failed = failed
    self.blocked = blocked
    self.conflicts = conflicts
    self.isInterrupted = isInterrupted
  }

  /// The exit status that says so.
  public var exitStatus: Int32 {
    if isInterrupted { return 130 }
    if conflicts > 0 { return 3 }
    return failed.isEmpty ? 0 : 1
  }
}

/// What a coordinator wants done.
public enum CoordinatorAction: Equatable, Sendable {
  /// Send a message; it may be lost.
  case send(Peer, Envelope)
  /// Make a result durable, then say `committed`. Group as many as come within 5 ms.
  case commit(CommitRecord)
  /// Make a failure durable, then say `failureRecorded`.
  case recordFailure(FailureRecord)
  /// Keep a twin that differs from the committed result, then say `conflictRecorded`.
  case recordConflict(CommitRecord)
  /// Note with the next group that a lease ended with the bytes that the ledger has.
  case recordVerification(stage: Int, token: UInt64)
  /// Put a result in the place of the stage's outvoted one, and withdraw results that were computed from that, all at
  /// once and durably; keep them as twins. Then say `overturned`.
  case overturn(CommitRecord, withdrawn: [Int])
  /// Note what became of a contested stage, with the next group. Leases below `fence` of the stages that read it are
  /// void where it was overturned.
  case recordDecision(stage: Int, Decision, fence: UInt64)
  /// Note a grant with the next group; nobody waits for it. Of a brief stage the note may wait for some tenths of a
  /// second, and is not needed where the result comes before.
  case recordGrant(stage: Int, token: UInt64, attempt: Int, host: String, process: UInt32, isBrief: Bool)
  /// These stages may be tried again: forget what went wrong with them.
  case recordRetry(stages: [Int])
  /// Reserve more tokens durably, then say `tokensReserved` with the new end.
  case reserveTokens(after: UInt64)
  /// Keep a piece of an artifact that is being fetched.
  case storeChunk(ArtifactChunk)
  /// All pieces are there: compare with the digest, make durable, then say `artifactStored` or `artifactRefused`.
  case verifyArtifact(ArtifactName)
  /// An artifact will not be completed: forget its pieces.
  case discardArtifact(Digest)
  /// Note durably, with the next group, that a stage has this epoch checkpoint, or none any more.
  case recordCheckpoint(stage: Int, epoch: Int, ArtifactName?)
  /// An artifact in the store is not needed any more.
  case removeArtifact(Digest)
  /// Read a piece, then say `artifactRead` or `artifactUnreadable`.
  case readArtifact(session: UInt64, Digest, offset: Int)
  /// A line for the log.
  case log(String)
  /// All stages are decided: write the report, then say `reportWritten`. Comes once.
  case finished(Outcome)
  /// Close everything and exit. Comes once, and is the last.
  case stop(Outcome)
}
