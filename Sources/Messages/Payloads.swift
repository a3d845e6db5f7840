// What the messages carry: plain values, no behaviour. Who sends what when stands in Grammar.swift.

import Canonical

/// An artifact: the digest of its bytes, and how many they are.
public struct ArtifactName: Hashable, Sendable {
  /// SHA-256 of the bytes.
  public let digest: Digest
  /// How many bytes; at most `Limits.artifactBytes`.
  public let size: Int

  /// A name.
  public init(digest: Digest, size: Int) {
    self.digest = digest
    self.size = size
  }
}

/// A prepared set that a worker has opened and verified.
public struct SetName: Hashable, Sendable {
  /// The name in the study: `source`, `target`.
  public let name: String
  /// Its digest.
  public let digest: Digest

  /// A name.
  public init(name: String, digest: Digest) {
    self.name = name
    self.digest = digest
  }
}

/// A stage that a worker holds when it says hello.
public struct HeldLease: Hashable, Sendable {
  /// The stage.
  public let stage: Digest
  /// The token under which it was granted.
  public let token: UInt64
  /// Whether an answer, result or failure, waits to be sent; it is not cancelled then.
  public let isFinished: Bool

  /// A held lease.
  public init(stage: Digest, token: UInt64, isFinished: Bool) {
    self.stage = stage
    self.token = token
    self.isFinished = isFinished
  }
}

/// The first message of a worker, and again after every `rehello` and every new socket.
public struct Hello: Equatable, Sendable {
  /// Version of the program; workers of another one are refused, since bits may differ.
  public var buildVersion: String
  /// `avx2.1`…
  public var numericClass: String
  /// Digest of the bits of the numeric probe.
  public var probe: Digest
  /// The prepared sets, in the order of their names.
  public var sets: [SetName]
  /// Where it runs.
  public var host: String
  /// Its process id.
  public var process: UInt32
  /// A number that no other start of a worker has: tells a restarted process with the same id from the old one.
  public var instance: UInt64
  /// How many stages it computes at once, 1…`Limits.slots`.
  public var slots: Int
  /// What it is computing, or has computed and not yet delivered.
  public var held: [HeldLease]

  /// A greeting.
  public init(
    buildVersion: String, numericClass: String, probe: Digest, sets: [SetName], host: String, process: UInt32,
    instance: UInt64, slots: Int, held: [HeldLease]
  ) {
    self.buildVersion = buildVersion
    self.numericClass = numericClass
    self.probe = probe
    self.sets = sets
    self.host = host
    self.process = process
    self.instance = instance
    self.slots = slots
    self.held = held
  }
}

/// The coordinator accepts a worker.
public struct Welcome: Equatable, Sendable {
  /// The sequence number of the greeting that this answers: old answers are told by it.
  public let greeting: UInt64
  /// Time between beats.
  public let beat_ms: Int
  /// Silence after which the coordinator gives the worker's stages to others.
  public let lease_ms: Int
  /// How many leases the worker may hold at once.
  public let credit: Int

  /// A welcome.
  public init(greeting: UInt64, beat_ms: Int, lease_ms: Int, credit: Int) {
    self.greeting = greeting
    self.beat_ms = beat_ms
    self.lease_ms = lease_ms
    self.credit = credit
  }
}

/// Why a worker is not accepted.
public enum RefusalCode: UInt8, CaseIterable, Sendable {
  /// Other data, version or numbers: the worker ends with 78.
  case incompatible = 1
  /// No room for another session: the worker ends with 75.
  case full = 2
  /// Its key holds no longer, or not for this: the worker ends with 78, also in the middle of a session.
  case key = 3
}

/// The coordinator does not accept a worker.
public struct Refusal: Equatable, Sendable {
  /// Why.
  public let code: RefusalCode
  /// One line for each difference: what the coordinator has, what the worker has.
  public let lines: [String]

  /// A refusal.
  public init(code: RefusalCode, lines: [String]) {
    self.code = code
    self.lines = lines
  }
}

/// An input of a granted stage.
public struct ParentArtifact: Hashable, Sendable {
  /// The stage that made it.
  public let stage: Digest
  /// Its bytes.
  public let artifact: ArtifactName

  /// An input.
  public init(stage: Digest, artifact: ArtifactName) {
    self.stage = stage
    self.artifact = artifact
  }
}

/// The right to compute one stage.
public struct Grant: Equatable, Sendable {
  /// The stage.
  public let stage: Digest
  /// Its place in the plan, for people.
  public let index: Int
  /// The lease: a number never given before.
  public let token: UInt64
  /// 1 for the first time.
  public let attempt: Int
  /// The canonical JSON whose digest the stage is.
  public let description: [UInt8]
  /// The artifacts that it reads, in the order of the plan.
  public let parents: [ParentArtifact]
  /// A state of its training, from which another worker goes on.
  public let checkpoint: ArtifactName?

  /// A grant.
  public init(
    stage: Digest, index: Int, token: UInt64, attempt: Int, description: [UInt8], parents: [ParentArtifact],
    checkpoint: ArtifactName? = nil
  ) {
    self.stage = stage
    self.index = index
    self.token = token
    self.attempt = attempt
    self.description = description
    self.parents = parents
    self.checkpoint = checkpoint
  }
}

