// The checkpoints that a run keeps: one for each fit, and each says of its held-out clips what the run said.

import Canonical
import Foundation
import TestSupport
import Testing

@Suite("run --keep-checkpoints") struct KeptCheckpointTests {
  /// The files of checkpoints below a run directory, sorted.
  private func kept(_ folder: TemporaryFolder) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder.file("run/checkpoints"))?.compactMap { $0 as? String }
    return (names ?? []).filter { $0.hasSuffix(".safetensors") }.sorted()
  }

  /// Rows of predictions.csv by their columns' names.
  private func predictions(_ folder: TemporaryFolder) -> [[String: String]] {
    let lines = folder.text("run/report/predictions.csv").split(separator: "\n").map {
      $0.split(separator: ",").map(String.init)
    }
    return lines.dropFirst().map { Dictionary(zip(lines[0], $0)) { first, _ in first } }
  }

  /// Goal: the kept file is the network that the run tested. Method: predict the whole set with each file; the held-out
  /// clips must have the digits of predictions.csv, and be told apart from those that trained it.
  private func expectScoresOfRun(_ folder: TemporaryFolder, configurations: [String], seeds: [Int]) throws {
    let rows = predictions(folder)
    let folds = ["S1", "S2", "S3"]
    let wanted = configurations.flatMap { name in seeds.flatMap { seed in folds.map { "\(name)/\(seed)/\($0)" } } }
    #expect(kept(folder) == wanted.map { $0 + ".safetensors" }.sorted())
    for configuration in configurations {
      for (seed, fold) in seeds.flatMap({ seed in folds.map { (seed, $0) } }) {
        let path = "run/checkpoints/\(configuration)/\(seed)/\(fold).safetensors"
        let result = try Child.run(["predict", path, "ok.set", "--json"], in: folder)
        #expect(result.status == 0 && result.errors.contains("8 of 12 clips"), "\(result.errors)")
        let answer = try JSON(parsing: result.output.utf8.dropLast())
        #expect(answer["held_out"]?.array?.contains(.string("target/\(fold)")) == true)
        let clips = try #require(answer["clips"]?.array)
        let mine = rows.filter {
          $0["configuration"] == configuration && $0["seed"] == "\(seed)" && $0["fold"] == fold
        }
        #expect(mine.count == 4)
        for row in mine {
          let name = "ok.set:\(row["subject"] ?? "")/\(row["clip"] ?? "")"
          let clip = try #require(clips.first { $0["clip"]?.string == name })
          #expect(clip["predicted"]?.string == row["predicted"] && clip["trained_on"] == false)
          for (label, score) in clip["scores"]?.object ?? [:] {
            #expect(score.number == row["score_\(label)"].flatMap { Double($0) }, "\(path) \(name) \(label)")
          }
        }
        #expect(clips.count { $0["trained_on"] == true } == 8)
      }
    }
  }

  @Test("every configuration, seed and fold leaves one file, with the scores of predictions.csv")
  func scratch() throws {
    let folder = try TinyStudy.folder()
    try folder.replace("seeds:", by: "grid: { fit.epochs: [1, 2] }\nseeds:", in: "study.yaml")
    let words = ["run", "study.yaml", "--data", "target=ok.set", "--run-dir", "run", "--workers", "1"]
    let result = try Child.run(words + ["--keep-checkpoints"], in: folder)
    #expect(result.status == 0 && result.output.contains("12 checkpoints in run/checkpoints"), "\(result.errors)")
    try expectScoresOfRun(folder, configurations: ["fit.epochs=1", "fit.epochs=2"], seeds: [1, 2])
    let verified = try Child.run(["verify", "run", "--sample", "0"], in: folder)
    #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
  }

  /// Goal: a file that predicts what the report scored, where that is an average. Method: digit for digit, as above.
  @Test("a configuration that averages leaves one file, with the averaged scores of predictions.csv")
  func average() throws {
    let folder = try TinyStudy.folder()
    let grid = """
      grid:
        - { name: both, average: [{ networks: 2, ridge: true }] }
        - { name: networks, average: [{ networks: 3, ridge: false }] }
        - { name: ridge, average: [{ networks: 0, ridge: true }] }
      seeds:
      """
    try folder.replace("seeds:", by: grid, in: "study.yaml")
    let words = ["run", "study.yaml", "--data", "target=ok.set", "--run-dir", "run", "--workers", "1", "--seeds", "1"]
    let result = try Child.run(words + ["--keep-checkpoints"], in: folder)
    #expect(result.status == 0 && result.output.contains("9 checkpoints in run/checkpoints"), "\(result.errors)")
    try expectScoresOfRun(folder, configurations: ["both", "networks", "ridge"], seeds: [1])
  }

  @Test("names that cannot be names of files have other names, each its own, and nothing lies outside the folder")
  func names() throws {
    let folder = try TinyStudy.folder()
    for (plain, odd) in [("S1", "../../S"), ("S2", ".."), ("S3", "S é")] {
      try folder.replace("\n\(plain),", by: "\n\(odd),", in: "set/annotation.csv")
    }
    let made = try Child.run(
      ["prepare", "--layout", "flow-images", "--root", "set", "--out", "ok.set"], in: folder)
    try #require(made.status == 0, "\(made.errors)")
    let before = folder.listing
    let words = ["run", "study.yaml", "--data", "target=ok.set", "--run-dir", "run", "--workers", "1", "--seeds", "1"]
    let result = try Child.run(words + ["--keep-checkpoints"], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let names = kept(folder).map { $0.split(separator: "/").last.map(String.init) ?? "" }
    #expect(names.count == 3 && Set(names.map { $0.prefix(4) }) == ["_..-", "_.._", "_S__"], "\(names)")
    #expect(folder.listing.filter { !$0.hasPrefix("run") } == before.filter { !$0.hasPrefix("run") })
  }

  @Test("a finished run gives them later, a transfer with its pretraining; a lost artifact is named")
  func later() throws {
    let folder = try TinyStudy.folder()
    try folder.write(TinyStudy.frozen(epochs: 2, seeds: [1]).utf8, to: "study.yaml")
    let words = ["run", "study.yaml"] + TinyStudy.data + ["--run-dir", "run", "--workers", "1"]
    #expect(try Child.run(words, in: folder).status == 0)
    #expect(kept(folder) == [])
    let report = folder.bytes("run/report/report.json")
    let result = try Child.run(["report", "run", "--keep-checkpoints"], in: folder)
    #expect(result.status == 0 && result.errors.contains("3 checkpoints"), "\(result.errors)")
    try expectScoresOfRun(folder, configurations: ["default"], seeds: [1])
    let first = "run/checkpoints/default/1/S1.safetensors"
    let bytes = folder.bytes(first)
    try folder.write([], to: first)
    #expect(try Child.run(words + ["--keep-checkpoints"], in: folder).status == 0)
    #expect(folder.bytes(first) == bytes && folder.bytes("run/report/report.json") == report)
    try FileManager.default.removeItem(atPath: folder.file("run/artifacts"))
    let lost = try Child.run(["report", "run", "--keep-checkpoints"], in: folder)
    #expect(lost.status == 75 && lost.errors.contains("there is no artifact"), "\(lost.errors)")
    #expect(lost.errors.split(separator: "\n").count == 1, "\(lost.errors)")
  }
}
