// `fit-all` of configurations that average, and its choice where a study selects by inner folds.

import Canonical
import Foundation
import TestSupport
import Testing

@Suite("fit-all: averages and choices") struct FitAllTests {
  private func scores(_ checkpoint: String, in folder: TemporaryFolder) throws -> [[String: Double]] {
    let result = try Child.run(["predict", checkpoint, "ok.set", "--json"], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let clips = try #require(JSON(parsing: result.output.utf8.dropLast())["clips"]?.array)
    return clips.map { ($0["scores"]?.object ?? [:]).compactMapValues(\.number) }
  }

  private func mean(_ lists: [[[String: Double]]]) -> [[String: Double]] {
    lists[0].indices.map { clip in
      Dictionary(
        uniqueKeysWithValues: lists[0][clip].keys.map { label in
          (label, lists.reduce(0) { $0 + ($1[clip][label] ?? .nan) } / Double(lists.count))
        })
    }
  }

  /// Goal: the average is of the networks that a run would fit. Method: each fitted by itself, with the seeds that the
  /// rule gives it, and the ridge by itself.
  @Test("an average predicts the mean of what its networks and its ridge predict alone")
  func average() throws {
    let folder = try TinyStudy.folder()
    func fit(_ average: String, seed: Int, graph: Int, to file: String) throws -> JSON {
      let text = TinyStudy.scratch.replacingOccurrences(
        of: "threshold_squared: 8 }", with: "threshold_squared: 8, seed: \(graph) }")
      try folder.write((text + "average: \(average)\n").utf8, to: "one.yaml")
      let result = try Child.run(
        ["fit-all", "one.yaml", "--data", "target=ok.set", "--seed", "\(seed)", "--out", file, "--json"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      return try JSON(parsing: result.output.utf8.dropLast())
    }
    let alone = "{ networks: 1, ridge: false }"
    _ = try fit(alone, seed: 1, graph: 5, to: "first")
    _ = try fit(alone, seed: 1_000_004, graph: 1_000_008, to: "second")
    let ridge = try fit("{ networks: 0, ridge: true }", seed: 1, graph: 5, to: "ridge")
    #expect(ridge["networks"] == 0 && ridge["ridge"] == true && ridge["loss"] == .null && ridge["subjects"] == 3)
    let both = try fit("{ networks: 2, ridge: true }", seed: 1, graph: 5, to: "both")
    #expect(both["networks"] == 2 && both["ridge"] == true && both["stages"] == 2 && both["subjects"] == 3)
    let networks = try [scores("first", in: folder), scores("second", in: folder)]
    #expect(networks[0] != networks[1])
    #expect(try scores("both", in: folder) == mean([mean(networks), scores("ridge", in: folder)]))
  }

  private static let nested = """
    version: 1
    name: tiny choice
    preset: compact
    data: { target: [one, two] }
    protocol: { kind: loso, leakage: strict, selection: nested, inner_folds: 2 }
    graphs: [{ nearest: 4, stochastic: 1, threshold_squared: 8 }]
    network: { layers: [{ order: 2, filters: 4, coarsenings: 2 }] }
    fit: { epochs: 3, batch: 2 }
    grid:
      - { name: both, average: [{ networks: 2, ridge: true }] }
      - { name: ridge, average: [{ networks: 0, ridge: true }] }
      - { name: head, head: [{ kind: ridge, input: true }] }
    seeds: [1, 2]

    """

  private static let words = [
    "fit-all", "nested.yaml", "--data", "one=ok.set", "--data", "two=source.set", "--seed", "1", "--out",
  ]

  /// Goal: the choice is by what a run would measure. Method: k folds by subject divide people by the rule of inner
  /// folds, so the report of such a run has the figures of every candidate, to the last digit.
  @Test("it chooses by what a run of as many folds reports, and the choice leaves no trace in what was chosen")
  func choice() throws {
    let folder = try TinyStudy.folder()
    try folder.write(Self.nested.utf8, to: "nested.yaml")
    let rule = (from: "loso, leakage: strict, selection: nested, inner_folds", to: "k-fold, seed: 0, folds")
    try folder.write(Self.nested.replacingOccurrences(of: rule.from, with: rule.to).utf8, to: "folds.yaml")
    let run = try Child.run(
      ["run", "folds.yaml", "--data", "one=ok.set", "--data", "two=source.set", "--run-dir", "run", "--seeds", "1"],
      in: folder)
    #expect(run.status == 0, "\(run.errors)")
    let measured = try #require(JSON(parsing: folder.bytes("run/report/report.json"))["configurations"]?.array)
    let result = try Child.run(Self.words + ["all", "--json"], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let facts = try JSON(parsing: result.output.utf8.dropLast())
    let candidates = try #require(facts["chosen_by"]?.array)
    #expect(candidates.compactMap { $0["name"]?.string } == ["both", "ridge", "head"])
    let figures = candidates.map { [$0["uf1"]?.number ?? -1, $0["uar"]?.number ?? -1] }
    #expect(Set(figures).count > 1, "something to choose by")
    #expect(
      figures
        == measured.map { one in
          ["uf1", "uar"].map { one["metrics"]?[$0]?["mean"]?.number ?? -2 }
        })
    #expect(candidates.map { $0["score"]?.number } == figures.map { $0[0] + $0[1] })
    let sums = figures.map { $0[0] + $0[1] }
    let name = try #require(candidates[sums.firstIndex(of: sums.max() ?? 0) ?? 0]["name"]?.string)
    #expect(facts["configuration"]?.string == name && facts["subjects"] == 6)
    let whole = folder.bytes("all")
    let named = try Child.run(Self.words + ["all", "--configuration", name], in: folder)
    #expect(named.status == 0 && !named.output.contains("chosen") && folder.bytes("all") == whole, "\(named.errors)")
  }

  @Test("transfers are candidates too, whoever shares a pretraining", arguments: ["strict", "paper"])
  func transfer(leakage: String) throws {
    let folder = try TinyStudy.folder()
    let text = TinyStudy.frozen(epochs: 2, seeds: [1]).replacingOccurrences(of: "transfer: frozen\n", with: "")
    let choice = """
      protocol: { kind: loso, leakage: \(leakage), selection: nested, inner_folds: 3 }
      grid:
        transfer: [frozen, finetune, scratch]

      """
    try folder.write((text + choice).utf8, to: "study.yaml")
    let words = ["fit-all", "study.yaml"] + TinyStudy.data + ["--out"]
    let result = try Child.run(words + ["a", "--json"], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let facts = try JSON(parsing: result.output.utf8.dropLast())
    #expect(facts["chosen_by"]?.array?.count == 3)
    let name = try #require(facts["configuration"]?.string)
    let named = try Child.run(words + ["b", "--configuration", name], in: folder)
    #expect(named.status == 0 && folder.bytes("a") == folder.bytes("b"), "\(named.errors)")
  }

  @Test("the text says what was chosen and by what; Ctrl-C while choosing ends with 130 and leaves nothing")
  func text() throws {
    let folder = try TinyStudy.folder()
    try folder.write(Self.nested.utf8, to: "nested.yaml")
    let result = try Child.run(Self.words + ["a"], in: folder)
    let lines = result.output.split(separator: "\n")
    #expect(result.status == 0 && lines.count >= 5, "\(result.errors)")
    #expect(lines[0].hasPrefix("chosen by 2 inner folds of all subjects"))
    #expect(lines[1...3].count { $0.hasSuffix("  chosen") } == 1)
    try folder.replace("epochs: 3", by: "epochs: 100000, patience: 0", in: "nested.yaml")
    try FileManager.default.removeItem(atPath: folder.file("a"))
    let before = folder.listing
    let child = try Child(Self.words + ["a"], in: folder)
    try Child.eventually("progress") { child.errors.contains("choosing") || child.ending != nil }
    try #require(child.ending == nil, "\(child.errors)")
    child.send(SIGINT, group: true)
    let ended = try child.wait()
    #expect(ended.status == 130 && ended.errors.contains("nothing was written"), "\(ended.errors)")
    #expect(folder.listing == before && ended.output == "")
  }
}
