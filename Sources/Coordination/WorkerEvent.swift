// What a worker is told, what happens to it, and what it wants done.

import Canonical
import Messages

/// What a worker is, and its times.
public struct WorkerConfiguration: Sendable {
  /// Version of the program.
  public var buildVersion: String
  /// `avx2.1`…
  public var numericClass: String
  /// Digest of the bits of the numeric probe.
  public var probe: Digest
  /// Prepared sets that are open, in any order.
  public var sets: [SetName]
  /// Where it runs.
  public var host: String
  /// Its process id.
  public var process: UInt32
  /// A number that no other start of a worker has.
  public var instance: UInt64
  /// How many stages it computes at once, 1…`Limits.slots`.
  public var slots: Int
  /// Time between beats until the coordinator says otherwise.
  public var beat_ms = 3_000
  /// Beats without an answer after which the socket is opened anew.
  public var silentBeats = 4
  /// The longest time between two greetings.
  public var greeting_ms = 5_000
  /// The longest time between two sendings of a result.
  public var resend_ms = 30_000
  /// How long it waits for acknowledgements when it has to go.
  public var farewell_ms = 2_000
  /// How long it goes without a coordinator before it gives up with 75; nil: for ever.
  public var patience_ms: Int?

  /// A configuration with the default times.
  public init(
    buildVersion: String, numericClass: String, probe: Digest, sets: [SetName], host: String, process: UInt32,
    instance: UInt64, slots: Int
  ) {
    self.buildVersion = buildVersion
    self.numericClass = numericClass
    self.probe = probe
    self.sets = sets.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    self.host = host
    self.process = process
    self.instance = instance
    self.slots = slots
  }
}

/// What happened. Computations are named by their stage: a worker never computes one stage twice at once.
public enum WorkerEvent: Equatable, Sendable {
  /// The first event: the socket is open.
  case start
  /// Time went on. To be given at least every 250 ms.
  case tick
  /// A message came.
  case received(Envelope)
  /// Frames came that are no message.
  case undecodable(MessageError)
  /// `findArtifact`: the cache has it, verified.
  case artifactHeld(Digest)
  /// `findArtifact`: the cache has not got it.
  case artifactAbsent(Digest)
  /// `verifyArtifact` found the right bytes; they are in the cache.
  case artifactStored(Digest)
  /// `verifyArtifact` found other bytes, or the cache could not keep them.
  case artifactRefused(Digest, why: String)
  /// What `readArtifact` asked for.
  case artifactRead(ArtifactChunk)
  /// The cache has not got it.
  case artifactUnreadable(Digest)
  /// An epoch ended.
  case progress(stage: Digest, epoch: Int, epochs: Int, loss: Float)
  /// A stage that is being computed has left a state of its training in the cache.
  case kept(stage: Digest, epoch: Int, artifact: ArtifactName)
  /// A stage is computed; its artifact is in the cache.
  case computed(stage: Digest, result: [UInt8], artifact: ArtifactName?, seconds: Double)
  /// A stage could not be computed.
  case failed(stage: Digest, FailureClass, text: String)
  /// The socket has a connection again, after another one.
  case reconnected
  /// No connection will ever come about: a key is refused, or keys are asked for; what to do.
  case doorClosed(why: String)
  /// SIGTERM, SIGINT, or the parent died: stop, and say goodbye.
  case terminate
}

/// What a worker wants done.
public enum WorkerAction: Equatable, Sendable {
  /// Send a message; it may be lost.
  case send(Envelope)
  /// Close the socket and open a new one, so that nothing queued in the old one arrives.
  case reconnect
  /// Look for an artifact in the cache, then say `artifactHeld` or `artifactAbsent`.
  case findArtifact(ArtifactName)
  /// Keep a piece of an artifact that is being fetched.
  case storeChunk(ArtifactChunk)
  /// All pieces are there: compare with the digest, then say `artifactStored` or `artifactRefused`.
  case verifyArtifact(ArtifactName)
  /// An artifact will not be completed: forget its pieces.
  case discardArtifact(Digest)
  /// Read a piece from the cache, then say `artifactRead` or `artifactUnreadable`.
  case readArtifact(Digest, offset: Int)
  /// Compute a stage, from a state of its training where one is given, then say `computed` or `failed`.
  case compute(
    stage: Digest, index: Int, description: [UInt8], parents: [ParentArtifact], checkpoint: ArtifactName?)
  /// Stop computing a stage; nothing more is to be said about it.
  case cancel(stage: Digest)
  /// The answer to a stage was acknowledged: its artifact need not be kept.
  case delivered(stage: Digest, Verdict)
  /// A line for the log.
  case log(String)
  /// Close the socket (a farewell may still be on its way: give it 200 ms) and exit. The last action.
  case exit(status: Int32, lines: [String])
}
