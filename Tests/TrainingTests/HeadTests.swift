// The closed-form head of a fit: what it answers, what it leaves, and that it finds nothing where nothing is.

import Canonical
import ChebNet
import Clips
import Kernels
import Testing
import Training

@Suite("Closed-form head")
struct HeadTests {
  let study: SmallStudy
  init() throws { study = try SmallStudy() }

  private static let cases = [
    StageTests.Case(transfer: "scratch", fusion: "rows", graphs: 1, mirror: true),
    StageTests.Case(transfer: "finetune", fusion: "rows", graphs: 2, mirror: false),
    StageTests.Case(transfer: "frozen", fusion: "rows", graphs: 2, mirror: true),
    StageTests.Case(transfer: "features", fusion: "rows", graphs: 1, mirror: false),
  ]

  private static func head(input: Bool) -> JSON { ["kind": "ridge", "input": .bool(input)] }

  @Test("every transfer has a head, the same bytes with two threads", arguments: cases)
  func reproducible(test: StageTests.Case) throws {
    var (fit, artifacts) = try study.chain(test)
    fit = fit.with(Self.head(input: true), at: "head")
    let first = try compute(stage: fit, inputs: study.inputs(artifacts))
    #expect(try first == compute(stage: fit, inputs: study.inputs(artifacts, threads: 2)))
    let result = try JSON(parsing: first.result)
    #expect(RidgeChoice.lambdas.contains(try #require(result["head"]?["lambda"]?.number)))
    #expect(RidgeChoice.factors.contains(try #require(result["head"]?["factor"]?.number)))
    let file = try SafeTensors.read(#require(first.artifact))
    #expect(try file.tensor("ridge.input.weight").shape == [SmallStudy.side * SmallStudy.side, 3])
    #expect(try file.tensor("ridge.features.weight").shape == [7 * test.graphs, 3])
    let predictions = try #require(result["predictions"]?.array)
    #expect(predictions.count == 5)
    for prediction in predictions {
      let scores = try #require(prediction["scores"]?.array).compactMap(\.number)
      let sum = scores.reduce(0) { $0 + exponential($1) }
      #expect(abs(sum - 1) < 1e-5)
    }
  }

  /// Goal: whoever has the artifact has the scores. Method: by hand from the extracted features of a held-out clip.
  @Test("the stored weights are the head")
  func stored() throws {
    let test = StageTests.Case(transfer: "features", fusion: "features", graphs: 1, mirror: false)
    var (fit, artifacts) = try study.chain(test)
    fit = fit.with(Self.head(input: false), at: "head")
    let output = try compute(stage: fit, inputs: study.inputs(artifacts))
    let file = try SafeTensors.read(#require(output.artifact))
    let weight = try file.tensor("ridge.features.weight")
    let bias = try file.tensor("ridge.bias").values
    let factor = try file.tensor("ridge.factor").values[0]
    let rows = try rowsOfLastClips(fit, artifacts)
    let predictions = try #require(JSON(parsing: output.result)["predictions"]?.array)
    for (row, prediction) in zip(rows, predictions) {
      var logits = bias.indices.map { label in
        factor * row.indices.reduce(bias[label]) { $0 + row[$1] * weight.values[$1 * 3 + label] }
      }
      logSoftmax(logits, classes: 3, into: &logits)
      let found = prediction["scores"]?.array?.compactMap(\.number) ?? []
      for label in 0..<3 { #expect(abs(Double(logits[label]) - found[label]) < 1e-4) }
    }
  }

  /// The mean features of the clips of S4, branches side by side: 3 frames; 2 flows forward and one back, 3 rows each.
  private func rowsOfLastClips(_ fit: JSON, _ artifacts: [Digest: [UInt8]]) throws -> [[Float]] {
    var rows = [[Float]](repeating: [], count: 5)
    for source in fit["features"]?.array ?? [] {
      let stage = try #require(source["stage"]?.string.flatMap { Digest(hex: $0) })
      let features = try SafeTensors.read(#require(artifacts[stage])).tensor("features")
      let each = features.shape[0] / 20
      for clip in 0..<5 {
        rows[clip] += (0..<7).map { column in
          let values = (0..<each).map { Double(features.values[((15 + clip) * each + $0) * 7 + column]) }
          return Float(values.reduce(0, +) / Double(each))
        }
      }
    }
    return rows
  }

  @Test("a description names its head, and one that cannot be is refused in one line")
  func refused() throws {
    let scratch = study.fit(transfer: "scratch", rows: SmallStudy.rows(["temporal"]))
    let unknown = scratch.with(["kind": "forest", "input": true], at: "head")
    let error = #expect(throws: StageError.self) { try compute(stage: unknown, inputs: study.inputs()) }
    #expect(error?.description.contains("stage.head.kind must be one of ridge") == true)
    let test = StageTests.Case(transfer: "features", fusion: "features", graphs: 1, mirror: false)
    let (fit, artifacts) = try study.chain(test)
    let joined = fit.with(Self.head(input: true), at: "head")
    let other = #expect(throws: StageError.self) { try compute(stage: joined, inputs: study.inputs(artifacts)) }
    #expect(other?.description.contains("one image for each row") == true)
  }

  /// Goal: inner folds do not invent. Method: 60 training and 300 held-out rows of noise in 400 columns, three classes;
  /// a third is right by chance, its deviation 0.027.
  @Test("on noise the ridge is at chance", arguments: [1, 2])
  func noise(stream: UInt64) throws {
    var random = CounterRandom(key: 12, stream: stream)
    let (train, count) = (60, 360)
    var builder = GramBuilder(count: count)
    builder.add((0..<count * 400).map { _ in random.normal() }, width: 400)
    let table = RidgeTable(
      blocks: [RidgeTable.Block(gram: builder.finish(), entries: Array(0..<count))], clipOfRow: Array(0..<count),
      labels: 3)
    let classes = (0..<count).map { _ in Int(random.below(3)) }
    let known = Array(classes.prefix(train))
    let clips = RidgeClips(classes: known, subjects: (0..<train).map { "s\($0 / 5)" })
    let choice = try RidgeChoice(table, clips: clips, balanced: true) {}
    let problem = RidgeProblem(table, rows: Array(0..<train), classes: known, balanced: true)
    let scores = problem.scores(
      try problem.solve(lambda: choice.lambda), products: problem.products(with: Array(train..<count)))
    let right = (train..<count).count { row in
      let mine = scores[(row - train) * 3..<(row - train) * 3 + 3]
      return mine.max() == mine[mine.startIndex + classes[row]]
    }
    #expect(abs(Double(right) / 300 - 1.0 / 3) < 0.09, "\(right) of 300")
    #expect(choice.factor <= 2, "no confidence is found either")
  }
}
