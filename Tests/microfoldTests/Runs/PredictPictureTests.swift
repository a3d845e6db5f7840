// `predict` of frames, films and pictures of what it said, on a network that was trained on drawn frames.

import Canonical
import Foundation
import TestSupport
import Testing

@Suite("predict: films and pictures") struct PredictPictureTests {
  /// A pixel of frame `frame` of a clip: label 0 moves to the right, label 1 downwards.
  private static func colour(_ subject: Int, _ kind: Int, _ frame: Int, _ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8) {
    let moved = (kind == 0 ? x : y) > 12 ? frame * (3 + subject) : 0
    return (UInt8((7 * x + 3 * moved) & 255), UInt8((9 * y + 5 * moved) & 255), UInt8((x * y + moved) & 255))
  }

  /// `faces/` (frames), `faces.set`, `a.checkpoint` trained on it, and `film.avi` with the frames of A/happiness.
  private static let original: Result<TemporaryFolder, any Error> = Result {
    let folder = try TinyStudy.folder(SharedFolders.make())
    for (subject, name) in ["A", "B", "C"].enumerated() {
      for (kind, label) in ["happiness", "surprise"].enumerated() {
        for frame in 1...5 {
          let picture = TinyPNG.bytes(24, 24) { colour(subject, kind, frame, $0, $1) }
          try folder.write(picture, to: "faces/\(name)/\(label)/c-\(label)/f\(frame).png")
        }
      }
    }
    try folder.write(TinyAVI.bytes(24, 24, frames: 5) { colour(0, 0, $0, $1, $2) }, to: "film.avi")
    let commands = [
      ["prepare", "--layout", "folders", "--root", "faces", "--side", "12", "--frames", "4", "--out", "faces.set"],
      ["fit-all", "study.yaml", "--data", "target=faces.set", "--seed", "1", "--out", "a.checkpoint"],
    ]
    for command in commands {
      let made = try Child.run(command, in: folder)
      guard made.status == 0 else { throw TooLate(description: made.errors) }
    }
    return folder
  }

  private func answer(_ words: String..., in folder: TemporaryFolder) throws -> JSON {
    let result = try Child.run(["predict", "a.checkpoint"] + words + ["--json"], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let clips = try #require(JSON(parsing: result.output.utf8.dropLast())["clips"]?.array)
    return try #require(clips.first)
  }

  @Test("a film has the scores of a folder of its frames, whole or from onset to offset")
  func film() throws {
    let folder = try Self.original.get()
    let frames = "faces/A/happiness/c-happiness"
    let whole = try answer("film.avi", in: folder)
    #expect(whole["scores"] == (try answer(frames, in: folder)["scores"]))
    let part = try answer("film.avi", "--onset", "2", "--apex", "3", "--offset", "4", in: folder)
    #expect(
      part["scores"] == (try answer(frames, "--offset", "4", "--apex", "3", "--onset", "2", in: folder)["scores"]))
    #expect(part["scores"] != whole["scores"])
    let other = try answer("film.avi", "--apex", "2", in: folder)
    #expect(other["scores"] != whole["scores"], "the apex that was given is not the one that is found")
  }

  /// The size that a PNG's header says.
  private func size(_ bytes: [UInt8]) throws -> (width: Int, height: Int) {
    try #require(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) && bytes.count > 24)
    let number = { (start: Int) in bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    return (number(16), number(20))
  }

  @Test("a picture has a row for each clip, and shows the clip and not another")
  func pictures() throws {
    let folder = try Self.original.get()
    func picture(_ words: String..., name: String) throws -> [UInt8] {
      let result = try Child.run(["predict", "a.checkpoint"] + words + ["--overlay", name], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      return folder.bytes(name)
    }
    let first = try picture("film.avi", name: "one.png")
    let again = try picture("film.avi", name: "one.png")
    let other = try picture("faces/B/surprise/c-surprise", name: "other.png")
    let all = try picture("faces.set", name: "all.png")
    #expect(first == again && first != other)
    let (one, six) = (try size(first), try size(all))
    #expect(one.width == six.width && one.height == 36 + 324 && six.height == 36 + 6 * 324)
    #expect(try size(other) == one)
  }
}
