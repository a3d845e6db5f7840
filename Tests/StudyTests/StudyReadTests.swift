// Reading a study: what is wrong is named with file, line, key and what would be right.

import Canonical
import Study
import Testing

@Suite("Reading a study")
struct StudyReadTests {
  private func failure(_ extra: [(String, StudyNode)], transfer: String = "frozen") -> String {
    do {
      _ = try Sample.study(transfer: transfer, extra: extra)
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  @Test("an unknown key names its line and the nearest known key")
  func typo() {
    #expect(
      failure([("sedes", Sample.list(Sample.word("1")))]) == "s.yaml:7: sedes: unknown key; did you mean \"seeds\"?")
  }

  @Test("a typo in a section is found too, by its dotted path")
  func innerTypo() {
    let fit = Sample.map(("epoch", Sample.word("3")))
    #expect(failure([("fit", fit)]).hasPrefix("s.yaml:1: fit.epoch: unknown key; did you mean \"epochs\"?"))
  }

  @Test("a wrong type and an impossible value say what would be right")
  func values() {
    let words = failure([("fit", Sample.map(("epochs", Sample.word("many", line: 9))))])
    #expect(words == "s.yaml:9: fit.epochs: a whole number from 1 to 100000 was expected")
    let range = failure([("network", Sample.map(("dropout", Sample.word("1.5", line: 4))))])
    #expect(range == "s.yaml:4: network.dropout: 1.5 is not a number from 0.0 to 0.95")
    let word = failure([("fusion", Sample.word("columns", line: 3))])
    #expect(word == "s.yaml:3: fusion: \"columns\" is not one of: rows, features")
  }

  @Test("more neighbours than pixels within the threshold are refused")
  func neighbours() {
    let graph = Sample.map(
      ("nearest", Sample.word("60")), ("stochastic", Sample.word("9")), ("threshold_squared", Sample.word("20")))
    #expect(failure([("graphs", Sample.list(graph))]).contains("only 68 pixels lie within"))
  }

  @Test("a head stands in a description only where it is not the trained classifier")
  func head() throws {
    let plain = try Sample.study()
    let trained = Sample.map(("kind", Sample.word("trained")), ("input", Sample.word("true")))
    let same = try Sample.study(extra: [("head", trained)])
    #expect(same.configurations == plain.configurations)
    let ridge = try Sample.study(extra: [("head", Sample.map(("kind", Sample.word("ridge"))))])
    #expect(plain.configurations[0].values.json["head"] == nil)
    #expect(ridge.configurations[0].values.json["head"] == ["kind": "ridge", "input": true])
    let fits = try [plain, same, ridge].map { study in
      try Plan(study: study, sets: Sample.sets(), numericClass: "avx2.1").stages.filter { $0.kind == .fit }
    }
    #expect(fits[0] == fits[1])
    #expect(fits[0].allSatisfy { $0.description["head"] == nil })
    #expect(fits[2].allSatisfy { $0.description["head"]?["kind"] == "ridge" })
    let all = try FitAllPlan(
      study: ridge, configuration: nil, seed: 1, sets: Sample.sets(), numericClass: "avx2.1")
    #expect(all.stages[all.networks[0]].description["head"]?["kind"] == "ridge")
  }

  @Test("a head with the image needs a row for each image")
  func headInput() {
    let head = ("head", Sample.map(("kind", Sample.word("ridge")), ("input", Sample.word("true"))))
    let words = failure([head, ("fusion", Sample.word("features")), ("graphs", Sample.list(Self.graph))])
    #expect(words.contains("head: input: true needs one image for each row"))
  }

  private static let graph = Sample.map(("nearest", Sample.word("8")), ("stochastic", Sample.word("2")))

  @Test("the same key twice is refused")
  func twice() {
    #expect(failure([("name", Sample.word("other"))]).hasSuffix("name: the key stands here twice"))
  }

  @Test("a grid sweeps any parameter and names its points")
  func grid() throws {
    let grid = Sample.map(
      ("fit.loss.class_weights", Sample.list(Sample.word("none"), Sample.word("root"))),
      ("fit.rate", Sample.list(Sample.word("0.001"), Sample.word("0.01"), Sample.word("0.1"))))
    let study = try Sample.study(extra: [("grid", grid)])
    #expect(study.configurations.map(\.name).count == 6)
    #expect(study.configurations[1].name == "fit.loss.class_weights=none, fit.rate=0.01")
    #expect(study.configurations[5].values.fit.rate == 0.1)
    #expect(study.configurations[5].values.fit.loss.classWeights == .root)
  }

  @Test("a grid value is checked like a value in the file")
  func gridValue() {
    let grid = Sample.map(("fit.rate", Sample.list(Sample.word("fast", line: 8))))
    #expect(failure([("grid", grid)]) == "s.yaml:8: fit.rate: a number from 1e-09 to 1.0 was expected")
    let unknown = Sample.map(("fit.speed", Sample.list(Sample.word("1"))))
    #expect(failure([("grid", unknown)]).contains("fit.speed: unknown key"))
    let outside = Sample.map(("seeds", Sample.list(Sample.word("1"))))
    #expect(failure([("grid", outside)]).contains("not a parameter"))
  }

  @Test("equal configurations in a grid are refused")
  func gridTwins() {
    let grid = Sample.map(("fit.rate", Sample.list(Sample.word("0.1"), Sample.word("1e-1"))))
    #expect(failure([("grid", grid)]).contains("the same configuration as another"))
  }

  @Test("the preset compact is the recipe of the documents")
  func compact() throws {
    let values = try Sample.study(transfer: "scratch", extra: [("preset", Sample.word("compact"))]).configurations[0]
      .values
    #expect(values.inputs == 3)
    #expect(values.network.layers.map(\.order) == [5, 3])
    #expect(values.network.layers.map(\.coarsenings) == [2, 1])
    #expect(values.network.dense == nil)
    #expect(values.fit.weightDecay == 3)
    #expect(values.rows.mirror && values.rows.returnRow)
  }

  @Test("keys that cannot stand together are refused in words")
  func together() {
    #expect(failure([("rows", Sample.map(("mirror", Sample.word("true"))))]).contains("mirror: true needs transfer"))
    let rows = Sample.map(("channels", Sample.word("features")))
    #expect(failure([("rows", rows)]).contains("channels: features needs branches: [temporal]"))
    #expect(
      failure([("network", Sample.map(("dense", Sample.word("none"))))], transfer: "features").contains("network.dense")
    )
  }

