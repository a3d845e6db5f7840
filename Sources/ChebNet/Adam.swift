// Adam with time decay and decoupled weight decay.
//
// The rate of step t (from 0) is rate / (1 + decay·t); moments are corrected for their start at zero; ε stands
// outside the root. Decay of weights multiplies them by 1 − rate_t·weightDecay first and never touches a bias.

import Kernels

/// The optimiser: its settings and its moments.
public struct Adam {
  /// The rate of the first step.
  public let rate: Double
  /// How the rate falls: rate / (1 + decay·step).
  public let decay: Double
  /// Decay of the first moment.
  public let beta1: Double
  /// Decay of the second moment.
  public let beta2: Double
  /// Added to the root of the second moment.
  public let epsilon: Double
  /// Decoupled decay of weights (not biases); 0 for none.
  public let weightDecay: Double
  /// Steps done.
  public var steps: Int { powers.number }

  private var powers: AdamPowers
  private var first: AlignedFloats?
  private var second: AlignedFloats?

  /// An optimiser before its first step.
  public init(
    rate: Double, decay: Double = 0, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7,
    weightDecay: Double = 0
  ) {
    self.rate = rate
    self.decay = decay
    self.beta1 = beta1
    self.beta2 = beta2
    powers = AdamPowers(beta1: beta1, beta2: beta2)
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }
}

extension Adam {
  /// Both moments of every parameter, in the order of the block; nil before the first step.
  public var moments: (first: AlignedFloats, second: AlignedFloats)? {
    first.flatMap { first in second.map { (first, $0) } }
  }

  /// Goes on where an optimiser of the same settings stood after so many steps.
  /// - Precondition: both moments have one number for each parameter.
  public mutating func restore(steps: Int, first: [Float], second: [Float]) {
    precondition(first.count == second.count, "two moments for each parameter")
    powers = AdamPowers(beta1: beta1, beta2: beta2)
    for _ in 0..<steps { powers.advance() }
    let moments = (AlignedFloats(count: first.count), AlignedFloats(count: second.count))
    moments.0.pointer.update(from: first, count: first.count)
    moments.1.pointer.update(from: second, count: second.count)
    (self.first, self.second) = moments
  }

  /// The rate of the next step.
  public var currentRate: Double { rate / (1 + decay * Double(steps)) }

  /// Changes the parameters by one step.
  /// - Parameters:
  ///   - parameters: the same block at every step.
  ///   - gradients: laid out as the parameters.
  ///   - threads: how many share the work; never changes a bit.
  public mutating func step(_ parameters: ParameterBlock, _ gradients: ParameterBlock, threads: Int = 1) {
    let count = parameters.block.count
    let first = first ?? AlignedFloats(count: count)
    let second = second ?? AlignedFloats(count: count)
    precondition(first.count == count && gradients.block.count == count, "an optimiser belongs to one block")
    (self.first, self.second) = (first, second)
    let rate = currentRate
    powers.advance()
    for decays in [true, false] {
      let factors = AdamStep(powers, rate: rate, epsilon: epsilon, weightDecay: decays ? weightDecay : 0)
      for tensor in parameters.tensors where tensor.isWeight == decays {
        // A small tensor is done before another thread has begun.
        Lanes.run(threads: tensor.count < 65_536 ? 1 : threads) { lane, _ in
          let part = Lanes.part(lane, of: tensor.count)
          let start = tensor.offset + part.lowerBound
          adamUpdate(
            count: part.count, parameters: parameters.block.pointer + start,
            gradients: gradients.block.pointer + start, firstMoment: first.pointer + start,
            secondMoment: second.pointer + start, step: factors)
        }
      }
    }
  }
}
