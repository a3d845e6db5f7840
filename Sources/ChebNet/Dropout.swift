// Dropout: a mask of the features before the head, divided by the share that is kept.

import Kernels

/// Where the mask of a training step comes from.
public enum Dropout {
  /// Nothing is dropped.
  case off
  /// Drawn from (key, step) alone, row by row.
  case drawn(key: UInt64, step: Int)
  /// Given: 1 keeps, 0 drops, [count, features] row-major.
  case given([Float])

  /// Writes the factors of the features: 0, or 1 / (1 − share).
  /// - Returns: false where nothing is dropped; then nothing is written.
  package func fill(_ factors: UnsafeMutablePointer<Float>, count: Int, share: Float) -> Bool {
    guard share > 0 else { return false }
    let factor = 1 / (1 - share)
    switch self {
    case .off: return false
    case .drawn(let key, let step):
      var random = CounterRandom(key: key, stream: UInt64(step))
      random.mask(factors, count: count, share: share, factor: factor)
    case .given(let mask):
      precondition(mask.count == count, "a mask has one value for each feature of each row")
      for place in 0..<count { factors[place] = mask[place] * factor }
    }
    return true
  }
}
