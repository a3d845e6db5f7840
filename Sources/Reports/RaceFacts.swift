// What a race decided, as a report shows it: all from verdicts, so that equal results give equal bytes.

/// A configuration that was dropped before all folds were computed.
public struct DroppedConfiguration: Sendable {
  /// Its name.
  public var name: String
  /// The name of the configuration that led.
  public var leader: String
  /// Folds, from the first, that the verdict looked at.
  public var folds: Int
  /// The different subjects whom they test.
  public var subjects: Int
  /// The p of the test.
  public var p: Double
  /// UAR of the leader less its own, on those folds.
  public var difference: Double

  /// A dropped configuration.
  public init(name: String, leader: String, folds: Int, subjects: Int, p: Double, difference: Double) {
    self.name = name
    self.leader = leader
    self.folds = folds
    self.subjects = subjects
    self.p = p
    self.difference = difference
  }
}

/// One race.
public struct RaceCourse: Sendable {
  /// Under nested selection the name of the fold whose inner folds it ran over; nil for the race over the folds.
  public var fold: String?
  /// The numbers of folds at which it was looked at; the last is all of them.
  public var rungs: [Int]
  /// How many folds it ran over.
  public var folds: Int
  /// Who was dropped, in order.
  public var dropped: [DroppedConfiguration]
  /// The names of those that left it because a computation of theirs failed for good, in the study's order.
  public var withdrawn: [String]

  /// A race.
  public init(
    fold: String?, rungs: [Int], folds: Int, dropped: [DroppedConfiguration], withdrawn: [String] = []
  ) {
    self.fold = fold
    self.rungs = rungs
    self.folds = folds
    self.dropped = dropped
    self.withdrawn = withdrawn
  }
}

/// All races of a study.
public struct RaceFacts: Sendable {
  /// The level of the test.
  public var level: Double
  /// One race, or one a fold.
  public var races: [RaceCourse]
  /// Trainings of the plan.
  public var plannedTrainings: Int
  /// Trainings that were needed.
  public var runTrainings: Int
  /// Trainings that failures took; neither needed nor saved.
  public var lostTrainings: Int
  /// Trainings that verdicts made needless.
  var savedTrainings: Int { plannedTrainings - runTrainings - lostTrainings }

  /// The races of a study.
  public init(level: Double, races: [RaceCourse], plannedTrainings: Int, runTrainings: Int, lostTrainings: Int = 0) {
    self.level = level
    self.races = races
    self.plannedTrainings = plannedTrainings
    self.runTrainings = runTrainings
    self.lostTrainings = lostTrainings
  }
}
