// Where random numbers of a stage come from: its digest, and nothing else.
//
// Each purpose has its own key, so that a new use of random numbers leaves all others as they were.

import Canonical
import Kernels

/// The keys of one stage.
package struct Randomness {
  private enum Purpose: UInt64 { case initial = 1, order, mirror, dropout, shift, mixup, validation }

  private let seed: UInt64

  package init(_ digest: Digest) { seed = digest.seed }

  private func key(_ purpose: Purpose) -> UInt64 {
    var random = CounterRandom(key: seed, stream: purpose.rawValue)
    return random.next()
  }

  /// The key of the first weights.
  package var initialKey: UInt64 { key(.initial) }

  /// The key of dropout masks; the network adds the step.
  package var dropoutKey: UInt64 { key(.dropout) }

  /// The order of rows in an epoch.
  package func order(epoch: Int, rows: Int) -> [Int32] {
    var random = CounterRandom(key: key(.order), stream: UInt64(epoch))
    return random.permutation(rows)
  }

  /// Which rows of an epoch are mirrored: each with probability one half.
  package func mirrored(epoch: Int, rows: Int) -> [Bool] {
    var random = CounterRandom(key: key(.mirror), stream: UInt64(epoch))
    return (0..<rows).map { _ in random.below(2) == 1 }
  }

  /// By how many pixels each row of an epoch is shifted: −most to most to the right and down, all alike.
  package func shifts(epoch: Int, rows: Int, most: Int) -> [(right: Int, down: Int)] {
    var random = CounterRandom(key: key(.shift), stream: UInt64(epoch))
    return (0..<rows).map { _ in (random.below(2 * most + 1) - most, random.below(2 * most + 1) - most) }
  }

  /// What each row of a step is mixed with: a row of the same step, and the share that it keeps of itself, drawn from
  /// Beta(alpha, alpha).
  package func mixture(step: Int, rows: Int, alpha: Double) -> Mixture {
    var random = CounterRandom(key: key(.mixup), stream: UInt64(step))
    let partners = random.permutation(rows).map { Int($0) }
    return Mixture(partners: partners, shares: (0..<rows).map { _ in Float(random.beta(alpha)) })
  }

  /// Which of the sorted subjects are looked at and do not train: the share rounded, at least one, and one is left.
  package func validators(of subjects: [String], share: Double) -> Set<String> {
    precondition(subjects.count >= 2, "somebody trains and somebody is looked at")
    var random = CounterRandom(key: key(.validation), stream: 0)
    let count = min(max(Int((share * Double(subjects.count)).rounded()), 1), subjects.count - 1)
    return Set(random.permutation(subjects.count).prefix(count).map { subjects[Int($0)] })
  }
}
