// Layout `flow-images`: small sets made here, and the real CASME II flow where it is.

import Clips
import Foundation
import TestSupport
import Testing

@Suite("Layout flow-images")
struct FlowImagesTests {
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.writeFlowImages()
    return folder
  }

  /// A small set whose annotation has these rows.
  private func refusal(rows: String) throws -> String? {
    let folder = try folder()
    try folder.write(("subject,clip,label,onset_apex,apex_offset\n" + rows).utf8, to: "set/annotation.csv")
    return folder.refusal(.flowImages, side: nil)
  }

  @Test("red, green and blue become u, v and strain as they are; the return row becomes -u, -v")
  func content() throws {
    let folder = try folder()
    let report = try folder.prepareSet(.flowImages, side: nil)
    #expect(report.clips == 3 && report.subjects == ["s0", "s1"])
    let set = try PreparedSet(path: folder.file("out.set"))
    #expect(set.side == 12 && set.layout == .flowImages && !set.hasMagnitude)
    #expect(set.clips.map(\.name) == ["c2", "c1", "c3"])
    #expect(set.clips[0].frames.isEmpty && !set.clips[0].still)
    #expect(set.clips[0].flows.map(\.isReturn) == [false, true])
    let (forth, back) = (set.flow(clip: 0, flow: 0), set.flow(clip: 0, flow: 1))
    let place = 3 * 12 + 5
    #expect(forth[place] == 52 && forth[144 + place] == 30 && forth[288 + place] == 10)
    #expect(back[place] == -52 && back[144 + place] == -39 && back[288 + place] == 10)
  }

  @Test("images are resized where a side is given")
  func resized() throws {
    let folder = try folder()
    _ = try folder.prepareSet(.flowImages, side: 8)
    #expect(try PreparedSet(path: folder.file("out.set")).side == 8)
  }

  @Test(
    "a wrong annotation is refused with its row",
    arguments: [
      ("", "/set/annotation.csv: it names no clip"),
      ("s1,c1,x,images/1a.png,images/9.png\n", "row 2: the image images/9.png cannot be read: there is no such file"),
      ("s1,c1,x,images/1a.png,\n", "row 2: apex_offset is empty"),
      (",c1,x,images/1a.png,images/1b.png\n", "row 2: subject is empty"),
      ("s1,c1,x,images/1a.png\n", "row 2: 4 fields where the header names 5 columns"),
      ("s1,c1,x,/etc/passwd,images/1b.png\n", "row 2: onset_apex \"/etc/passwd\" leads out of the folder"),
      ("s1,c1,x,images/../../x,images/1b.png\n", "leads out of the folder"),
      (
        "s1,c1,x,images/1a.png,images/1b.png\n\ns1,c1,y,images/2a.png,images/2b.png\n",
        "row 4: a second clip c1 of subject s1 (also row 2)"
      ),
      ("s1,c1,x,images,images/1b.png\n", "the image images cannot be read: it is a folder"),
    ])
  func wrongRows(rows: String, line: String) throws {
    let refusal = try refusal(rows: rows)
    #expect(refusal?.contains(line) == true, "\(refusal ?? "accepted")")
  }

  @Test("a missing column, file or folder is refused")
  func missing() throws {
    let column = try TemporaryFolder()
    try column.writeFlowImages(header: "subject,clip,emotion,onset_apex,apex_offset")
    #expect(column.refusal(.flowImages)?.contains("row 1: the column \"label\" is missing") == true)
    let table = try TemporaryFolder()
    #expect(table.refusal(.flowImages)?.contains("there is no such folder") == true)
    try table.write([1], to: "set/x.txt")
    #expect(table.refusal(.flowImages)?.contains("annotation.csv: it cannot be read: there is no such file") == true)
  }

  @Test("a broken image and one of another size name their row")
  func images() throws {
    let folder = try folder()
    try folder.write([], to: "set/images/2b.png")
    let refusal = folder.refusal(.flowImages, side: nil)
    #expect(
      refusal?.contains("images/2b.png (row 3 of annotation.csv): the image is refused: the file is empty") == true)
    try folder.write(greyPNG(9, 9) { x, _ in Double(x) }, to: "set/images/2b.png")
    let size = folder.refusal(.flowImages, side: nil)
    #expect(size?.contains("9 x 9 pixels where the first image has 12 x 12; make all images square") == true)
  }

  /// `shared/data/casme2-flow` beside the repository.
  private static var real: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../shared/data/casme2-flow").standardizedFileURL.path
  }

  @Test(
    "the real CASME II flow has 145 clips of 24 subjects in three classes",
    .enabled(if: FileManager.default.fileExists(atPath: real + "/annotation.csv")))
  func casme2() throws {
    let folder = try TemporaryFolder()
    let report = try prepare(layout: .flowImages, root: Self.real, out: folder.file("c.set"))
    #expect(report.clips == 145 && report.subjects.count == 24)
    #expect(report.perClass.map(\.label) == ["negative", "positive", "surprise"])
    #expect(report.perClass.map(\.clips) == [88, 32, 25])
    #expect(report.repaired.isEmpty && report.skipped.isEmpty)
    let set = try PreparedSet(path: folder.file("c.set"))
    #expect(set.side == 28 && set.digest == report.digest)
    let forth = set.clips.indices.map { set.flow(clip: $0, flow: 0)[..<784].max() ?? 0 }
    let back = set.clips.indices.map { set.flow(clip: $0, flow: 1)[..<784].min() ?? 0 }
    #expect(forth.max() == 255 && forth.allSatisfy { $0 > 140 })
    #expect(back.min() == -255 && back.allSatisfy { $0 < -90 })
  }
}
