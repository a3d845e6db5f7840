// Leaks that somebody plants in a study or its data, by the product itself: each is refused in one line, or stamped.

import Foundation
import TestSupport
import Testing

@Suite("planted leaks")
struct PlantedLeakTests {
  /// A study, the data that it is given, and what must be said; `isStamped` where it is allowed and stamped.
  private struct Leak {
    let name: String
    let study: String
    let data: [String]
    let line: String
    var isStamped = false
  }

  private static func study(_ lines: String, data: String = "{ target: target, source: source }") -> String {
    """
    version: 1
    name: planted
    preset: compact
    data: \(data)
    graphs: [{ nearest: 4, stochastic: 1, threshold_squared: 8 }]
    network: { layers: [{ order: 2, filters: 4, coarsenings: 2 }] }
    seeds: [1]
    \(lines)

    """
  }

  private static let leaks = [
    Leak(
      name: "the tested subject in the source set, under the paper's leakage",
      study: study("transfer: finetune\nprotocol: { kind: loso, leakage: paper }"), data: TinyStudy.data,
      line: "leakage: paper: participants of the test folds may be in the source set", isStamped: true),
    Leak(
      name: "statistics of all clips for features that all folds share",
      study: study("transfer: frozen\nrows: { normalisation: training, mirror: false }"), data: TinyStudy.data,
      line: "normalisation: training needs transfer: finetune or scratch, since extraction sees all clips"),
    Leak(
      name: "selection on the tested clips",
      study: study(
        "transfer: scratch\nprotocol: { kind: loso, selection: test }\ngrid: { fit.epochs: [1, 2] }",
        data: "{ target: target }"), data: ["--data", "target=ok.set"], line: "selected on test", isStamped: true),
    Leak(
      name: "clips of one subject on both sides",
      study: study(
        "transfer: scratch\nprotocol: { kind: hold-out, held_out_clips: 2, held_out_by: clip }",
        data: "{ target: target }"), data: ["--data", "target=ok.set"],
      line: "clip puts clips of one subject on both sides; use subject, or leakage: paper"),
    Leak(
      name: "the same, under the paper's leakage",
      study: study(
        "transfer: scratch\nprotocol: "
          + "{ kind: hold-out, held_out_clips: 2, held_out_by: clip, repeats: 3, leakage: paper }",
        data: "{ target: target }"), data: ["--data", "target=ok.set"], line: "held out by clip", isStamped: true),
    Leak(
      name: "folds that overlap",
      study: study(
        "transfer: scratch\nprotocol: { kind: k-fold, groups: [[S01, S02], [S02, S03]] }", data: "{ target: target }"),
      data: ["--data", "target=ok.set"], line: "subject S02 is in two folds, so the folds overlap"),
    Leak(
      name: "one set under two names", study: study("transfer: finetune"),
      data: ["--data", "target=ok.set", "--data", "source=ok.set"],
      line: "the sets source and target are one and the same"),
    Leak(
      name: "a set listed twice", study: study("transfer: scratch", data: "{ target: [one, one] }"),
      data: ["--data", "one=ok.set"], line: "a list of different set names was expected"),
  ]

  @Test("each is refused in one line, or stamped on what it feeds", arguments: leaks.indices)
  func leak(place: Int) throws {
    let leak = Self.leaks[place]
    let folder = try TinyStudy.folder()
    try folder.write(leak.study.utf8, to: "s.yaml")
    let verb = leak.isStamped ? ["run", "s.yaml", "--run-dir", "r"] : ["plan", "s.yaml"]
    let result = try Child.run(verb + leak.data, in: folder)
    guard leak.isStamped else {
      #expect(result.status == 2 && result.output.isEmpty, "\(leak.name): \(result.output)")
      #expect(result.errors.contains(leak.line), "\(leak.name): \(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
      return
    }
    #expect(result.status == 0, "\(leak.name): \(result.errors)")
    #expect(folder.text("r/report/report.md").contains(leak.line), "\(leak.name)")
    let rows = folder.text("r/report/predictions.csv").split(separator: "\n")
    #expect(rows.first?.hasSuffix(",stamp") == true && rows.count > 1, "\(leak.name)")
  }

  @Test("a renamed copy of a clip is found by its pictures")
  func renamedCopy() throws {
    let folder = try TinyStudy.folder()
    let path = folder.file("set/annotation.csv")
    let lines = folder.text("set/annotation.csv").split(separator: "\n").map(String.init)
    let clip = try #require(lines.dropFirst().first).split(separator: ",").map(String.init)
    let copy = (["S09", "renamed"] + clip.dropFirst(2)).joined(separator: ",")
    try (lines + [copy, copy.replacingOccurrences(of: "renamed,", with: "other,")]).joined(separator: "\n")
      .write(toFile: path, atomically: true, encoding: .utf8)
    let prepared = try Child.run(
      ["prepare", "--layout", "flow-images", "--root", "set", "--out", "copies.set"], in: folder)
    #expect(prepared.status == 0 && prepared.errors.contains("hold the same picture, under two subjects: a leak"))
    let plan = try Child.run(["plan", "study.yaml", "--data", "target=copies.set"], in: folder)
    #expect(plan.status == 2 && plan.errors.contains("one recording under two names"), "\(plan.errors)")
  }
}
