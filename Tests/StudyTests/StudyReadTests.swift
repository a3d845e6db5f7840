// Reading a study: what is wrong is named with file, line, key and what would be right.

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

  @Test("the same key twice is refused")
  func twice() {
    #expect(failure([("name", Sample.word("other"))]).hasSuffix("name: the key stands here twice"))
  }

  @Test("a grid sweeps any parameter and names its points")
  func grid() throws {
    let grid = Sample.map(
      ("fit.loss.name", Sample.list(Sample.word("cross_entropy"), Sample.word("focal"))),
      ("fit.rate", Sample.list(Sample.word("0.001"), Sample.word("0.01"), Sample.word("0.1"))))
    let study = try Sample.study(extra: [("grid", grid)])
    #expect(study.configurations.map(\.name).count == 6)
    #expect(study.configurations[1].name == "fit.loss.name=cross_entropy, fit.rate=0.01")
    #expect(study.configurations[5].values.fit.rate == 0.1)
    #expect(study.configurations[5].values.fit.loss.name == .focal)
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
}
