// MDMO-like features: a flow worked out by hand, and every direction.

import Foundation
import Testing
import Training

@Suite("Main directions of flow")
struct MainDirectionTests {
  /// Regions of 2 × 2 pixels: three to the right against one upwards; no motion; two down and two to the left, a tie,
  /// which the lower angle wins; one kind alone. The longest mean is 2, so all are halved.
  @Test("each region has the mean of its most frequent direction, over the longest")
  func byHand() {
    let u: [Float] = [1, 1, 0, 0, 1, 0, 0, 0, 0, -3, -1, -1, 0, -3, -1, -1]
    let v: [Float] = [0.1, 0.1, 0, 0, 0.1, -5, 0, 0, 2, -1, -1, -1, 2, -1, -1, -1]
    let found = MainDirections(regions: 2).features(u: u, v: v, side: 4)
    let expected: [Float] = [0.5, 0.05, 0, 0, 0, 1, -0.5, -0.5]
    for (one, other) in zip(found, expected) { #expect(abs(one - other) < 1e-6, "\(found)") }
  }

  @Test("vectors within one eighth of a turn are one direction, others are not", arguments: 0..<8)
  func octants(direction: Int) {
    let middle = (Double(direction) + 0.5) * .pi / 4
    let angles = [-0.39, -0.2, 0, 0.2, 0.39].map { middle + $0 } + [-0.4, 0.4, -0.6, 0.6].map { middle + $0 }
    let found = MainDirections(regions: 1).features(
      u: angles.map { Float(cos($0)) }, v: angles.map { Float(sin($0)) }, side: 3)
    #expect(abs(Double(found[0]) - cos(middle)) < 1e-5 && abs(Double(found[1]) - sin(middle)) < 1e-5)
  }

  @Test("strong and weak motion of one form look alike, and no motion is 0")
  func strength() {
    let u = (0..<36).map { Float($0 % 7) - 3 }
    let v = (0..<36).map { Float($0 % 5) - 2 }
    let patterns = MainDirections(regions: 3)
    let weak = patterns.features(u: u, v: v, side: 6)
    #expect(patterns.features(u: u.map { $0 * 4 }, v: v.map { $0 * 4 }, side: 6) == weak)
    let still = [Float](repeating: 0, count: 36)
    #expect(patterns.features(u: still, v: still, side: 6) == [Float](repeating: 0, count: 18))
  }
}