/// How far one lease is.
public struct LeaseProgress: Equatable, Sendable {
  /// The lease.
  public let token: UInt64
  /// Epochs done.
  public let epoch: Int
  /// Epochs at most; 0 while the computation has not begun.
  public let epochs: Int
  /// Training loss of the last epoch.
  public let loss: Float
  /// Whether an answer, result or failure, waits to be acknowledged.
  public let isFinished: Bool

  /// A progress.
  public init(token: UInt64, epoch: Int, epochs: Int, loss: Float, isFinished: Bool) {
    self.token = token
    self.epoch = epoch
    self.epochs = epochs
    self.loss = loss
    self.isFinished = isFinished
  }
}

/// A sign of life: what is held and how far it is. The coordinator answers each one with an empty one.
public struct Beat: Equatable, Sendable {
  /// Every lease that the worker holds, undelivered answers included.
  public let leases: [LeaseProgress]
  /// Slots that compute nothing.
  public let freeSlots: Int

  /// A beat.
  public init(leases: [LeaseProgress], freeSlots: Int) {
    self.leases = leases
    self.freeSlots = freeSlots
  }
}

/// A computed stage; sent again until it is acknowledged.
public struct StageResult: Equatable, Sendable {
  /// The lease.
  public let token: UInt64
  /// The stage.
  public let stage: Digest
  /// Canonical JSON.
  public let result: [UInt8]
  /// The artifact, which the coordinator fetches if it has not got it.
  public let artifact: ArtifactName?
  /// Time that the computation took.
  public let seconds: Double

  /// A result.
  public init(token: UInt64, stage: Digest, result: [UInt8], artifact: ArtifactName?, seconds: Double) {
    self.token = token
    self.stage = stage
    self.result = result
    self.artifact = artifact
    self.seconds = seconds
  }
}

/// What became of an answer. With any of them the worker forgets it.
public enum Verdict: UInt8, CaseIterable, Sendable {
  /// This result is in the ledger.
  case committed = 1
  /// Another worker's result is in the ledger, and is the same bytes.
  case duplicate = 2
  /// Nobody needs this answer any more.
  case superseded = 3
  /// Another worker's result is in the ledger, and is not the same bytes: an alarm.
  case conflict = 4
  /// This failure is in the ledger.
  case recorded = 5
}

/// The answer to a result or a failure, after it was made durable.
public struct Acknowledgement: Equatable, Sendable {
  /// The lease of the answer.
  public let token: UInt64
  /// The stage.
  public let stage: Digest
  /// What became of it.
  public let verdict: Verdict

  /// An acknowledgement.
  public init(token: UInt64, stage: Digest, verdict: Verdict) {
    self.token = token
    self.stage = stage
    self.verdict = verdict
  }
}

/// What kind of failure it was, which decides who is blamed.
public enum FailureClass: UInt8, CaseIterable, Sendable {
  /// The computation ended with an error or by a signal.
  case task = 1
  /// The prepared set is not what the description says.
  case data = 2
  /// Numbers that are not finite.
  case numeric = 3
  /// An artifact is missing or damaged.
  case artifact = 4
  /// It was told to stop.
  case cancelled = 5
  /// Not enough memory.
  case memory = 6
  /// The host: disk full, a process that could not be started; or a lease that ran out.
  case host = 7
}

/// A stage that could not be computed; sent again until it is acknowledged.
public struct Failure: Equatable, Sendable {
  /// The lease.
  public let token: UInt64
  /// The stage.
  public let stage: Digest
  /// What kind.
  public let kind: FailureClass
  /// What happened, in at most `Limits.failureBytes` of UTF-8.
  public let text: String

  /// A failure.
  public init(token: UInt64, stage: Digest, kind: FailureClass, text: String) {
    self.token = token
    self.stage = stage
    self.kind = kind
    self.text = text
  }
}

/// A state of a stage that is being computed, in the worker's cache.
public struct EpochCheckpoint: Equatable, Sendable {
  /// The lease.
  public let token: UInt64
  /// The stage.
  public let stage: Digest
  /// Epochs done.
  public let epoch: Int
  /// Its bytes.
  public let artifact: ArtifactName

  /// An offer.
  public init(token: UInt64, stage: Digest, epoch: Int, artifact: ArtifactName) {
    self.token = token
    self.stage = stage
    self.epoch = epoch
    self.artifact = artifact
  }
}

/// A piece of an artifact.
public struct ArtifactChunk: Equatable, Sendable {
  /// The artifact.
  public let artifact: ArtifactName
  /// Where the piece begins, a multiple of `Limits.chunkBytes`.
  public let offset: Int
  /// The piece: `Limits.chunkBytes`, or what is left at the end.
  public let bytes: [UInt8]

  /// A piece.
  public init(artifact: ArtifactName, offset: Int, bytes: [UInt8]) {
    self.artifact = artifact
    self.offset = offset
    self.bytes = bytes
  }
}

/// What a worker that is told to go does with what it computes.
public enum DrainMode: UInt8, CaseIterable, Sendable {
  /// Stop computing, deliver what is finished, go.
  case stop = 1
  /// Take nothing new, finish, deliver, go.
  case finish = 2
}
