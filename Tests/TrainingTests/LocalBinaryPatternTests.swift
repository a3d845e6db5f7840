// LBP-TOP: a case worked out by hand, and what holds for every clip.

import Kernels
import Testing
import Training

@Suite("Local binary patterns")
struct LocalBinaryPatternTests {
  private func random(_ count: Int, below limit: Int) -> [UInt8] {
    var random = CounterRandom(key: 31, stream: 1)
    return (0..<count).map { _ in UInt8(random.below(limit)) }
  }

  /// One centre, 5, in the middle of 3 × 3 × 3. XY: right 4, then against the clock 7 8 9 6 3 2 1, bits 1 to 4: 30, the
  /// 15th uniform pattern. XT (right, later; y = 1): 4 0 5 0 6 4 5 6, bits 2 4 6 7: not uniform. YT (down, later;
  /// x = 1): 2 9 5 5 8 6 5 8, all but bit 0: 254, the last but one of 58.
  @Test("one centre has the three patterns that a person reads off")
  func byHand() {
    let volume: [UInt8] = [
      1, 6, 3, 4, 5, 6, 7, 8, 9,
      9, 8, 7, 6, 5, 4, 3, 2, 1,
      5, 5, 5, 0, 5, 0, 9, 9, 9,
    ]
    let found = LocalBinaryPatterns(radius: 1, frameRadius: 1, blocks: 1).histograms(of: volume, side: 3)
    var expected = [Float](repeating: 0, count: 3 * 59)
    for (plane, bin) in [14, 58, 56].enumerated() { expected[plane * 59 + bin] = 1 }
    #expect(found == expected)
  }

  @Test("a strictly increasing change of grey changes nothing", arguments: [1, 2])
  func grey(radius: Int) {
    let volume = random(6 * 12 * 12, below: 100)
    let changed = volume.map { UInt8(Int($0) + Int($0) * Int($0) / 100 + 7) }
    let patterns = LocalBinaryPatterns(radius: radius, frameRadius: 2, blocks: 3)
    #expect(patterns.histograms(of: volume, side: 12) == patterns.histograms(of: changed, side: 12))
    #expect(patterns.histograms(of: volume, side: 12) != patterns.histograms(of: volume.reversed(), side: 12))
  }

  @Test("every histogram of a block and plane sums to 1")
  func sums() {
    let found = LocalBinaryPatterns(radius: 1, frameRadius: 2, blocks: 5)
      .histograms(of: random(7 * 13 * 13, below: 256), side: 13)
    #expect(found.count == 5 * 5 * 3 * 59)
    for start in stride(from: 0, to: found.count, by: 59) {
      #expect(abs(found[start..<start + 59].reduce(0, +) - 1) < 1e-5)
    }
  }

  /// Goal: blocks are places. Method: a clip that moves in its left upper quarter only; the other blocks keep the
  /// histograms of a clip that does not move (all neighbours equal: pattern 255).
  @Test("a change stays in its block")
  func places() {
    var volume = [UInt8](repeating: 90, count: 4 * 16 * 16)
    for frame in 0..<4 { volume[(frame * 16 + 3) * 16 + 3] = UInt8(60 * frame) }
    let found = LocalBinaryPatterns(radius: 1, frameRadius: 1, blocks: 2).histograms(of: volume, side: 16)
    for histogram in 0..<4 * 3 { #expect((found[histogram * 59 + 57] == 1) == (histogram >= 3), "\(histogram)") }
  }

  @Test("a clip of few frames has a smaller time radius")
  func fewFrames() {
    let volume = random(4 * 9 * 9, below: 256)
    let near = LocalBinaryPatterns(radius: 1, frameRadius: 1, blocks: 2).histograms(of: volume, side: 9)
    #expect(LocalBinaryPatterns(radius: 1, frameRadius: 3, blocks: 2).histograms(of: volume, side: 9) == near)
    let longer = random(5 * 9 * 9, below: 256)
    let one = LocalBinaryPatterns(radius: 1, frameRadius: 1, blocks: 2).histograms(of: longer, side: 9)
    #expect(LocalBinaryPatterns(radius: 1, frameRadius: 3, blocks: 2).histograms(of: longer, side: 9) != one)
  }
}
