// One step of Adam over a block of parameters, with decoupled weight decay.

import CKernels

/// β1^n and β2^n, carried from step to step.
public struct AdamPowers: Sendable, Equatable {
  /// Decay of the first and of the second moment.
  public let beta1: Double, beta2: Double
  /// Steps so far: n.
  public private(set) var number = 0
  fileprivate private(set) var power1 = 1.0
  fileprivate private(set) var power2 = 1.0

  /// Powers before the first step.
  public init(beta1: Double, beta2: Double) { (self.beta1, self.beta2) = (beta1, beta2) }

  /// Goes on to the next step.
  public mutating func advance() {
    number += 1
    power1 *= beta1
    power2 *= beta2
    // Long before denormal numbers would slow the products down, neither power can be seen beside 1.
    if power1 < 1e-20 && power2 < 1e-20 { (power1, power2) = (0, 0) }
  }
}

/// The factors of one step, ready for the loop.
public struct AdamStep: Sendable, Equatable {
  /// Share of the old first moment that stays.
  public let beta1: Float
  /// Share of the old second moment that stays.
  public let beta2: Float
  /// What is added to the root of the second moment.
  public let epsilon: Float
  /// The rate of this step, decay included.
  public let rate: Float
  /// 1 − beta1 and 1 − beta2.
  let rest1: Float, rest2: Float
  /// 1 / (1 − beta1^n) and 1 / (1 − beta2^n).
  let correction1: Float, correction2: Float
  /// What weight decay leaves of a parameter: 1 − rate · weightDecay.
  let keep: Float

  /// The factors of the step that the powers have come to.
  ///
  /// - Parameters:
  ///   - rate: the learning rate of this step, its time decay already in it
  ///   - weightDecay: decoupled: parameters lose `rate · weightDecay` of themselves before the step; 0 for biases
  /// - Precondition: the powers have been advanced.
  public init(_ powers: AdamPowers, rate: Double, epsilon: Double, weightDecay: Double) {
    precondition(powers.number >= 1, "the first step of Adam has number 1")
    let (beta1, beta2) = (powers.beta1, powers.beta2)
    self.beta1 = Float(beta1)
    self.beta2 = Float(beta2)
    self.epsilon = Float(epsilon)
    self.rate = Float(rate)
    rest1 = Float(1 - beta1)
    rest2 = Float(1 - beta2)
    correction1 = Float(1 / (1 - powers.power1))
    correction2 = Float(1 / (1 - powers.power2))
    keep = Float(1 - rate * weightDecay)
  }

  /// The same for C.
  fileprivate var factors: microfold_adam_step {
    microfold_adam_step(
      beta1: beta1, beta2: beta2, rest1: rest1, rest2: rest2, correction1: correction1, correction2: correction2,
      epsilon: epsilon, rate: rate, keep: keep)
  }
}

/// m = β1 m + (1 − β1) g; v = β2 v + (1 − β2) g²; p = p (1 − rate · decay) − rate · m̂ / (√v̂ + ε).
///
/// All four arrays have `count` floats; the same bits in every numeric class.
public func adamUpdate(
  count: Int, parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
  firstMoment: UnsafeMutablePointer<Float>, secondMoment: UnsafeMutablePointer<Float>, step: AdamStep
) {
  precondition(count >= 0, "a block of parameters cannot have a negative count")
  switch NumericClass.selected {
  case .generic: PlainKernels.adamUpdate(count, parameters, gradients, firstMoment, secondMoment, step)
  case .avx2: microfold_adam_avx2(count, parameters, gradients, firstMoment, secondMoment, step.factors)
  case .avx512: microfold_adam_avx512(count, parameters, gradients, firstMoment, secondMoment, step.factors)
  }
}
