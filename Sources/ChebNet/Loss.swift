// Focal loss on the soft-max probability of the true class (Eq. 6); γ = 0 and α = 1 make it cross entropy. With
// smoothing a row is the mean of its losses for every class, the true one counting most.
//
// 1 − p is summed from the other classes and ln p taken as ln(1 − (1 − p)) by its series where p is near 1, so
// that (1 − p)^(γ−1) ln p keeps its digits at the edge, where the two factors go to infinity and zero.

import Kernels

/// −α (1 − p)^γ ln p, a value for each row.
public struct Loss: Hashable, Sendable {
  /// A factor on every row.
  public let alpha: Float
  /// How much less a row counts that is already right; 0 for cross entropy.
  public let gamma: Float
  /// ε of label smoothing: the share of a row that all classes have in equal parts; 0 looks at the true class alone.
  public let smoothing: Float

  /// A focal loss.
  public init(alpha: Float, gamma: Float, smoothing: Float = 0) {
    precondition(alpha.isFinite && gamma.isFinite && gamma >= 0, "a focal loss has a finite α and a γ of at least 0")
    precondition(smoothing >= 0 && smoothing < 1, "label smoothing is a share in 0..<1")
    self.alpha = alpha
    self.gamma = gamma
    self.smoothing = smoothing
  }

  /// −ln p.
  public static let crossEntropy = Loss(alpha: 1, gamma: 0)

  /// The loss of one row and its derivative.
  ///
  /// dL/dz_j = α (γ p (1−p)^(γ−1) ln p − (1−p)^γ) (δ_jt − p_j), t the true class. With smoothing ε the loss is
  /// Σ_t q_t L_t, where q_t is ε / C, and 1 − ε more for the true class (Szegedy et al. 2016, for any γ).
  /// - Parameters:
  ///   - logits: one value a class.
  ///   - label: the true class.
  ///   - scale: a factor on the derivative (weight of the row over rows of the batch).
  ///   - derivative: receives `scale` · dL/dz, one value a class.
  public func row(
    _ logits: UnsafePointer<Float>, classes: Int, label: Int, scale: Float, derivative: UnsafeMutablePointer<Float>
  ) -> Float {
    precondition((0..<classes).contains(label), "the label \(label) is none of \(classes) classes")
    guard smoothing == 0 else {
      return smoothed(logits, classes: classes, label: label, scale: scale, derivative: derivative)
    }
    let (logP, others) = softmax(logits, classes: classes, label: label, into: derivative)
    let (value, factor) = term(p: derivative[label], others: others, logP: logP)
    for j in 0..<classes { derivative[j] *= -factor * scale }
    derivative[label] = factor * scale * others
    return value
  }

  /// The loss where p is the probability of the true class, and its derivative by ln p over 1 − p of any other class.
  private func term(p: Float, others: Float, logP: Float) -> (value: Float, factor: Float) {
    if gamma == 0 { return (-alpha * logP, -alpha) }
    if others == 0 { return (0, 0) }  // p = 1 to the last bit: both terms have the limit 0
    let power = exponential(gamma * naturalLog(others))
    return (-alpha * power * logP, alpha * (gamma * p * (power / others) * logP - power))
  }

  private func smoothed(
    _ logits: UnsafePointer<Float>, classes: Int, label: Int, scale: Float, derivative p: UnsafeMutablePointer<Float>
  ) -> Float {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: classes) { factors in
      var (value, total): (Float, Float) = (0, 0)
      for j in 0..<classes {
        let share = smoothing / Float(classes) + (j == label ? 1 - smoothing : 0)
        let (logP, others) = softmax(logits, classes: classes, label: j, into: p)
        let term = term(p: p[j], others: others, logP: logP)
        value += share * term.value
        factors[j] = share * term.factor
        total += factors[j]
      }
      for j in 0..<classes { p[j] = (factors[j] - p[j] * total) * scale }
      return value
    }
  }

  /// Soft-max into `p`; returns ln p and 1 − p of the true class.
  private func softmax(
    _ logits: UnsafePointer<Float>, classes: Int, label: Int, into p: UnsafeMutablePointer<Float>
  ) -> (logP: Float, others: Float) {
    var top = logits[0]
    for j in 1..<max(classes, 1) { top = max(top, logits[j]) }
    var sum: Float = 0
    var rest: Float = 0
    for j in 0..<classes {
      p[j] = exponential(logits[j] - top)
      sum += p[j]
      if j != label { rest += p[j] }
    }
    for j in 0..<classes { p[j] /= sum }
    let others = rest / sum
    return (others < 0.015625 ? logarithm(oneMinus: others) : logits[label] - top - naturalLog(sum), others)
  }

  /// ln(1 − q) for q < 1/64: four terms are exact to a float.
  private func logarithm(oneMinus q: Float) -> Float {
    -q * (1 + q * (0.5 + q * (1 / 3 + q * (0.25 + q * 0.2))))
  }
}

/// Log-probabilities of the classes: logits minus the logarithm of the sum of their exponentials.
/// - Parameter scores: receives one value a class; may be the logits themselves.
public func logSoftmax(_ logits: UnsafePointer<Float>, classes: Int, into scores: UnsafeMutablePointer<Float>) {
  var top = logits[0]
  for j in 1..<max(classes, 1) { top = max(top, logits[j]) }
  var sum: Float = 0
  for j in 0..<classes { sum += exponential(logits[j] - top) }
  let shift = top + naturalLog(sum)
  for j in 0..<classes { scores[j] = logits[j] - shift }
}
