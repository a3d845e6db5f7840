// Focal loss against hand arithmetic, its derivative against differences, and its edge at p = 1.

import ChebNet
import Foundation
import TestSupport
import Testing

@Suite("loss")
struct LossTests {
  private func row(_ loss: Loss, _ logits: [Float], _ label: Int, scale: Float = 1) -> (Float, [Float]) {
    var derivative = [Float](repeating: .nan, count: logits.count)
    let value = loss.row(logits, classes: logits.count, label: label, scale: scale, derivative: &derivative)
    return (value, derivative)
  }

  /// Logits ln 1, ln 2, ln 5: probabilities 1/8, 1/4, 5/8.
  @Test("cross entropy is −ln p and its derivative p − truth")
  func crossEntropy() {
    let (value, derivative) = row(.crossEntropy, [0, Float(log(2.0)), Float(log(5.0))], 1, scale: 2)
    #expect(abs(value - Float(log(4.0))) < 1e-6)
    for (ours, expected) in zip(derivative, [0.25, -1.5, 1.25] as [Float]) { #expect(abs(ours - expected) < 1e-6) }
  }

  @Test("focal loss is −α (1 − p)^γ ln p")
  func focal() {
    let (value, _) = row(Loss(alpha: 1.5, gamma: 2), [0, Float(log(2.0)), Float(log(5.0))], 1)
    #expect(abs(value - Float(1.5 * 0.5625 * log(4.0))) < 1e-6)
  }

  @Test(
    "the derivative matches central differences", arguments: [0, 0.2, 1, 2.5], [[0.3, -1, 2, 0.1], [9, -3, 0, 1]])
  func derivative(gamma: Float, logits: [Double]) {
    let reference = ReferenceNetwork(
      layers: [], pixels: [], hasDense: false, classes: 4, alpha: 1.25, gamma: Double(gamma))
    for label in 0..<4 {
      let truth = GradientCheck.differences(of: logits, step: 1e-5) { reference.focal($0, label: label) }
      let (_, ours) = row(Loss(alpha: 1.25, gamma: gamma), logits.map(Float.init), label)
      #expect(GradientCheck.relativeError(ours, truth) < 2e-5, "γ \(gamma), class \(label)")
    }
  }

  /// The definition: (1 − ε) of the true class's loss and ε / C of every class's, in Double.
  @Test(
    "smoothed labels mix the losses of all classes, and the derivative follows", arguments: [0, 0.2, 1, 2.5],
    [[0.3, -1, 2, 0.1], [9, -3, 0, 1]])
  func smoothing(gamma: Float, logits: [Double]) {
    let reference = ReferenceNetwork(
      layers: [], pixels: [], hasDense: false, classes: 4, alpha: 1.25, gamma: Double(gamma))
    for label in 0..<4 {
      func smoothed(_ z: [Double]) -> Double {
        (0..<4).reduce(0) { $0 + (0.2 / 4 + ($1 == label ? 0.8 : 0)) * reference.focal(z, label: $1) }
      }
      let truth = GradientCheck.differences(of: logits, step: 1e-5, smoothed).map { 3 * $0 }
      let (value, ours) = row(Loss(alpha: 1.25, gamma: gamma, smoothing: 0.2), logits.map(Float.init), label, scale: 3)
      #expect(abs(Double(value) / smoothed(logits) - 1) < 1e-5)
      #expect(GradientCheck.relativeError(ours, truth) < 2e-5, "γ \(gamma), class \(label)")
    }
  }

  /// Logits ln 1, ln 2, ln 5 and ε = 0.3: q is 0.1, 0.8, 0.1.
  @Test("smoothed cross entropy is −Σ q ln p with the derivative p − q")
  func smoothedByHand() {
    let (value, derivative) = row(Loss(alpha: 1, gamma: 0, smoothing: 0.3), [0, Float(log(2.0)), Float(log(5.0))], 1)
    #expect(abs(Double(value) - (0.1 * log(8.0) + 0.8 * log(4.0) + 0.1 * log(1.6))) < 1e-6)
    for (ours, expected) in zip(derivative, [0.025, -0.55, 0.525] as [Float]) { #expect(abs(ours - expected) < 1e-6) }
  }

  /// As p → 1 the two factors of (1 − p)^(γ−1) ln p go to ∞ and 0; with q = 1 − p the derivative is
  /// −α (1 + γ) q^γ · q to first order.
  @Test("near p = 1 the derivative keeps its digits, at p = 1 it is zero", arguments: [0.2, 0.5, 1, 2] as [Double])
  func edge(gamma: Double) {
    let loss = Loss(alpha: 1, gamma: Float(gamma))
    for margin in [8.0, 12, 15] {
      let q = 1 / (1 + exp(margin))
      let (value, derivative) = row(loss, [Float(margin), 0], 0)
      let expected = pow(q, gamma) * (gamma * (1 - q) * log1p(-q) / q - 1) * q
      #expect(abs(Double(derivative[0]) / expected - 1) < 1e-4, "γ \(gamma), margin \(margin)")
      #expect(abs(Double(value) / (-pow(q, gamma) * log1p(-q)) - 1) < 1e-4)
      #expect(derivative[1] == -derivative[0])
    }
    let (value, derivative) = row(loss, [200, 0, -50], 0)
    #expect(value == 0 && derivative.allSatisfy { $0 == 0 })
    let (worst, slope) = row(loss, [-80, 0], 0)
    #expect(abs(worst - 80) < 1e-3 && slope.allSatisfy(\.isFinite))
  }

  @Test("log-probabilities sum to one")
  func scores() {
    var scores = [Float](repeating: 0, count: 3)
    logSoftmax([0, Float(log(2.0)), Float(log(5.0))], classes: 3, into: &scores)
    for (ours, expected) in zip(scores, [0.125, 0.25, 0.625]) { #expect(abs(Double(ours) - log(expected)) < 1e-6) }
  }
}
