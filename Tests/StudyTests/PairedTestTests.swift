import Study
import Testing

@Suite("paired tests of two methods")
struct PairedTestTests {
  /// Worked by hand: 2 · (1 + 8) / 2^8; 2 · (1 + 10 + 45) / 2^10.
  @Test("McNemar's p by hand", arguments: [(1, 7, 18.0 / 256), (8, 2, 112.0 / 1024), (0, 1, 1), (0, 6, 1.0 / 32)])
  func mcnemar(first: Int, second: Int, p: Double) {
    #expect(abs(PairedTests.mcnemar(first, second) - p) < 1e-15)
    #expect(PairedTests.mcnemar(second, first) == PairedTests.mcnemar(first, second))
  }

  @Test("McNemar's p is 1 where nothing or as much is right in either alone, and finite for thousands of clips")
  func mcnemarExtremes() {
    #expect(PairedTests.mcnemar(0, 0) == 1)
    #expect(PairedTests.mcnemar(5, 5) == 1)
    // The normal approximation with continuity correction: z = (|5000 − 5200| − 1) / √10200.
    #expect(abs(PairedTests.mcnemar(5_000, 5_200) - 0.0487836) < 1e-5)
    #expect(PairedTests.mcnemar(0, 2_000) == 0)
    #expect(PairedTests.mcnemar(40_000, 40_001) <= 1)
  }

  /// Three subjects, A all right, B all wrong in one class: of 8 swaps only those of nobody and everybody are as far.
  @Test("few subjects: every swap is tried")
  func exact() {
    let subjects = ["a", "b", "c"]
    let good = StatisticsSamples.clips(subjects.flatMap { [($0, 0, 0), ($0, 1, 1)] })
    let bad = StatisticsSamples.clips(subjects.flatMap { [($0, 0, 0), ($0, 1, 0)] })
    #expect(PairedTests.permutation(good, bad) == 0.25)
    #expect(PairedTests.permutation(good, good) == 1)
  }

  @Test("many subjects: drawn swaps, never a p of 0", arguments: [14, 15])
  func drawn(count: Int) {
    let subjects = (0..<count).map { "s\($0)" }
    let good = StatisticsSamples.clips(subjects.flatMap { [($0, 0, 0), ($0, 1, 1)] })
    let bad = StatisticsSamples.clips(subjects.flatMap { [($0, 0, 1), ($0, 1, 0)] })
    let p = PairedTests.permutation(good, bad)
    if count == 14 {
      #expect(p == 2.0 / 16_384)
    } else {
      #expect(p >= 1.0 / 10_001 && p < 10.0 / 10_001)
    }
  }

  @Test("the p does not depend on which method comes first, nor on the order of the clips", arguments: 1...10)
  func symmetric(seed: UInt64) {
    var draw = MetricsDraw(state: seed)
    let first = StatisticsSamples.random(&draw, subjects: 8 + Int(seed), clips: 60, labels: 3, seeds: 2)
    let second = StatisticsSamples.changed(&draw, first)
    #expect(PairedTests.permutation(first, second) == PairedTests.permutation(second, first))
    let comparison = PairedComparison(first, second)
    let turned = PairedComparison(
      PredictedClips(labels: first.labels, clips: first.clips.reversed(), seeds: 2),
      PredictedClips(labels: second.labels, clips: second.clips.reversed(), seeds: 2))
    #expect(comparison == turned)
    #expect((0...1).contains(comparison.permutation) && (0...1).contains(comparison.mcnemar))
  }

  @Test("a method with one seed stands beside every seed of the other")
  func broadcast() {
    var draw = MetricsDraw(state: 4)
    let first = StatisticsSamples.random(&draw, subjects: 9, clips: 50, labels: 3, seeds: 3)
    let second = StatisticsSamples.random(&draw, subjects: 9, clips: 50, labels: 3, seeds: 1)
    let single = PredictedClips(
      labels: first.labels,
      clips: zip(first.clips, second.clips).map { one, other in
        PredictedClip(
          fold: one.fold, subject: one.subject, clip: one.clip, truth: one.truth, predicted: other.predicted)
      })
    let tripled = PredictedClips(
      labels: first.labels,
      clips: single.clips.map { clip in
        PredictedClip(
          fold: clip.fold, subject: clip.subject, clip: clip.clip, truth: clip.truth,
          predicted: Array(repeating: clip.predicted[0], count: 3))
      }, seeds: 3)
    #expect(PairedComparison(first, single) == PairedComparison(first, tripled))
    let hits = zip(first.clips, single.clips).count { $0.predicted[0] == $0.truth && $1.predicted[0] != $1.truth }
    #expect(PairedComparison(first, single).onlyFirst == hits)
  }

  @Test("Holm's correction by hand, in the order given")
  func holm() {
    let corrected = PairedTests.holm([0.01, 0.04, 0.03, 0.005])
    for (value, expected) in zip(corrected, [0.03, 0.06, 0.06, 0.02]) { #expect(abs(value - expected) < 1e-15) }
    #expect(PairedTests.holm([0.6, 0.7]) == [1, 1])
    #expect(PairedTests.holm([0.2]) == [0.2])
    #expect(PairedTests.holm([]) == [])
  }

  /// Goal: no test cries wolf. Method: two methods that differ by luck alone, many times over.
  @Test("methods that differ by luck alone are told apart in about one case of twenty")
  func level() {
    var draw = MetricsDraw(state: 77)
    var (byClips, bySubjects) = (0, 0)
    for _ in 0..<200 {
      let first = StatisticsSamples.random(&draw, subjects: 8, clips: 40, labels: 2, seeds: 1)
      let second = PredictedClips(
        labels: first.labels,
        clips: first.clips.map { clip in
          let predicted = draw.below(3) > 0 ? clip.truth : draw.below(2)
          return PredictedClip(
            fold: clip.fold, subject: clip.subject, clip: clip.clip, truth: clip.truth, predicted: [predicted])
        })
      let comparison = PairedComparison(first, second)
      byClips += comparison.mcnemar < 0.05 ? 1 : 0
      bySubjects += comparison.permutation < 0.05 ? 1 : 0
    }
    #expect(byClips < 20 && (2...20).contains(bySubjects), "\(byClips), \(bySubjects)")
  }
}
