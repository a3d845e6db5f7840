// Where random numbers of a stage come from: its digest, and nothing else.
//
// Each purpose has its own key, so that a new use of random numbers leaves all others as they were.

import Canonical
import Kernels

/// The keys of one stage.
struct Randomness {
  private enum Purpose: UInt64 { case initial = 1, order, mirror, dropout }

  private let seed: UInt64

  init(_ digest: Digest) { seed = digest.seed }

  private func key(_ purpose: Purpose) -> UInt64 {
    var random = CounterRandom(key: seed, stream: purpose.rawValue)
    return random.next()
  }

  /// The key of the first weights.
  var initialKey: UInt64 { key(.initial) }

  /// The key of dropout masks; the network adds the step.
  var dropoutKey: UInt64 { key(.dropout) }

  /// The order of rows in an epoch.
  func order(epoch: Int, rows: Int) -> [Int32] {
    var random = CounterRandom(key: key(.order), stream: UInt64(epoch))
    return random.permutation(rows)
  }

  /// Which rows of an epoch are mirrored: each with probability one half.
  func mirrored(epoch: Int, rows: Int) -> [Bool] {
    var random = CounterRandom(key: key(.mirror), stream: UInt64(epoch))
    return (0..<rows).map { _ in random.below(2) == 1 }
  }
}
