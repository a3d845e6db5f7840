// The rows of a ledger: what a run is made of, what was computed, who tried, and what happened.

import Canonical

/// One stage of the plan.
public struct StageRow: Equatable, Sendable {
  /// Place in the plan.
  public var index: Int
  /// The stage's digest.
  public var digest: Digest
  /// `pretrain`, `extract`, `fit` or `baseline`.
  public var kind: String
  /// The description as canonical JSON text.
  public var description: String
  /// The subjects that this stage must not have seen.
  public var heldOut: [String]

  /// A row.
  public init(index: Int, digest: Digest, kind: String, description: String, heldOut: [String]) {
    self.index = index
    self.digest = digest
    self.kind = kind
    self.description = description
    self.heldOut = heldOut
  }
}

/// The one committed result of a stage.
public struct ResultRow: Equatable, Sendable {
  /// Place in the plan.
  public var stage: Int
  /// The result: canonical JSON.
  public var bytes: [UInt8]
  /// The digest of the stage's artifact, where it has one.
  public var artifact: Digest?
  /// Size of the artifact in bytes; 0 without one.
  public var artifact_bytes: Int
  /// The machine that computed it.
  public var host: String
  /// The process that computed it.
  public var process: Int
  /// The lease's token.
  public var token: UInt64
  /// Which attempt it was, from 1.
  public var attempt: Int
  /// How long the computation took, in seconds.
  public var seconds: Double
  /// When it was committed, in seconds since 1970.
  public var time_s: Double

  /// The digest of `bytes`.
  public var digest: Digest { Digest(of: bytes) }

  /// A row.
  public init(
    stage: Int, bytes: [UInt8], artifact: Digest?, artifact_bytes: Int, host: String, process: Int, token: UInt64,
    attempt: Int, seconds: Double, time_s: Double
  ) {
    self.stage = stage
    self.bytes = bytes
    self.artifact = artifact
    self.artifact_bytes = artifact_bytes
    self.host = host
    self.process = process
    self.token = token
    self.attempt = attempt
    self.seconds = seconds
    self.time_s = time_s
  }
}

/// What became of a lease.
public enum AttemptState: String, Sendable, CaseIterable {
  /// Given to a worker, no answer yet.
  case granted
  /// Its result was committed.
  case committed
  /// The worker said that it failed.
  case failed
  /// The lease ended without an answer.
  case expired
  /// The worker went away, or the coordinator did.
  case lost
  /// It failed, and the stage was allowed to be tried again.
  case forgiven
  /// Withdrawn by the coordinator.
  case cancelled
  /// An equal result was there already.
  case duplicate
  /// A different result was there already: an alarm.
  case twin
}

/// One lease of one stage.
public struct AttemptRow: Equatable, Sendable {
  /// The lease's token, unique in a run.
  public var token: UInt64
  /// Place in the plan.
  public var stage: Int
  /// Which attempt of the stage, from 1.
  public var number: Int
  /// The worker's machine.
  public var host: String
  /// The worker's process.
  public var process: Int
  /// What became of it.
  public var state: AttemptState
  /// The class of a failure (`data`, `numeric`, `memory`…); empty otherwise.
  public var failure: String
  /// What the worker said; empty otherwise.
  public var text: String
  /// When it was granted, in seconds since 1970.
  public var granted_s: Double
  /// When it ended; nil while it runs.
  public var ended_s: Double?

  /// A row.
  public init(
    token: UInt64, stage: Int, number: Int, host: String, process: Int, state: AttemptState, failure: String = "",
    text: String = "", granted_s: Double, ended_s: Double? = nil
  ) {
    self.token = token
    self.stage = stage
    self.number = number
    self.host = host
    self.process = process
    self.state = state
    self.failure = failure
    self.text = text
    self.granted_s = granted_s
    self.ended_s = ended_s
  }
}

extension ResultRow {
  /// The lease that this result answered, as far as the result tells.
  var attemptRow: AttemptRow {
    AttemptRow(
      token: token, stage: stage, number: attempt, host: host, process: process, state: .committed,
      granted_s: time_s - seconds, ended_s: time_s)
  }
}

/// A stage that was given up.
public struct FailureRow: Equatable, Sendable {
  /// Place in the plan.
  public var stage: Int
  /// The class of the last failure.
  public var failure: String
  /// What the last worker said.
  public var text: String
  /// How many attempts were blamed.
  public var attempts: Int
  /// When it was given up, in seconds since 1970.
  public var time_s: Double

  /// A row.
  public init(stage: Int, failure: String, text: String, attempts: Int, time_s: Double) {
    self.stage = stage
    self.failure = failure
    self.text = text
    self.attempts = attempts
    self.time_s = time_s
  }
}

/// A second result of a committed stage that differs from the first: both are kept.
public struct TwinRow: Equatable, Sendable {
  /// The token of the lease it answered.
  public var token: UInt64
  /// Place in the plan.
  public var stage: Int
  /// The result that differs.
  public var bytes: [UInt8]
  /// The artifact that came with it.
  public var artifact: Digest?
  /// The machine that computed it.
  public var host: String
  /// The process that computed it.
  public var process: Int
  /// When it came, in seconds since 1970.
  public var time_s: Double

  /// A row.
  public init(
    token: UInt64, stage: Int, bytes: [UInt8], artifact: Digest?, host: String, process: Int, time_s: Double
  ) {
    self.token = token
    self.stage = stage
    self.bytes = bytes
    self.artifact = artifact
    self.host = host
    self.process = process
    self.time_s = time_s
  }
}

/// Something that happened, for people.
public struct EventRow: Equatable, Sendable {
  /// Place in time, from 1; 0 before it is written.
  public var sequence: Int
  /// When, in seconds since 1970.
  public var time_s: Double
  /// A short word: `start`, `worker`, `lease`, `alarm`…
  public var kind: String
  /// One line.
  public var text: String

  /// An event that was not written yet.
  public init(time_s: Double, kind: String, text: String) {
    self.sequence = 0
    self.time_s = time_s
    self.kind = kind
    self.text = text
  }
}
