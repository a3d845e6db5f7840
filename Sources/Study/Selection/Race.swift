// One race: configurations are dropped at fixed rungs by the results of all that are left, on the folds up to there.
//
// A rung is decided when every configuration that is left has answered all folds before it, with every seed. So what
// is dropped depends on the results alone, never on who answered first, and whoever holds them comes to the same.

/// A configuration that was dropped.
public struct RaceDrop: Sendable, Equatable {
  /// Index into the study's configurations.
  public let configuration: Int
  /// Folds, from the first, that the verdict looked at.
  public let folds: Int
  /// Different subjects whom they test.
  public let subjects: Int
  /// The configuration that led.
  public let leader: Int
  /// UAR of the leader less that of the dropped one, clips of all folds and seeds pooled.
  public let difference: Double
  /// The p of `RaceTest`.
  public let p: Double
}

/// A race among the configurations of a study, over some folds.
public struct Race: Sendable {
  /// The rules.
  public let rules: RaceRules
  /// Numbers of folds after which it is looked at; the last, all folds, is the end, where nothing is dropped.
  public let rungs: [Int]
  /// Whether a configuration is still in it.
  public private(set) var isLeft: [Bool]
  /// Who was dropped, in the order of rungs, within one of configurations.
  public private(set) var dropped: [RaceDrop] = []
  /// Configurations that had to leave because a computation failed for good, ascending.
  public private(set) var withdrawn: [Int] = []
  /// Rungs that are decided.
  public private(set) var decided = 0

  let folds: [[String]]
  let seeds: Int
  private let labels: Int
  /// Answers by fold and configuration, one per seed.
  private var answers: [[[[ScoredClip]?]]]
  private var missing: [[Int]]

  /// A race that nobody has answered yet.
  ///
  /// - Parameters:
  ///   - rules: the rules.
  ///   - folds: the subjects that each fold tests, in canonical order.
  ///   - configurations: how many compete.
  ///   - seeds: how often each is repeated; repetitions race together.
  ///   - labels: how many labels there are.
  public init(rules: RaceRules, folds: [[String]], configurations: Int, seeds: Int, labels: Int) {
    precondition(!folds.isEmpty && configurations > 0 && seeds > 0 && labels > 1, "a race needs folds and runners")
    self.rules = rules
    self.folds = folds
    self.seeds = seeds
    self.labels = labels
    rungs = rules.rungs(of: folds)
    isLeft = Array(repeating: true, count: configurations)
    let none = [[ScoredClip]?](repeating: nil, count: seeds)
    answers = folds.map { _ in Array(repeating: none, count: configurations) }
    missing = folds.map { _ in Array(repeating: seeds, count: configurations) }
  }

  /// Folds that those who are left are to answer by now.
  public var openFolds: Int { rungs[min(decided, rungs.count - 1)] }

  /// Whether all that are left have answered all folds.
  public var isOver: Bool { decided == rungs.count }

  /// Takes an answer; the first one counts.
  /// - Parameter seed: the repetition's place, from 0.
  public mutating func add(_ clips: [ScoredClip], configuration: Int, seed: Int, fold: Int) {
    guard answers[fold][configuration][seed] == nil else { return }
    answers[fold][configuration][seed] = clips
    missing[fold][configuration] -= 1
    while !isOver, isRungReached { decide() }
  }

  /// Takes a configuration out of which a computation failed for good.
  public mutating func withdraw(_ configuration: Int) {
    guard isLeft[configuration] else { return }
    isLeft[configuration] = false
    withdrawn = (withdrawn + [configuration]).sorted()
    while !isOver, isRungReached { decide() }
  }

  private var isRungReached: Bool {
    let first = decided == 0 ? 0 : rungs[decided - 1]
    return isLeft.contains(true)
      && (first..<openFolds).allSatisfy { fold in
        isLeft.indices.allSatisfy { !isLeft[$0] || missing[fold][$0] == 0 }
      }
  }

  private mutating func decide() {
    let seen = openFolds
    decided += 1
    guard !isOver else { return }
    var drops: [RaceDrop] = []
    while let more = behind(on: seen), !more.isEmpty {
      for drop in more { isLeft[drop.configuration] = false }
      drops += more
    }
    dropped += drops.sorted { $0.configuration < $1.configuration }
  }

  /// Who is too far behind those that are left.
  private func behind(on seen: Int) -> [RaceDrop]? {
    let left = isLeft.indices.filter { isLeft[$0] }
    guard left.count > 1 else { return nil }
    let table = RaceTable(labels: labels, answers: answers[..<seen].map { fold in left.map { fold[$0] } })
    let p = RaceTest.p(table.scores)
    let leader = table.leader
    return left.indices.filter { $0 != leader && p[$0] <= rules.level }.map { place in
      RaceDrop(
        configuration: left[place], folds: seen, subjects: table.scores.count, leader: left[leader],
        difference: table.uar[leader] - table.uar[place], p: p[place])
    }
  }
}

/// What the clips of some folds say of the configurations that are left.
private struct RaceTable {
  /// Subjects, in the order of their UTF-8 bytes, × configurations: right clips, each worth 2³² less the share of its
  /// label's clips, so that the sum over subjects goes by the UAR.
  var scores: [[Int]] = []
  /// UAR of each configuration.
  var uar: [Double] = []

  /// - Parameter answers: folds × configurations × seeds.
  init(labels: Int, answers: [[[[ScoredClip]?]]]) {
    let count = answers[0].count
    var clips = [Int](repeating: 0, count: labels)
    var right: [String: [Int]] = [:]
    for fold in answers {
      for (configuration, seeds) in fold.enumerated() {
        for clip in seeds.lazy.compactMap({ $0 }).joined() {
          if configuration == 0 { clips[clip.label] += 1 }
          let hit = clip.predicted == clip.label ? 1 : 0
          right[clip.subject, default: Array(repeating: 0, count: count * labels)][
            configuration * labels + clip.label] += hit
        }
      }
    }
    let worth = clips.map { $0 == 0 ? 0 : (1 << 32) / $0 }
    let subjects = right.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { right[$0] ?? [] }
    scores = subjects.map { hits in
      (0..<count).map { place in (0..<labels).reduce(0) { $0 + hits[place * labels + $1] * worth[$1] } }
    }
    let present = (0..<labels).filter { clips[$0] > 0 }
    uar = (0..<count).map { place in
      let shares = present.map { label in
        Double(subjects.reduce(0) { $0 + $1[place * labels + label] }) / Double(clips[label])
      }
      return shares.reduce(0, +) / Double(max(1, present.count))
    }
  }

  /// The place with the largest sum of scores, the first of equals.
  var leader: Int {
    let count = scores.first?.count ?? 0
    let totals = (0..<count).map { place in scores.reduce(0) { $0 + $1[place] } }
    return totals.indices.reduce(0) { totals[$1] > totals[$0] ? $1 : $0 }
  }
}
