// What a coordinator is told once, when it starts: who may work for it, its times, and what the ledger remembers.

import Canonical
import Messages

/// Who may work for a coordinator, and its times and limits.
public struct CoordinatorConfiguration: Sendable {
  /// Workers of another version are refused.
  public var buildVersion: String
  /// `avx2.1`…
  public var numericClass: String
  /// What a worker's numeric probe must give.
  public var probe: Digest
  /// The prepared sets that a worker must have.
  public var sets: [SetName]
  /// The plan's digest, told by `status`, so that who asks knows which run answers; nil where nobody needs it.
  public var plan: Digest?
  /// Time between beats.
  public var beat_ms = 3_000
  /// Silence after which a worker's stages go to others.
  public var lease_ms = 15_000
  /// How long a worker whose connection was closed has to greet over another, beside twice the time that the old one
  /// took to set up. Only a bad link closes the connection of a worker that lives, and then it is back as soon as that
  /// lets it; the connections of one that died are closed by its system at once.
  public var return_ms = 750
  /// After a restart, how long stages that were granted before wait for the workers that hold them.
  public var grace_ms = 15_000
  /// At the end, how long workers have to say goodbye.
  public var farewell_ms = 3_000
  /// A gap between two events that is longer was a pause of our own, and no worker's fault.
  public var pause_ms = 1_000
  /// Failures of one stage that are its own fault before it is given up where only one host works; three times as
  /// many end it anywhere. On two hosts one failure each is enough.
  public var failuresLimit = 3
  /// Losses of one stage (a worker died, an artifact was damaged) before it is given up.
  public var lossesLimit = 8
  /// Whether an interrupt tells workers to stop. Where it does not, they go on with what they hold, and greet the next
  /// start of the coordinator with it.
  public var drainsOnInterrupt = true
  /// Workers at once.
  public var sessionsLimit = 4_096
  /// Results that are being fetched or written at once; more are asked for again later.
  public var settlingLimit = 4_096
  /// Artifacts that are being fetched at once.
  public var pullsLimit = 64
  /// Bytes of all epoch checkpoints together; further ones are not fetched.
  public var checkpointsLimit_bytes = 4 << 30
  /// Peers whose garbage is counted each for itself.
  public var strangersLimit = 1_024

  /// A configuration with the default times and limits.
  public init(buildVersion: String, numericClass: String, probe: Digest, sets: [SetName]) {
    self.buildVersion = buildVersion
    self.numericClass = numericClass
    self.probe = probe
    self.sets = sets
  }
}

/// A stage that the ledger has a result of.
public struct CommittedStage: Equatable, Sendable {
  /// The stage.
  public let stage: Int
  /// The lease that was answered.
  public let token: UInt64
  /// Digest of the result's bytes.
  public let result: Digest
  /// Its artifact.
  public let artifact: ArtifactName?
  /// Where it was computed.
  public let host: String

  /// A committed stage.
  public init(stage: Int, token: UInt64, result: Digest, artifact: ArtifactName?, host: String = "") {
    self.stage = stage
    self.token = token
    self.result = result
    self.artifact = artifact
    self.host = host
  }
}

/// A kept result that differs from the ledger's, where nothing has decided between them.
public struct RecoveredTwin: Equatable, Sendable {
  /// The stage.
  public let stage: Int
  /// The lease that it answered.
  public let token: UInt64
  /// Digest of its bytes.
  public let result: Digest
  /// Digest of its artifact.
  public let artifact: Digest?
  /// Where it was computed.
  public let host: String

  /// A twin.
  public init(stage: Int, token: UInt64, result: Digest, artifact: Digest?, host: String) {
    self.stage = stage
    self.token = token
    self.result = result
    self.artifact = artifact
    self.host = host
  }
}

/// What the ledger remembers of a stage that went wrong.
public struct StageHistory: Equatable, Sendable {
  /// The stage.
  public let stage: Int
  /// Failures that were its own fault.
  public let failures: Int
  /// Losses that were not.
  public let losses: Int
  /// Why it was given up; nil while it may be tried again.
  public let givenUp: String?
  /// Hosts on which it failed by its own fault.
  public let hosts: [String]

  /// A history.
  public init(stage: Int, failures: Int, losses: Int, givenUp: String?, hosts: [String] = []) {
    self.stage = stage
    self.hosts = hosts
    self.failures = failures
    self.losses = losses
    self.givenUp = givenUp
  }
}

/// What a coordinator takes over from the ledger.
public struct Recovery: Sendable {
  /// This start's number: one more than any before, already durable.
  public var epoch: UInt32
  /// Tokens that no start has given yet, already durably reserved.
  public var tokens: Range<UInt64>
  /// Stages with a result.
  public var committed: CommittedStages
  /// Stages that went wrong.
  public var histories: [StageHistory]
  /// Stages without a result that an earlier start granted last, with that lease.
  public var granted: [(stage: Int, token: UInt64)]
  /// Alarms of earlier starts.
  public var conflicts: Int
  /// Results that differ from the ledger's, of decided stages too.
  public var twins: [RecoveredTwin] = []
  /// What became of contested stages, with the fence of each.
  public var decisions: [(stage: Int, decision: Decision, fence: UInt64)] = []
  /// Epoch checkpoints that are in the store.
  public var checkpoints: [(stage: Int, epoch: Int, artifact: ArtifactName)] = []

  /// What a new ledger remembers.
  public init(
    epoch: UInt32, tokens: Range<UInt64>, committed: [CommittedStage] = [], histories: [StageHistory] = [],
    granted: [(stage: Int, token: UInt64)] = [], conflicts: Int = 0
  ) {
    self.epoch = epoch
    self.tokens = tokens
    self.committed = CommittedStages()
    for result in committed { self.committed.append(result) }
    self.histories = histories
    self.granted = granted
    self.conflicts = conflicts
  }
}
