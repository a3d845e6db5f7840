// Stages that fail every time, and what the verbs then say and do.

import Canonical
import Foundation
import Ledger
import TestSupport
import Testing

/// Goal: a failed stage spoils only what depends on it, is named everywhere, and can be tried again.
@Suite("failing stages", .serialized) struct FailureTests {
  private static let words = ["run", "long.yaml"] + TinyStudy.data + ["--run-dir", "r", "--workers", "2"]

  private func folder() throws -> TemporaryFolder {
    let folder = try TinyStudy.folder()
    try folder.write(TinyStudy.frozen(epochs: 2).utf8, to: "long.yaml")
    return folder
  }

  /// report.json of the same study where nothing failed.
  private func undisturbed() throws -> [UInt8] {
    let folder = try folder()
    let result = try Child.run(Self.words, in: folder)
    #expect(result.status == 0, "\(result.errors)")
    return folder.bytes("r/report/report.json")
  }

  /// The stages of a kind that make one fold, as `plan --json` tells them.
  private func stages(of kind: String, in folder: TemporaryFolder) throws -> [(fold: String, digest: String)] {
    let plan = try Child.run(["plan", "long.yaml", "--json"] + TinyStudy.data, in: folder)
    #expect(plan.output.split(separator: "\n").count == 1, "one object on one line")
    let folds = try JSON(parsing: Array(plan.output.utf8))["folds"]?.array ?? []
    return folds.flatMap { fold in
      (fold["stages"]?.array ?? []).filter { $0["kind"]?.string == kind }.map {
        (fold["name"]?.string ?? "", $0["digest"]?.string ?? "")
      }
    }
  }

  @Test(
    "a stage, or one that others wait for, fails, is named, explained, reproduced and tried again",
    arguments: ["fit", "pretrain"])
  func failed(kind: String) throws {
    let folder = try folder()
    let chosen = try #require(try stages(of: kind, in: folder).last)
    let switchOn = ["MICROFOLD_TEST_FAIL_STAGE": chosen.digest]
    let result = try Child.run(Self.words, in: folder, environment: switchOn)
    #expect(result.status == 1, "\(result.errors)")
    #expect(result.output.contains("incomplete"), "\(result.output)")
    try checkReport(folder, fold: chosen.fold)
    try checkAgain(folder, switchOn)

    let why = try Child.run(["why", "r"], in: folder)
    #expect(why.status == 0 && why.errors == "")
    #expect(why.output.contains("\(kind) of fold \(chosen.fold)") || kind == "pretrain", "\(why.output)")
    #expect(why.output.contains("given up after 3 attempts"), "\(why.output)")
    #expect(why.output.contains("made to fail"), "\(why.output)")
    let command = try #require(why.output.split(separator: "\n").first { $0.contains("microfold stage ") })
    let words = command.split(separator: " ").drop { $0 != "stage" }.map(String.init)
    let reproduced = try Child.run(words, in: folder, environment: switchOn)
    #expect(reproduced.status == 1, "\(reproduced.errors)")
    #expect(reproduced.errors.contains("made to fail"), "\(reproduced.errors)")
    #expect(try Child.run(words, in: folder).status == 0, "without the switch the stage can be computed")

    let retried = try Child.run(["retry", "r"], in: folder)
    #expect(retried.status == 0, "\(retried.errors)")
    #expect(!retried.output.contains("incomplete"), "\(retried.output)")
    #expect(folder.bytes("r/report/report.json") == (try undisturbed()))
    try Run(folder: folder, name: "r").expectNothingLostOrDoubled()
  }

  /// The failed fold is named with its reason, and every figure that misses it is marked.
  private func checkReport(_ folder: TemporaryFolder, fold: String) throws {
    let report = try JSON(parsing: folder.bytes("r/report/report.json"))
    let configuration = try #require(report["configurations"]?.array?.first)
    #expect(configuration["incomplete"]?.bool == true)
    let failed = try #require(configuration["failed"]?.array)
    #expect(failed.map { $0["fold"]?.string } == [fold])
    #expect(failed.first?["reason"]?.string?.contains("made to fail") == true)
    for figure in ["accuracy", "uf1", "uar"] {
      #expect(configuration["metrics"]?[figure]?["incomplete"]?.bool == true, "\(figure)")
    }
    for entry in configuration["folds"]?.array ?? [] {
      #expect((entry["incomplete"]?.bool == true) == (entry["name"]?.string == fold))
    }
    for baseline in report["baselines"]?.array ?? [] { #expect(baseline["incomplete"] == nil) }
    for name in ["report.md", "report.html"] {
      let text = folder.text("r/report/\(name)")
      #expect(text.contains("incomplete") && text.contains("made to fail"), "\(name)")
    }
  }

  /// The same command does not try again what was given up.
  private func checkAgain(_ folder: TemporaryFolder, _ environment: [String: String]) throws {
    let before = folder.bytes("r/report/report.json")
    let attempts = Run(folder: folder, name: "r").contents?.attempts.count
    let again = try Child.run(Self.words, in: folder, environment: environment)
    #expect(again.status == 1, "\(again.errors)")
    #expect(folder.bytes("r/report/report.json") == before)
    #expect(Run(folder: folder, name: "r").contents?.attempts.count == attempts)
  }

  @Test("every stage of a kind fails: no figure is made up")
  func allFail() throws {
    let folder = try folder()
    let result = try Child.run(Self.words, in: folder, environment: ["MICROFOLD_TEST_FAIL_STAGE": "pretrain"])
    #expect(result.status == 1, "\(result.errors)")
    let report = try JSON(parsing: folder.bytes("r/report/report.json"))
    let configuration = try #require(report["configurations"]?.array?.first)
    #expect(configuration["metrics"]?["uf1"]?["mean"] == .null)
    #expect(configuration["failed"]?.array?.count == 6)
    let retried = try Child.run(["retry", "r"], in: folder)
    #expect(retried.status == 0, "\(retried.errors)")
    #expect(folder.bytes("r/report/report.json") == (try undisturbed()))
  }

  @Test("stages that do not exist or did not fail are said in one line")
  func unknownStages() throws {
    let folder = try folder()
    #expect(try Child.run(Self.words, in: folder).status == 0)
    let cases = [
      BadInput("why of a stage that is not there", "why r 99", "no stage \"99\"", "four digits", leaves: ["r"]),
      BadInput("why of a digest that is not there", "why r ffffffff", "no stage", leaves: ["r"]),
      BadInput("why of too few digits", "why r ab", "no stage \"ab\"", leaves: ["r"]),
      BadInput("a stage that is not there", "stage r 99", "no stage \"99\"", leaves: ["r"]),
      BadInput("retry of a stage that did not fail", "retry r 3", "stage 3 was not given up", leaves: ["r"]),
      BadInput("retry of a stage that is not there", "retry r 99", "no stage \"99\"", leaves: ["r"]),
    ]
    for input in cases { try input.check(in: folder) }
    #expect(try Child.run(["why", "r"], in: folder).output.contains("no stage failed; 21 of 21 are done"))
  }
}
