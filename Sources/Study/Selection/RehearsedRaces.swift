// Races with known truth, for the figure that says how often the best survives: skills are given, clips are drawn.
//
// A clip is right where the sum of five things is above zero: the configuration's skill, how easy the subject is, how
// easy the clip is, how the configuration takes to the subject, and noise. The first four make results alike that
// belong to the same face, as in real sets. Only sums of random numbers, so that a rehearsal is the same anywhere.

/// Synthetic results of configurations whose true order is known.
package struct RehearsedRace {
  /// How far the skills lie apart.
  package enum Field: String, CaseIterable, Sendable {
    /// About 0.86 right for the best, then 0.80 to 0.34 in equal steps: a grid that reaches where nothing is learned.
    case wide
    /// 0.88, then 0.84 to 0.45 in equal steps.
    case spread
    /// 0.88, then 0.87 to 0.80: all are nearly as good as the best.
    case near
    /// All are equal: whoever is dropped, nothing is lost, and nothing should be saved.
    case equal

    /// Skills in units of a clip's noise, the best one first.
    func skills(_ count: Int) -> [Double] {
      let (best, next, last): (Double, Double, Double) =
        switch self {
        case .wide: (1.41, 1.10, -0.54)
        case .spread: (1.54, 1.30, -0.17)
        case .near: (1.54, 1.47, 1.10)
        case .equal: (1.10, 1.10, 1.10)
        }
      let steps = Double(max(1, count - 2))
      return [best] + (0..<count - 1).map { next + (last - next) * Double($0) / steps }
    }
  }

  /// The place of the best configuration; its neighbours in rank stand anywhere.
  package let best: Int
  /// One fold a subject.
  package let folds: [[String]]
  /// Answers by configuration, seed and fold.
  package let answers: [[[[ScoredClip]]]]

  /// Draws a race.
  /// - Parameter subjects: as many folds; each has 1 to 15 clips of two labels.
  package init(_ field: Field, subjects: Int, configurations: Int, seeds: Int, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var skills = field.skills(configurations)
    var best = 0
    for last in stride(from: configurations - 1, to: 0, by: -1) {
      let other = random.below(last + 1)
      skills.swapAt(last, other)
      if best == last { best = other } else if best == other { best = last }
    }
    self.best = best
    folds = (0..<subjects).map { ["s\($0)"] }
    var answers = [[[[ScoredClip]]]](
      repeating: Array(repeating: [], count: seeds), count: configurations)
    for subject in 0..<subjects {
      let ease = 0.35 * random.normal()
      let clips = (0..<1 + random.below(15)).map { _ in
        (label: random.below(3) == 0 ? 1 : 0, ease: 0.7 * random.normal())
      }
      for configuration in 0..<configurations {
        let taking = 0.3 * random.normal()
        for seed in 0..<seeds {
          answers[configuration][seed].append(
            clips.enumerated().map { place, clip in
              let isRight = skills[configuration] + ease + clip.ease + taking + random.normal() > 0
              let predicted = isRight ? clip.label : 1 - clip.label
              return ScoredClip(
                subject: "s\(subject)", clip: "c\(place)", label: clip.label,
                scores: predicted == 0 ? [0, -1] : [-1, 0])
            })
        }
      }
    }
    self.answers = answers
  }

  /// The race, answered in a drawn order; each asks only for what is open, as a coordinator does.
  package func run(_ rules: RaceRules, order: UInt64) -> Race {
    let seeds = answers[0].count
    var race = Race(rules: rules, folds: folds, configurations: answers.count, seeds: seeds, labels: 2)
    var random = SplitMix64(seed: order)
    var from = 0
    while !race.isOver {
      let to = race.openFolds
      var open = (from..<to).flatMap { fold in
        answers.indices.filter { race.isLeft[$0] }.flatMap { place in (0..<seeds).map { (place, $0, fold) } }
      }
      for last in stride(from: open.count - 1, to: 0, by: -1) { open.swapAt(last, random.below(last + 1)) }
      for (place, seed, fold) in open {
        race.add(answers[place][seed][fold], configuration: place, seed: seed, fold: fold)
      }
      from = to
    }
    return race
  }
}

extension Race {
  /// How often a configuration is trained on a fold, of how many times without a race.
  package var trainings: (run: Int, planned: Int) {
    let all = isLeft.count * folds.count * seeds
    return (all - dropped.reduce(0) { $0 + (folds.count - $1.folds) * seeds }, all)
  }
}

extension SplitMix64 {
  /// About normal, mean 0 and deviation 1: twelve uniform numbers less six (Irwin and Hall).
  fileprivate mutating func normal() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += Double(next() >> 11) * 0x1p-53 }
    return sum
  }
}
