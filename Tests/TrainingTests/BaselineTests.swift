// Baselines: each against its own definition, written out a second time in another form.

import Canonical
import Clips
import Kernels
import Testing
import Training

@Suite("Baselines")
struct BaselineTests {
  let study: SmallStudy
  init() throws { study = try SmallStudy() }

  private func scores(_ method: String, lambda: Double = 1) throws -> [[Double]] {
    let output = try compute(stage: study.baseline([method], lambda: lambda), inputs: study.inputs())
    #expect(output.artifact == nil)
    let predictions = try #require(JSON(parsing: output.result)["methods"]?[method]?.array)
    return predictions.map { $0["scores"]?.array?.compactMap(\.number) ?? [] }
  }

  @Test("the majority is everyone's answer, with finite scores")
  func majority() throws {
    let all = try scores("majority")
    #expect(all.count == 5 && Set(all).count == 1)
    #expect(all[0].allSatisfy { $0 < 0 && $0.isFinite })
  }

  @Test("the nearest mean is a distance between raw apex frames")
  func nearestMean() throws {
    let found = try scores("nearest_mean_pixels")
    let set = study.target
    let train = set.clips.indices.filter { set.clips[$0].subject != "S4" && set.clips[$0].label == "joy" }
    let probe = try #require(set.clips.firstIndex { $0.subject == "S4" })
    let squares = (0..<set.side * set.side).reduce(0.0) { sum, pixel in
      let mean = train.reduce(0.0) { $0 + Double(set.grey(clip: $1, frame: 2)[pixel]) / 255 } / Double(train.count)
      let difference = Double(set.grey(clip: probe, frame: 2)[pixel]) / 255 - mean
      return sum + difference * difference
    }
    #expect(abs(found[0][1] + squares.squareRoot()) < 1e-5)
  }

  /// Goal: the dual ridge with its free intercept. Method: the primal normal equations of the same problem, in which
  /// the intercept is one more column without a penalty; 1e-4 since scores are floats of about 1.
  @Test("the ridge is the minimum of squares plus λ w², intercept free", arguments: [0.5, 20])
  func ridge(lambda: Double) throws {
    let set = study.target
    func apexFlow(_ clip: Int) -> [Double] { set.flow(clip: clip, flow: 1).map { Double($0) } + [1] }
    let train = set.clips.indices.filter { set.clips[$0].subject != "S4" }
    let rows = train.map(apexFlow)
    let width = rows[0].count
    var normal = [Double](repeating: 0, count: width * width)
    var target = [Double](repeating: 0, count: width * 3)
    for (row, clip) in zip(rows, train) {
      let label = try #require(SmallStudy.labels.firstIndex(of: set.clips[clip].label))
      for first in 0..<width {
        for second in 0..<width { normal[first * width + second] += row[first] * row[second] }
        target[first * 3 + label] += row[first]
      }
    }
    for place in 0..<width - 1 { normal[place * width + place] += lambda }
    try choleskySolve(&normal, order: width, &target, columns: 3)
    let found = try scores("ridge_raw", lambda: lambda)
    for (place, clip) in set.clips.indices.filter({ set.clips[$0].subject == "S4" }).enumerated() {
      let row = apexFlow(clip)
      for label in 0..<3 {
        let expected = (0..<width).reduce(0.0) { $0 + row[$1] * target[$1 * 3 + label] }
        #expect(abs(found[place][label] - expected) < 1e-4)
      }
    }
  }

  @Test("the three ridges differ, and find the moved patch")
  func ridges() throws {
    let stage = study.baseline(["ridge_raw", "ridge_image", "ridge_pixel"])
    let result = try JSON(parsing: compute(stage: stage, inputs: study.inputs()).result)
    let methods = ["ridge_raw", "ridge_image", "ridge_pixel"].compactMap { result["methods"]?[$0]?.array }
    #expect(Set(methods).count == 3)
    for predictions in methods { #expect(predictions.count { $0["label"] == $0["predicted"] } >= 4) }
  }

  /// Goal: no label of a held-out clip is read. Method: the same pixels under other labels of subject S4.
  @Test("ridges with inner folds do not see held-out labels, and say what they chose")
  func innerRidges() throws {
    let names = ["ridge_inner", "ridge_balanced"]
    let turned = try study.target(relabelled: "S4")
    var seen: [[JSON?]] = []
    for set in [study.target, turned] {
      let inputs = StageInputs(sets: ["target": set])
      let output = try compute(stage: study.baseline(names, set: set), inputs: inputs)
      let result = try JSON(parsing: output.result)
      for name in names {
        let lambda = try #require(result["chosen"]?[name]?["lambda"]?.number)
        #expect(RidgeChoice.lambdas.contains(lambda))
        let predictions = try #require(result["methods"]?[name]?.array)
        let scores = predictions.map { $0["scores"]?.array?.compactMap(\.number) ?? [] }
        #expect(scores.allSatisfy { abs($0.reduce(0) { $0 + exponential($1) } - 1) < 1e-5 }, "log-probabilities")
      }
      seen.append(names.flatMap { name in (result["methods"]?[name]?.array ?? []).map { $0["scores"] } })
    }
    #expect(seen[0].count == 10 && seen[0] == seen[1])
    #expect(turned.digest != study.target.digest)
  }

  @Test("ridges with inner folds give the same bytes with two threads, and from a matrix that was kept")
  func innerRidgesRepeat() throws {
    let stage = study.baseline(["ridge_inner", "ridge_balanced"])
    let first = try compute(stage: stage, inputs: study.inputs())
    #expect(try first == compute(stage: stage, inputs: study.inputs(threads: 2)))
  }

  @Test("sets without flow are told apart by frames")
  func innerRidgesOfStills() throws {
    let stage = study.baseline(["ridge_inner"], set: study.source, name: "source")
    let result = try JSON(parsing: compute(stage: stage, inputs: study.inputs()).result)
    let predictions = try #require(result["methods"]?["ridge_inner"]?.array)
    #expect(predictions.count { $0["label"] == $0["predicted"] } >= 4)
  }
}
