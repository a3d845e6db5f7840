// Whole studies that race, by the product itself: the same bytes whoever computes what, and whoever is killed when.

import Canonical
import Foundation
import Ledger
import TestSupport
import Testing

@Suite("studies that race")
struct RaceRunTests {
  /// Six people; three ridges that know something, and networks that have learned nothing in one step.
  private static func study(_ protocolKeys: String) -> String {
    """
    version: 1
    name: tiny race
    preset: compact
    data: { target: [one, two] }
    protocol: { kind: loso, \(protocolKeys) }
    graphs: [{ nearest: 4, stochastic: 1, threshold_squared: 8 }]
    network: { layers: [{ order: 2, filters: 4, coarsenings: 2 }] }
    fit: { epochs: 1, steps: 1, batch: 2 }
    grid:
      - { name: ridge, average: [{ networks: 0, ridge: true }] }
      - { name: slow, fit.rate: [1.0e-7] }
      - { name: slower, fit.rate: [1.0e-8] }
      - { name: head, head: [{ kind: ridge, input: true }] }
    seeds: [1, 2]

    """
  }

  private static let data = ["--data", "one=ok.set", "--data", "two=source.set"]
  private static let files = ["report.json", "report.md", "folds.csv", "predictions.csv"]

  private func run(_ name: String, workers: Int, in folder: TemporaryFolder) throws -> Child {
    try Child(
      ["run", "race.yaml"] + Self.data + ["--run-dir", name, "--workers", "\(workers)"], in: folder)
  }

  /// What was dropped leaves no checkpoint, and is not missing.
  private func expectKept(_ folder: TemporaryFolder, dropped: [String]) throws {
    let words = ["report", "r1", "--keep-checkpoints"] + Self.data
    let result = try Child.run(words, in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let said = result.output + result.errors
    // Six folds, two seeds, four configurations.
    let left = 12 * (4 - dropped.count)
    #expect(said.contains("\(left) checkpoints in "), "\(said)")
    #expect(said.contains("; \(48 - left) were dropped by the race"), "\(said)")
    #expect(!said.contains("have no result"))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("r1/checkpoints"))
    #expect(names.count == 4 - dropped.count && names.allSatisfy { !dropped.contains($0) }, "\(names)")
  }

  private func trainings(_ json: JSON) throws -> (planned: Int, run: Int, saved: Int) {
    let counts = try #require(json["race"]?["trainings"])
    return (
      try #require(counts["planned"]?.integer), try #require(counts["run"]?.integer),
      try #require(counts["saved"]?.integer)
    )
  }

  @Test("one worker, three, and a run killed between rungs: the same bytes, and dropped stages are not computed")
  func plain() throws {
    let folder = try TinyStudy.folder()
    try folder.write(
      Self.study("selection: race, race: { level: 0.3, subjects: [3, 4, 5] }").utf8, to: "race.yaml")
    for workers in [1, 3] {
      let result = try run("r\(workers)", workers: workers, in: folder).wait()
      #expect(result.status == 0, "\(result.errors)")
    }
    let killed = try run("k", workers: 2, in: folder)
    let half = Run(folder: folder, name: "k")
    try Child.eventually("the first rung") { half.committed >= 20 || killed.ending != nil }
    killed.send(SIGKILL, group: true)
    _ = try killed.wait()
    let again = try run("k", workers: 2, in: folder).wait()
    #expect(again.status == 0, "\(again.errors)")
    for name in Self.files {
      #expect(folder.bytes("r1/report/\(name)") == folder.bytes("r3/report/\(name)"), "\(name)")
      #expect(folder.bytes("r1/report/\(name)") == folder.bytes("k/report/\(name)"), "\(name)")
    }
    let json = try JSON(parsing: folder.bytes("r1/report/report.json"))
    let dropped = try #require(json["race"]?["dropped"]?.array)
    #expect(!dropped.isEmpty && dropped.allSatisfy { ($0["p"]?.number ?? 1) <= 0.3 })
    let (planned, needed, saved) = try trainings(json)
    #expect(saved > 0 && planned == needed + saved)
    // The ledger has what the verdicts left, neither more nor less.
    for name in ["r1", "r3", "k"] {
      let contents = try #require(Run(folder: folder, name: name).contents)
      let kinds = Dictionary(contents.stages.map { ($0.index, $0.kind) }) { first, _ in first }
      #expect(contents.results.count { kinds[$0.stage] == "fit" } == needed, "\(name)")
    }
    try expectFigures(json, dropped: dropped.compactMap { $0["configuration"]?.string })
    try expectKept(folder, dropped: dropped.compactMap { $0["configuration"]?.string })
    let text = folder.text("r1/report/report.md")
    #expect(text.contains("## The race (selected on test)") && text.contains(" that a race left of 4 configurations"))
    #expect(!text.contains("Incomplete:"), "what was dropped is not missing")
    let status = try Child.run(["status", "k"], in: folder)
    #expect(status.output.contains(" dropped by the race"), "\(status.output)")
    let verified = try Child.run(["verify", "r1"], in: folder)
    #expect(verified.status == 0 && verified.output.contains("the report"), "\(verified.output)")
  }

  /// Figures of those dropped are missing and marked; the others' are whole, and all are stamped.
  private func expectFigures(_ json: JSON, dropped: [String]) throws {
    for configuration in try #require(json["configurations"]?.array) {
      let isDropped = dropped.contains(configuration["name"]?.string ?? "")
      #expect((configuration["incomplete"]?.bool ?? false) == isDropped)
      #expect((configuration["metrics"]?["uf1"]?["mean"]?.number == nil) == isDropped)
      #expect(configuration["stamps"]?.array?.compactMap(\.string) == ["selected on test"])
    }
  }

