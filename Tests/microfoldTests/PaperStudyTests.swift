// The ten studies of the paper's tables and figures: planned in full over sets of the real sizes, and run to their
// reports over tiny ones.

import Canonical
import Clips
import Foundation
import TestSupport
import Testing

/// One of the studies in `configs`.
struct PaperStudy: CustomTestStringConvertible, Sendable {
  let name: String
  /// Stages of each kind with one seed: pretrain, extract, fit, baseline.
  let stages: [Int]
  /// Stages of a script that shares nothing.
  let naive: Int
  /// How many cells of the paper's tables have our figure beside them.
  let cells: Int

  var testDescription: String { name }
  var isMMEW: Bool { name.hasPrefix("mmew") }
  var path: String { "\(Self.configs)/\(name).yaml" }

  static let configs =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path + "/configs"

  /// The text of its file.
  func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  /// configs/mmew-headline.yaml, mmew-table-4.yaml, mmew-table-6.yaml, mmew-table-7.yaml, mmew-figure-8.yaml,
  /// samm-headline.yaml, samm-table-5.yaml, samm-table-6.yaml, samm-table-7.yaml, samm-figure-8.yaml.
  static let all = [
    PaperStudy(name: "mmew-headline", stages: [72, 144, 36, 36], naive: 288, cells: 4),
    PaperStudy(name: "samm-headline", stages: [2, 4, 28, 28], naive: 224, cells: 4),
    PaperStudy(name: "mmew-table-4", stages: [72, 144, 900, 36], naive: 6336, cells: 25),
    PaperStudy(name: "samm-table-5", stages: [2, 4, 700, 28], naive: 4928, cells: 25),
    PaperStudy(name: "mmew-table-6", stages: [144, 288, 720, 36], naive: 3060, cells: 50),
    PaperStudy(name: "samm-table-6", stages: [4, 8, 560, 28], naive: 2380, cells: 50),
    PaperStudy(name: "mmew-table-7", stages: [144, 288, 216, 36], naive: 1404, cells: 6),
    PaperStudy(name: "samm-table-7", stages: [4, 8, 168, 28], naive: 1092, cells: 6),
    PaperStudy(name: "mmew-figure-8", stages: [72, 72, 36, 36], naive: 216, cells: 0),
    PaperStudy(name: "samm-figure-8", stages: [2, 2, 28, 28], naive: 168, cells: 0),
  ]
}

/// Sets of noise: real numbers of people and clips, or few.
private enum NoiseSet {
  /// The labels with the paper's numbers of clips.
  static let mmew = ["disgust": 72, "fear": 16, "happiness": 36, "sadness": 13, "surprise": 89]
  static let samm = ["anger": 20, "disgust": 8, "fear": 7, "happiness": 24, "surprise": 13]

  /// Writes clips in turn to people; stills where `isMacro`.
  static func write(_ path: String, people: Int, prefix: String, clips: [String: Int], isMacro: Bool) throws {
    let side = 16
    let area = side * side
    var state: UInt64 = UInt64(people) + (isMacro ? 1000 : 0)
    func draw() -> UInt8 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(state >> 56)
    }
    let writer = try SetWriter(path: path, layout: .folders, side: side)
    let roles: [FrameRole] = isMacro ? [.apex] : [.onset, .apex, .offset]
    let all = clips.keys.sorted().flatMap { label in (0..<(clips[label] ?? 0)).map { (label, $0) } }
    let contents = all.enumerated().map { place, clip in
      ClipContent(
        subject: prefix + String(100 + place % people), label: clip.0, name: "\(clip.0)-\(100 + clip.1)",
        frames: roles.enumerated().map { FrameInfo(number: $0.offset, role: $0.element) },
        flows: isMacro ? [] : [1, 2].map { FlowInfo(from: 0, to: $0, isReturn: false) }, apexFound: false,
        still: isMacro)
    }
    for content in contents.sorted(by: { $0.precedes($1) }) {
      let flows = content.flows.flatMap { _ in (0..<3 * area).map { _ in Float(draw()) / 128 - 1 } }
      try writer.add(content, frames: content.frames.flatMap { _ in (0..<area).map { _ in draw() } }, flows: flows)
    }
    _ = try writer.finish()
  }
}

@Suite("the paper's studies")
struct PaperStudyTests {
  /// Sets of the real sizes: MMEW has 36 people in both sets, SAMM 28 with a clip of the five labels, CK+ 118 others.
  private static let real: Result<TemporaryFolder, any Error> = Result {
    let folder = try SharedFolders.make()
    let macro = ["anger": 150, "disgust": 150, "fear": 150, "happiness": 150, "sadness": 150, "surprise": 150]
    let ck = ["anger": 45, "contempt": 18, "disgust": 59, "fear": 25, "happiness": 69, "sadness": 28, "surprise": 83]
    try NoiseSet.write(folder.file("mmew.set"), people: 36, prefix: "S", clips: NoiseSet.mmew, isMacro: false)
    try NoiseSet.write(folder.file("mmew-macro.set"), people: 36, prefix: "S", clips: macro, isMacro: true)
    try NoiseSet.write(folder.file("samm.set"), people: 28, prefix: "", clips: NoiseSet.samm, isMacro: false)
    try NoiseSet.write(folder.file("ck.set"), people: 118, prefix: "CK", clips: ck, isMacro: true)
    return folder
  }

