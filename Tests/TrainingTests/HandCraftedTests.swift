// The hand-crafted baselines as stages: what they learn, what they must not see, which OpenCV they ask for.

import Canonical
import Clips
import TestSupport
import Testing
import Training

@Suite("Hand-crafted baselines")
struct HandCraftedTests {
  static let methods = ["lbp_top_svm", "mdmo_svm"]
  let study: SmallStudy
  init() throws { study = try SmallStudy() }

  /// A stage of the small study that names this OpenCV.
  private func stage(_ methods: [String] = Self.methods, labels: [String] = SmallStudy.labels) -> JSON {
    study.baseline(methods).with(.string(OpenCV.version), at: "opencv")
      .with(study.clips("target", ["S1", "S2", "S3"], labels: labels), at: "train")
      .with(study.clips("target", ["S4"], labels: labels), at: "test")
  }

  private func predictions(_ stage: JSON, inputs: StageInputs? = nil) throws -> [String: [JSON]] {
    let result = try JSON(parsing: compute(stage: stage, inputs: inputs ?? study.inputs()).result)
    return try Dictionary(
      uniqueKeysWithValues: Self.methods.map { ($0, try #require(result["methods"]?[$0]?.array)) })
  }

  /// The target set with other labels for the held-out subject, or other frames.
  private func changed(label: (PreparedClip) -> String, grey: (Int, UInt8) -> UInt8 = { $1 }) throws -> PreparedSet {
    let set = study.target
    let path = study.folder.file("changed.set")
    let writer = try SetWriter(path: path, layout: .folders, side: set.side)
    for (place, clip) in set.clips.enumerated() {
      let frames = clip.frames.indices.flatMap { set.grey(clip: place, frame: $0).map { grey(place, $0) } }
      let flows = clip.flows.indices.flatMap { Array(set.flow(clip: place, flow: $0)) }
      let content = ClipContent(
        subject: clip.subject, label: label(clip), name: clip.name, frames: clip.frames, flows: clip.flows,
        apexFound: clip.apexFound, still: clip.still)
      try writer.add(content, frames: frames, flows: flows)
    }
    _ = try writer.finish()
    return try PreparedSet(path: path)
  }

  /// A stage whose clips are those of another set.
  private func stage(on set: PreparedSet) -> JSON {
    var changed = stage()
    for (key, isTest) in [("train", false), ("test", true)] {
      let digests = set.clips.filter { ($0.subject == "S4") == isTest }.map { JSON.string($0.digest.hex) }
      changed = changed.with(.string(JSON.array(digests).digest.hex), at: key, "digest")
    }
    return changed
  }

  @Test("main directions find the moved patch; patterns of noise give no more than an answer")
  func learned() throws {
    let found = try predictions(stage())
    #expect(found["mdmo_svm"]?.count { $0["label"] == $0["predicted"] } ?? 0 >= 4)
    #expect(found["lbp_top_svm"]?.count == 5)
  }

  /// Goal: LBP-TOP learns from frames. Method: the clips of one label flicker, those of another are dark at the top.
  @Test("patterns find what frames show")
  func patterns() throws {
    var position = 0
    let set = try changed(
      label: \.label,
      grey: { clip, grey in
        defer { position += 1 }
        let (column, row) = (position % 12, position / 12 % 12)
        switch study.target.clips[clip].label {
        case "joy": return column % 2 == 0 ? 200 : grey / 4
        case "anger": return row % 2 == 0 ? 200 : grey / 4
        default: return grey
        }
      })
    let found = try predictions(stage(on: set), inputs: StageInputs(sets: ["target": set]))
    #expect(found["lbp_top_svm"]?.allSatisfy { $0["label"] == $0["predicted"] } ?? false)
  }

  @Test("labels of the held-out clips change nothing")
  func heldOut() throws {
    let before = try predictions(stage())
    let next = ["anger": "joy", "joy": "surprise", "surprise": "anger"]
    let set = try changed { $0.subject == "S4" ? next[$0.label] ?? "" : $0.label }
    let after = try predictions(stage(on: set), inputs: StageInputs(sets: ["target": set]))
    for method in Self.methods {
      #expect(before[method]?.map { $0["scores"] } == after[method]?.map { $0["scores"] })
      #expect(before[method]?.map { $0["label"] } != after[method]?.map { $0["label"] })
    }
  }

  @Test("a class that no training clip has is never predicted")
  func missingClass() throws {
    let found = try predictions(stage(labels: ["anger", "fear", "joy", "surprise"]))
    for method in Self.methods {
      for prediction in found[method] ?? [] {
        #expect(prediction["predicted"] != "fear" && prediction["scores"]?.array?.count == 4)
      }
    }
  }

  @Test("equal bytes twice, and for any number of threads")
  func bits() throws {
    let stage = self.stage()
    let once = try compute(stage: stage, inputs: study.inputs())
    #expect(try compute(stage: stage, inputs: study.inputs()) == once)
    #expect(try compute(stage: stage, inputs: study.inputs(threads: 2)) == once)
  }

  @Test("the OpenCV of the description must be this one, and stands only where it matters")
  func version() throws {
    func line(_ stage: JSON) -> String {
      let error = #expect(throws: StageError.self) { try compute(stage: stage, inputs: study.inputs()) }
      return error?.description ?? ""
    }
    let stage = self.stage(["mdmo_svm"])
    #expect(line(stage.with("3.1 SSE", at: "opencv")).contains("OpenCV 3.1 SSE and this process has OpenCV"))
    #expect(line(stage.with(nil, at: "opencv")).contains("stage.opencv must stand where"))
    #expect(line(study.baseline(["majority"]).with("4.6.0", at: "opencv")).contains("and nowhere else"))
  }
}