  @Test("inside nested selection the race sees inner folds, and is not stamped")
  func nested() throws {
    let folder = try TinyStudy.folder()
    try folder.write(
      Self.study("selection: nested, inner_folds: 5, race: { level: 0.3, subjects: [3, 4] }").utf8, to: "race.yaml")
    for workers in [1, 3] {
      let result = try run("r\(workers)", workers: workers, in: folder).wait()
      #expect(result.status == 0, "\(result.errors)")
    }
    for name in Self.files {
      #expect(folder.bytes("r1/report/\(name)") == folder.bytes("r3/report/\(name)"), "\(name)")
    }
    let json = try JSON(parsing: folder.bytes("r1/report/report.json"))
    let configuration = try #require(json["configurations"]?.array?.first)
    #expect(configuration["stamps"] == nil && configuration["incomplete"] == nil)
    let dropped = try #require(json["race"]?["dropped"]?.array)
    #expect(!dropped.isEmpty && dropped.allSatisfy { $0["fold"]?.string != nil })
    #expect(try trainings(json).saved > 0)
    for fold in try #require(configuration["folds"]?.array) {
      let gone = dropped.filter { $0["fold"] == fold["name"] }.compactMap { $0["configuration"]?.string }
      #expect(fold["chosen"]?.array?.compactMap(\.string).allSatisfy { !gone.contains($0) } == true)
    }
  }

  /// Every fit of `wild` ends with an infinite loss.
  @Test("a candidate that fails leaves every fold's race, no fold then has a choice, and no failure is a saving")
  func withdrawn() throws {
    let folder = try TinyStudy.folder()
    let keys = "selection: nested, inner_folds: 3, race: { level: 0.001, subjects: [2, 4] }"
    let wild = "fit.epochs: [50], fit.steps: [100], fit.rate: [1.0], fit.weight_decay: [100]"
    let study = Self.study(keys).replacingOccurrences(
      of: "{ name: slower, fit.rate: [1.0e-8] }", with: "{ name: wild, \(wild) }")
    try folder.write(study.utf8, to: "race.yaml")
    let result = try run("r", workers: 2, in: folder).wait()
    let json = try JSON(parsing: folder.bytes("r/report/report.json"))
    let race = try #require(json["race"])
    #expect(result.status == 1, "\(result.output)")
    #expect(race["withdrawn"]?.array?.map { $0["configuration"] } == Array(repeating: "wild", count: 6))
    let (planned, needed, saved) = try trainings(json)
    let lost = try #require(race["trainings"]?["lost"]?.integer)
    #expect(planned == needed + saved + lost && lost > 0)
    #expect((saved > 0) == (race["dropped"]?.array?.isEmpty == false))
    let contents = try #require(Run(folder: folder, name: "r").contents)
    let kinds = Dictionary(contents.stages.map { ($0.index, $0.kind) }) { first, _ in first }
    #expect(contents.results.count { kinds[$0.stage] == "fit" } == needed)
    let configuration = try #require(json["configurations"]?.array?.first)
    // What is chosen without it would be another figure after a retry.
    #expect(configuration["incomplete"]?.bool == true)
    #expect(configuration["metrics"]?["uf1"]?["mean"]?.number == nil)
    #expect(configuration["failed"]?.array?.count == 12)
    let text = folder.text("r/report/report.md")
    #expect(text.contains("By a failure, not by a verdict, these left the race: wild (fold "))
  }

  @Test("plan says the rungs and the least and most trainings")
  func plan() throws {
    let folder = try TinyStudy.folder()
    try folder.write(Self.study("selection: race").utf8, to: "race.yaml")
    let plan = try Child.run(["plan", "race.yaml"] + Self.data, in: folder)
    #expect(plan.status == 0, "\(plan.errors)")
    #expect(plan.output.contains("race     after 5, 6 folds, at level 0.05"), "\(plan.output)")
    #expect(plan.output.contains(" to 36 trainings, by what is dropped"), "\(plan.output)")
  }
}
