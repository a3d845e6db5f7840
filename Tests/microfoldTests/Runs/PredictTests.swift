// `fit-all` and `predict` as a person uses them: one file out, the same bytes each time, the same scores by every word
// that names a clip.

import Canonical
import Foundation
import TestSupport
import Testing

@Suite("fit-all and predict") struct PredictTests {
  private static let fit = ["fit-all", "study.yaml", "--data", "target=ok.set", "--seed", "1", "--out"]

  private func clips(_ words: [String], in folder: TemporaryFolder) throws -> [JSON] {
    let result = try Child.run(["predict", "a.checkpoint"] + words + ["--json"], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    return try #require(JSON(parsing: result.output.utf8.dropLast())["clips"]?.array)
  }

  private func scores(_ clips: [JSON]) -> [JSON?] { clips.map { $0["scores"] } }

  /// All figures of a kind, clip after clip, label after label.
  private func numbers(_ clips: [JSON], _ key: String) -> [Double] {
    clips.flatMap { clip in (clip[key]?.object ?? [:]).sorted { $0.key < $1.key }.compactMap(\.value.number) }
  }

  @Test("the same words give the same bytes, whatever threads and shell")
  func bytes() throws {
    let folder = try TinyStudy.folder()
    let result = try Child.run(
      Self.fit + ["b.checkpoint", "--threads", "1"], in: folder, environment: ["OPENBLAS_CORETYPE": "Nehalem"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("trained on 3 subjects") && result.output.contains("no test"), "\(result.output)")
    #expect(folder.bytes("b.checkpoint") == (try TinyStudy.checkpoint()))
    let other = try Child.run(
      ["fit-all", "study.yaml", "--data", "target=ok.set", "--seed", "3", "--out", "c.checkpoint", "--json"],
      in: folder)
    let facts = try JSON(parsing: other.output.utf8.dropLast())
    #expect(facts["seed"] == 3 && facts["configuration"] == "default" && facts["subjects"] == 3)
    #expect(facts["bytes"]?.integer == folder.bytes("c.checkpoint").count)
    #expect(folder.bytes("c.checkpoint") != folder.bytes("b.checkpoint"))
  }

  @Test("a set, and each of its clips by name, give the same scores, and probabilities that add up")
  func words() throws {
    let folder = try TinyStudy.folder()
    try folder.write(TinyStudy.checkpoint(), to: "a.checkpoint")
    let all = try clips(["ok.set"], in: folder)
    #expect(all.count == 12)
    let names = all.compactMap { $0["clip"]?.string }
    #expect(names.first == "ok.set:S1/happiness0" && names.last == "ok.set:S3/surprise1")
    let alone = try clips(names, in: folder)
    #expect(alone.map { $0["predicted"] } == all.map { $0["predicted"] })
    for (one, other) in zip(numbers(alone, "scores"), numbers(all, "scores")) { #expect(abs(one - other) < 1e-5) }
    for clip in all {
      let numbers = (clip["probabilities"]?.object ?? [:]).compactMapValues(\.number)
      #expect(abs(numbers.values.reduce(0, +) - 1) < 1e-5)
      #expect(numbers[clip["predicted"]?.string ?? ""] == numbers.values.max())
      #expect(clip["trained_on"] == true)
    }
    let text = try Child.run(["predict", "a.checkpoint", "ok.set:S2/surprise0"], in: folder)
    #expect(text.status == 0 && text.output.split(separator: "\n").count == 1, "\(text.output)")
    #expect(text.output.hasPrefix("ok.set:S2/surprise0  ") && text.output.contains("  happiness 0."), "\(text.output)")
  }

  @Test("another set is not what it was trained on, and nobody is told so")
  func others() throws {
    let folder = try TinyStudy.folder()
    try folder.write(TinyStudy.checkpoint(), to: "a.checkpoint")
    let result = try Child.run(["predict", "a.checkpoint", "source.set"], in: folder)
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    #expect(try clips(["source.set"], in: folder).allSatisfy { $0["trained_on"] == false })
  }

  @Test("a transfer leaves one file too, with the convolutions of its pretraining")
  func transfer() throws {
    let folder = try TinyStudy.folder()
    try folder.write(TinyStudy.frozen(epochs: 3, seeds: [1]).utf8, to: "study.yaml")
    let result = try Child.run(["fit-all", "study.yaml"] + TinyStudy.data + ["--out", "a.checkpoint"], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("trained on 6 subjects"), "\(result.output)")
    #expect(try clips(["ok.set"], in: folder).count == 12)
    let left = folder.listing.filter { $0.contains("checkpoint") }
    #expect(left.count == 1, "\(left)")
  }

  /// Goal: one way from files to scores. Method: a study of drawn frames; each clip as a folder and out of its set.
  @Test("a folder of frames has the scores of the same clip in a prepared set")
  func folders() throws {
    let folder = try TinyStudy.folder()
    for (number, subject) in ["A", "B", "C"].enumerated() {
      for (kind, label) in ["happiness", "surprise"].enumerated() {
        for frame in 1...5 {
          let picture = TinyPNG.bytes(24, 24) { x, y in
            let moved = (kind == 0 ? x : y) > 12 ? frame * (3 + number) : 0
            return (UInt8((7 * x + 3 * moved) & 255), UInt8((9 * y + 5 * moved) & 255), UInt8((x * y + moved) & 255))
          }
          try folder.write(picture, to: "faces/\(subject)/\(label)/c-\(label)/f\(frame).png")
        }
      }
    }
    let made = try Child.run(
      ["prepare", "--layout", "folders", "--root", "faces", "--side", "12", "--frames", "4", "--out", "faces.set"],
      in: folder)
    #expect(made.status == 0, "\(made.errors)")
    let fit = try Child.run(
      ["fit-all", "study.yaml", "--data", "target=faces.set", "--seed", "1", "--out", "a.checkpoint"], in: folder)
    #expect(fit.status == 0, "\(fit.errors)")
    let names = ["A", "C"].flatMap { subject in ["happiness", "surprise"].map { "\(subject)/c-\($0)" } }
    let stored = try clips(names.map { "faces.set:\($0)" }, in: folder)
    let alone = try clips(
      names.map { "faces/" + $0.replacingOccurrences(of: "/c-", with: "/") + "/c-" + $0.split(separator: "-")[1] },
      in: folder)
    #expect(scores(alone) == scores(stored) && stored.count == 4)
  }

  @Test("Ctrl-C ends with 130 and leaves nothing", arguments: [SIGINT, SIGTERM])
  func interrupt(signal: Int32) throws {
    let folder = try TinyStudy.folder()
    try folder.replace("epochs: 2", by: "epochs: 100000, patience: 0", in: "study.yaml")
    let before = folder.listing
    let child = try Child(Self.fit + ["b.checkpoint"], in: folder)
    // The first line of progress in a pipe comes after some seconds of training.
    try Child.eventually("progress") { child.errors.contains("fit 1 of 1") || child.ending != nil }
    try #require(child.ending == nil, "\(child.errors)")
    child.send(signal, group: signal == SIGINT)
    let result = try child.wait()
    #expect(result.status == 130 && result.errors.contains("nothing was written"), "\(result.errors)")
    #expect(folder.listing == before && result.output == "")
  }
}