  /// Three people with a clip of every label, and a source of the same people or of others.
  private static let tiny: Result<TemporaryFolder, any Error> = Result {
    let folder = try SharedFolders.make()
    func three(_ labels: [String: Int]) -> [String: Int] { labels.mapValues { _ in 3 } }
    try NoiseSet.write(folder.file("mmew.set"), people: 3, prefix: "S", clips: three(NoiseSet.mmew), isMacro: false)
    try NoiseSet.write(
      folder.file("mmew-macro.set"), people: 3, prefix: "S", clips: three(NoiseSet.mmew), isMacro: true)
    try NoiseSet.write(folder.file("samm.set"), people: 3, prefix: "", clips: three(NoiseSet.samm), isMacro: false)
    try NoiseSet.write(folder.file("ck.set"), people: 4, prefix: "CK", clips: three(NoiseSet.samm), isMacro: true)
    return folder
  }

  private static func data(_ study: PaperStudy) -> [String] {
    let sets =
      study.isMMEW ? ["mmew-micro=mmew.set", "mmew-macro=mmew-macro.set"] : ["samm=samm.set", "ck-plus=ck.set"]
    return sets.flatMap { ["--data", $0] }
  }

  @Test("planned in full: stages as configs/README.md says", arguments: PaperStudy.all)
  func plan(study: PaperStudy) throws {
    let result = try Child.run(["plan", study.path, "--json"] + Self.data(study), in: Self.real.get())
    try #require(result.status == 0 && result.errors == "", "\(result.errors)")
    let plan = try JSON(parsing: Array(result.output.utf8))
    let kinds = ["pretrain", "extract", "fit", "baseline"].map { plan["kinds"]?[$0]?.integer }
    print("\(study.name): stages \(kinds.map { $0 ?? -1 }), naive \(plan["stages"]?["naive"]?.integer ?? -1)")
    #expect(kinds == study.stages)
    #expect(plan["stages"]?["naive"]?.integer == study.naive)
    let folds = plan["folds"]?.array ?? []
    #expect(folds.count == (study.isMMEW ? 36 : 28) && folds.allSatisfy { $0["leak"]?.bool == false })
    let table = try String(contentsOfFile: PaperStudy.configs + "/README.md", encoding: .utf8)
    let sum = study.stages.reduce(0, +)
    let row =
      "| `\(study.name).yaml` | \(study.stages.map(String.init).joined(separator: " + ")) = \(sum) | \(study.naive) |"
    #expect(table.contains(row), "configs/README.md lacks: \(row)")
    #expect(try study.text().contains("Cost: \(sum) stages"))
  }

  /// The study with one epoch, two small layers and few terms.
  private func shrunk(_ study: PaperStudy) throws -> String {
    var text = try study.text()
    text = text.replacing("fit: { loss", with: "fit: { epochs: 1, loss")
    if !text.contains("\nfit: ") { text += "fit: { epochs: 1 }\n" }
    let layer = "{ order: 2, filters: 2, coarsenings: 2 }"
    return text + "pretrain: { epochs: 1 }\nnetwork: { layers: [\(layer), \(layer)], dense: 4 }\n"
  }

  @Test("run small: every configuration has its figure, beside the paper's", arguments: PaperStudy.all)
  func run(study: PaperStudy) throws {
    let folder = try Self.tiny.get()
    try folder.write(shrunk(study).utf8, to: "\(study.name).yaml")
    let words = ["run", "\(study.name).yaml", "--run-dir", study.name, "--workers", "1"] + Self.data(study)
    let result = try Child.run(words, in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let report = try JSON(parsing: Run(folder: folder, name: study.name).report)
    for configuration in report["configurations"]?.array ?? [] {
      #expect(configuration["incomplete"] == nil)
      for rate in ["pretraining", "fitting"] {
        #expect((0...1).contains(configuration["rates"]?[rate]?.number ?? -1), "\(rate)")
      }
    }
    let cells = (report["paper"]?.array ?? []).flatMap { $0["cells"]?.array ?? [] }
    #expect(cells.count == study.cells)
    #expect(cells.allSatisfy { (0...1).contains($0["ours"]?.number ?? -1) })
    let page = folder.text("\(study.name)/report/report.html")
    #expect(page.contains("/ ours ") == (study.cells > 0) && !page.contains("In none of the paper"))
    if study.name.hasSuffix("figure-8") {
      #expect(report["flow"]?.array?.count == 6)
      #expect(page.contains("data:image/png;base64,"))
    }
  }
}
