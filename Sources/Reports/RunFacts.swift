// How a run went: times, hosts, attempts, alarms. They differ from run to run: only run.json and the page hold them.

/// The facts of one execution of the plan.
public struct RunFacts: Sendable {
  /// The program's version.
  public var version: String
  /// The numeric class, such as "avx2.1".
  public var numericClass: String
  /// The processor of the machine that wrote the report.
  public var processor: String
  /// When the first stage was granted, in seconds since 1970 (UTC).
  public var startedUnixSeconds: Int
  /// When the last result was recorded, in seconds since 1970 (UTC).
  public var finishedUnixSeconds: Int
  /// Stages granted to workers, each attempt counted.
  public var attempts: Int
  /// Attempts that failed, were lost or ran out of time.
  public var failedAttempts: Int
  /// Results that came a second time, and were compared with the first.
  public var twins: Int
  /// What went wrong and must be looked at, such as twins that differed; one line each.
  public var alarms: [String]
  /// The machines that computed.
  public var hosts: [HostFacts]
  /// Computing time by kind of stage, in the order to be printed.
  public var kinds: [StageTimeFacts]

  /// Gathers the facts of a run.
  public init(
    version: String, numericClass: String, processor: String, startedUnixSeconds: Int, finishedUnixSeconds: Int,
    attempts: Int, failedAttempts: Int = 0, twins: Int = 0, alarms: [String] = [], hosts: [HostFacts] = [],
    kinds: [StageTimeFacts] = []
  ) {
    self.version = version
    self.numericClass = numericClass
    self.processor = processor
    self.startedUnixSeconds = startedUnixSeconds
    self.finishedUnixSeconds = finishedUnixSeconds
    self.attempts = attempts
    self.failedAttempts = failedAttempts
    self.twins = twins
    self.alarms = alarms
    self.hosts = hosts
    self.kinds = kinds
  }
}

/// One machine (or one worker of it) that computed.
public struct HostFacts: Sendable {
  /// Its name.
  public var name: String
  /// Its processor.
  public var processor: String
  /// How many stages it had recorded.
  public var stages: Int
  /// How long it computed for them, in seconds.
  public var computeSeconds: Double

  /// A machine and its share.
  public init(name: String, processor: String, stages: Int, computeSeconds: Double) {
    self.name = name
    self.processor = processor
    self.stages = stages
    self.computeSeconds = computeSeconds
  }
}

/// Computing time of one kind of stage.
public struct StageTimeFacts: Sendable {
  /// "pretrain", "extract", "fit" or "baseline".
  public var kind: String
  /// How many stages were recorded.
  public var stages: Int
  /// Their computing time together, in seconds.
  public var computeSeconds: Double

  /// A kind of stage and its time.
  public init(kind: String, stages: Int, computeSeconds: Double) {
    self.kind = kind
    self.stages = stages
    self.computeSeconds = computeSeconds
  }
}