  private func graph(_ members: (String, String)...) -> StudyNode {
    .mapping(members.map { StudyMember(key: $0.0, line: 7, value: Sample.word($0.1, line: 7)) }, line: 7)
  }

  @Test("two equal graphs are refused, and without seeds they are not equal")
  func equalGraphs() throws {
    let same = graph(("nearest", "8"), ("stochastic", "2"), ("seed", "3"))
    #expect(failure([("graphs", Sample.list(same, same))]).contains("two equal graphs are one network twice"))
    let plain = graph(("nearest", "8"), ("stochastic", "2"))
    let graphs = try Sample.study(extra: [("graphs", Sample.list(plain, plain))]).configurations[0].values.graphs
    #expect(graphs.map(\.seed) == [1, 2])
  }

  @Test("focal loss without gamma is refused, since it is cross entropy under another name")
  func focalWithoutGamma() {
    let loss = Sample.map(("loss", Sample.map(("name", Sample.word("focal")))))
    #expect(failure([("fit", loss)]).contains("the focal loss with gamma 0 is cross entropy"))
  }

  @Test("points of a grid have different names")
  func gridNames() throws {
    let graphs = Sample.list(
      Sample.list(graph(("nearest", "8"), ("stochastic", "2"), ("seed", "1"))),
      Sample.list(graph(("nearest", "8"), ("stochastic", "2"), ("seed", "2"))))
    let study = try Sample.study(extra: [("grid", Sample.map(("graphs", graphs)))])
    #expect(study.configurations.map(\.name) == ["graphs=8+2 seed=1", "graphs=8+2 seed=2"])
  }

  @Test("a key that cannot change an answer changes no configuration")
  func deadKeys() throws {
    let branches = ("branches", Sample.list(Sample.word("spatial")))
    let dead = Sample.map(branches, ("channels", Sample.word("rows")), ("return_row", Sample.word("true")))
    let withDeadKeys = try Sample.study(extra: [("rows", dead)])
    let without = try Sample.study(extra: [("rows", Sample.map(branches))])
    #expect(withDeadKeys.configurations[0].values == without.configurations[0].values)
    let grid = Sample.map(("pretrain.rate", Sample.list(Sample.word("0.1"), Sample.word("0.2"))))
    #expect(failure([("grid", grid)], transfer: "scratch").contains("the same configuration as another"))
  }

  @Test("what the grid completes need not stand in the file")
  func completedByGrid() throws {
    let loss = Sample.map(("loss", Sample.map(("name", Sample.word("focal")))))
    let grid = Sample.map(("fit.loss.gamma", Sample.list(Sample.word("0.5"), Sample.word("2"))))
    let study = try Sample.study(extra: [("fit", loss), ("grid", grid)])
    #expect(study.configurations.map(\.values.fit.loss.gamma) == [0.5, 2])
  }
}
