import Study
import Testing

@Suite("intervals by a bootstrap over subjects")
struct BootstrapTests {
  @Test("the generator gives the published numbers of its seed")
  func generator() {
    var random = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<5).map { _ in random.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
      ])
  }

  @Test("numbers below n are all there and none beyond", arguments: [1, 2, 7, 1_000])
  func below(n: Int) {
    var random = SplitMix64(seed: 3)
    var counts = Array(repeating: 0, count: n)
    for _ in 0..<50 * n { counts[random.below(n)] += 1 }
    #expect(counts.allSatisfy { $0 > 10 && $0 < 120 || n == 1 })
  }

  /// Two subjects: the resamples are {1,1}, {1,2} twice as often, {2,2}; so the ends are the figures of one subject.
  @Test("the ends of two subjects' intervals are the figures of either subject alone")
  func byHand() throws {
    let clips = StatisticsSamples.clips([
      ("a", 0, 1), ("a", 1, 1), ("a", 1, 1), ("b", 0, 1), ("b", 1, 1),
    ])
    let intervals = try #require(BootstrapIntervals(clips))
    #expect(intervals.accuracy == Interval(low: 0.5, high: 2.0 / 3))
    #expect(intervals.uf1 == Interval(low: 2.0 / 3 / 2, high: 0.8 / 2))
    #expect(intervals.uar == Interval(low: 0.5, high: 0.5))
  }

  /// Subject a alone has label 1. A resample {b, b} is all right over label 0, and a rule of 0 would make it ½.
  @Test("a class of which a resample has no clip is left out of its mean, and does not count 0")
  func absentClass() throws {
    let clips = StatisticsSamples.clips([("a", 0, 0), ("a", 1, 1), ("b", 0, 0), ("b", 0, 0)])
    let intervals = try #require(BootstrapIntervals(clips))
    #expect(intervals.uf1 == Interval(low: 1, high: 1))
    #expect(intervals.uar == Interval(low: 1, high: 1))
  }

  @Test("with several seeds a resample's figure is the mean over the seeds")
  func seeds() throws {
    func clip(_ name: String, _ predicted: [Int]) -> PredictedClip {
      PredictedClip(fold: "f", subject: name, clip: "c", truth: 0, predicted: predicted)
    }
    let clips = PredictedClips(
      labels: ["x", "y"], clips: [clip("a", [0, 0, 0, 1]), clip("b", [1, 1, 0, 1])], seeds: 4)
    #expect(try #require(BootstrapIntervals(clips)).accuracy == Interval(low: 0.25, high: 0.75))
    #expect(HeadlineFigures(clips).accuracy == 0.5)
  }

  @Test("one subject has an interval without width, and no clip has none")
  func degenerate() throws {
    let single = try #require(BootstrapIntervals(StatisticsSamples.clips([("a", 0, 0), ("a", 1, 0)])))
    #expect(single.accuracy == Interval(low: 0.5, high: 0.5))
    #expect(BootstrapIntervals(StatisticsSamples.clips([])) == nil)
  }

  @Test("the figures are those of Metrics bit for bit, and the interval holds them", arguments: 1...20)
  func figures(seed: UInt64) throws {
    var draw = MetricsDraw(state: seed)
    let seeds = 1 + draw.below(3)
    let clips = StatisticsSamples.random(&draw, subjects: 12, clips: 90, labels: 2 + draw.below(4), seeds: seeds)
    let figures = HeadlineFigures(clips)
    let metrics = clips.matrices.map(Metrics.init)
    #expect(figures.accuracy == Spread(metrics.map(\.accuracy)).mean)
    #expect(figures.uf1 == Spread(metrics.map(\.uf1)).mean)
    #expect(figures.uar == Spread(metrics.map(\.uar)).mean)
    let intervals = try #require(BootstrapIntervals(clips))
    #expect(intervals.accuracy.low < figures.accuracy && figures.accuracy < intervals.accuracy.high)
    #expect(intervals.uf1.low < figures.uf1 && figures.uf1 < intervals.uf1.high)
    #expect(intervals == BootstrapIntervals(clips))
  }

  @Test("the order of the clips changes nothing")
  func order() {
    var draw = MetricsDraw(state: 9)
    let clips = StatisticsSamples.random(&draw, subjects: 7, clips: 60, labels: 3, seeds: 2)
    let turned = PredictedClips(labels: clips.labels, clips: clips.clips.reversed(), seeds: 2)
    #expect(BootstrapIntervals(clips) == BootstrapIntervals(turned))
  }

  @Test("clips are grouped by subject, and by the set before the slash of composite subjects")
  func groups() {
    let clips = StatisticsSamples.clips([("smic/s1", 0, 0), ("casme2/s1", 1, 0), ("smic/s2", 1, 1), ("smic/s1", 0, 1)])
    #expect(clips.bySubject.map(\.subject) == ["casme2/s1", "smic/s1", "smic/s2"])
    #expect(clips.bySubject.map(\.clips.clips.count) == [1, 2, 1])
    #expect(clips.bySet.map(\.set) == ["casme2", "smic"])
    #expect(clips.bySet.map(\.clips.clips.count) == [1, 3])
    #expect(StatisticsSamples.clips([("s1", 0, 0), ("s2", 0, 0)]).bySet.map(\.set) == [""])
  }
}
