// The limits of the wire: every field that a peer fills has a named bound, checked before memory is taken for it.

/// Bounds of everything that a peer may send. A value above its bound makes a message undecodable, never large.
public enum Limits {
  /// Bytes of one ZeroMQ frame, body or bulk: what `ZMQ_MAXMSGSIZE` has to be.
  public static let frameBytes = resultBytes + 64 * 1024
  /// Messages of one bundle.
  public static let bundleMessages = 512
  /// Bytes of a bundle to which no message is added any more.
  public static let bundleBytes = 32 * 1024
  /// Bytes of the result of one stage.
  public static let resultBytes = 1024 * 1024
  /// Bytes of the bulk frame: one piece of an artifact.
  public static let chunkBytes = 256 * 1024
  /// Bytes of one artifact.
  public static let artifactBytes = 1024 * 1024 * 1024
  /// Bytes of the description of one stage.
  public static let descriptionBytes = 256 * 1024
  /// Parents of one stage.
  public static let parents = 64
  /// Bytes of a name: host, build version, numeric class, prepared set.
  public static let nameBytes = 256
  /// Bytes of a reason that a person reads.
  public static let reasonBytes = 1024
  /// Lines of difference in a refusal, and bytes of each.
  public static let lines = 64
  /// Bytes of the text of a failure: the last lines of a log.
  public static let failureBytes = 4 * 1024
  /// Prepared sets that a worker names.
  public static let sets = 16
  /// Stages that one worker computes at once.
  public static let slots = 256
  /// Leases that one worker may hold: a stage for every slot, one waiting, and what it kept over a restart.
  public static let held = 2 * slots + 2
  /// Bytes of a control request.
  public static let controlBytes = 64 * 1024
  /// Bytes of the answer to a control request.
  public static let controlReplyBytes = 1024 * 1024
}
