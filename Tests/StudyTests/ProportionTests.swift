// Intervals of shares, against published worked examples.

import Study
import Testing

@Suite("Proportions")
struct ProportionTests {
  private func isNear(_ interval: ClosedRange<Double>, _ low: Double, _ high: Double) -> Bool {
    abs(interval.lowerBound - low) < 5e-5 && abs(interval.upperBound - high) < 5e-5
  }

  @Test("the interval of a share is Wilson's (Newcombe 1998, two-sided intervals, table I)")
  func wilson() {
    #expect(isNear(Proportion.interval(81 / 263.0, of: 263), 0.2553, 0.3662))
    #expect(isNear(Proportion.interval(15 / 148.0, of: 148), 0.0624, 0.1605))
    #expect(isNear(Proportion.interval(0, of: 20), 0, 0.1611))
    #expect(isNear(Proportion.interval(1 / 29.0, of: 29), 0.0061, 0.1718))
    #expect(Proportion.interval(1, of: 16).upperBound == 1)
  }

  @Test("the interval of a difference is Newcombe's tenth method (1998, table II)")
  func newcombe() {
    #expect(isNear(Proportion.difference(56 / 70.0, of: 70, 48 / 80.0, of: 80), 0.0524, 0.3339))
    #expect(isNear(Proportion.difference(9 / 10.0, of: 10, 3 / 10.0, of: 10), 0.1705, 0.8090))
    #expect(isNear(Proportion.difference(0, of: 10, 0, of: 10), -0.2775, 0.2775))
  }
}
