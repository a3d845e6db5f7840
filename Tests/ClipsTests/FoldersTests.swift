// Layout `folders`: what is stored of a clip, and one line for each thing that can be wrong.

import Canonical
import Clips
import TestSupport
import Testing

@Suite("Layout folders")
struct FoldersTests {
  /// A small set with this clips.csv.
  private func folder(table: String? = nil) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.writeFolders()
    if let table { try folder.write(("subject,label,clip,onset,apex,offset\n" + table).utf8, to: "set/clips.csv") }
    return folder
  }

  @Test("clips, subjects, labels, found apexes and skipped files are reported")
  func report() throws {
    let folder = try folder(table: "S01,anger,anger-1,1,3,5\n")
    try folder.write([1], to: "set/.DS_Store")
    try folder.write([1], to: "set/S01/anger/anger-1/.hidden.png")
    try folder.write([1], to: "set/S01/anger/anger-1/notes.txt")
    let report = try folder.prepareSet()
    #expect(report.clips == 4 && report.subjects == ["S01", "S02"])
    #expect(report.perClass.map(\.label) == ["anger", "happiness"] && report.perClass.map(\.clips) == [2, 2])
    #expect(report.repaired.map(\.clip) == ["S01/happiness-1", "S02/anger-1", "S02/happiness-1"])
    #expect(report.repaired.allSatisfy { $0.field == "apex" && $0.value == 3 })
    #expect(report.skipped.map(\.path) == ["S01/anger/anger-1/notes.txt"])
    #expect(report.skipped.map(\.why) == ["not an image"])
    #expect(report.json["digest"]?.string == (try PreparedSet(path: folder.file("out.set")).digest.hex))
    #expect(report.json["per_class"] == ["anger": 2, "happiness": 2])
  }

  @Test("a clip's frames, roles and flow are stored as the annotation says, the return row negated")
  func content() throws {
    let folder = try folder(table: "S01,anger,anger-1,2,3,5\n")
    _ = try folder.prepareSet()
    let set = try PreparedSet(path: folder.file("out.set"))
    let clip = set.clips[0]
    #expect(clip.frames.map(\.number) == [2, 3, 4, 5])
    #expect(clip.frames.map(\.role) == [.onset, .apex, .between, .offset])
    let forth = (3...5).map { FlowInfo(from: 2, to: $0, isReturn: false) }
    #expect(clip.flows == forth + [FlowInfo(from: 3, to: 5, isReturn: true)])
    #expect(!clip.apexFound && !clip.still)
    let area = set.side * set.side
    let back = set.flow(clip: 0, flow: 3)
    // From frame 3 to frame 5 the texture moves left; stored with its sign turned it points right, as onset → apex
    // does.
    #expect(back[..<area].reduce(0, +) > 0 && set.flow(clip: 0, flow: 0)[..<area].reduce(0, +) > 0)
    #expect(set.hasMagnitude && set.labels == ["anger", "happiness"])
  }

  @Test("a found apex and the same apex given store the same flow")
  func foundAndGiven() throws {
    let (given, found) = (try folder(table: "S01,anger,anger-1,1,3,5\n"), try folder())
    _ = try given.prepareSet()
    _ = try found.prepareSet()
    let sets = try [given, found].map { try PreparedSet(path: $0.file("out.set")) }
    #expect(sets[0].clips[0].flows == sets[1].clips[0].flows && sets[0].clips[0].digest != sets[1].clips[0].digest)
    for flow in sets[0].clips[0].flows.indices {
      #expect(Array(sets[0].flow(clip: 0, flow: flow)) == Array(sets[1].flow(clip: 0, flow: flow)))
    }
  }

  @Test("a clip keeps at most the frames that were asked for, and numbers sort as numbers")
  func limit() throws {
    let folder = try TemporaryFolder()
    try folder.writeClip("set/S01/anger/a", movement: (0..<13).map { 0.1 * Double($0) })
    _ = try folder.prepareSet(frames: 4)
    let clip = try PreparedSet(path: folder.file("out.set")).clips[0]
    #expect(clip.frames.count == 4)
    #expect(clip.frames.first?.number == 1 && clip.frames.last?.number == 13)
    // The apex is the last frame: there is no return row.
    #expect(clip.frames.last?.role == .apex && clip.flows.count == 3 && clip.flows.allSatisfy { !$0.isReturn })
  }

  @Test("stills are clips of one frame without flow, from a file or from a folder of one image")
  func stills() throws {
    let folder = try TemporaryFolder()
    try folder.write(frame(movement: 0), to: "set/S01/anger/S01-07-001.png")
    try folder.writeClip("set/S01/happiness/b", movement: [0])
    let report = try folder.prepareSet()
    let set = try PreparedSet(path: folder.file("out.set"))
    #expect(set.clips.map(\.name) == ["S01-07-001", "b"])
    #expect(set.clips.allSatisfy { $0.still && $0.frames.map(\.role) == [.apex] && $0.flows.isEmpty })
    #expect(report.repaired.isEmpty)
  }

  @Test("a still file may stand among moving clips")
  func mixed() throws {
    let folder = try folder()
    try folder.write(frame(movement: 0), to: "set/S01/anger/still.png")
    #expect(try folder.prepareSet().clips == 5)
  }

  @Test("the bytes are the same for any number of threads and any place")
  func threads() throws {
    let (first, second) = (try folder(), try folder())
    #expect(try first.prepareSet(threads: 1).digest == second.prepareSet(threads: 3).digest)
  }

  @Test(
    "a wrong clips.csv is refused with its row",
    arguments: [
      ("S01,anger,anger-1,1,x,5\n", "row 2: apex is \"x\""),
      ("S01,anger,anger-1,-1,2,5\n", "row 2: onset is \"-1\""),
      ("S01,anger,anger-1,1,2,\n", "row 2: offset is \"\""),
      ("S01,anger,anger-1,1,2,99999999999999999999\n", "row 2: offset is"),
      ("S01,anger,anger-1,4,2,5\n", "row 2: onset 4, apex 2, offset 5; write them so that onset <= apex <= offset"),
      ("S01,anger,anger-1,1,5,4\n", "row 2: onset 1, apex 5, offset 4"),
      ("S01,anger,anger-1,4,,2\n", "row 2: onset 4, offset 2"),
      ("S01,anger,anger-1,1,2,6\n", "row 2: offset is frame 6, which S01/anger/anger-1 does not have (1 to 5)"),
      ("S01,anger,nosuch,1,2,3\n", "row 2: there is no clip S01/anger/nosuch"),
      ("S01,anger,anger-1,1,2,3\nS01,anger,anger-1,1,2,3\n", "row 3: the clip S01/anger/anger-1 a second time"),
      ("S01,anger,anger-1,1,2\n", "row 2: 5 fields where the header names 6 columns"),
      ("\"S01,anger\n", "row 2: a quote that is not closed"),
    ])
  func wrongTable(table: String, line: String) throws {
    let refusal = try folder(table: table).refusal()
    #expect(refusal?.contains("/set/clips.csv, \(line)") == true, "\(refusal ?? "accepted")")
  }

  @Test("a missing column is named")
  func missingColumn() throws {
    let folder = try folder()
    try folder.write("subject,label,clip,onset,offset\n".utf8, to: "set/clips.csv")
    #expect(folder.refusal()?.contains("the column \"apex\" is missing") == true)
  }

  @Test("a root that is missing, empty or a file is refused")
  func roots() throws {
    let folder = try TemporaryFolder()
    #expect(folder.refusal()?.contains("/set: there is no such folder; give the folder that holds") == true)
    try folder.write([1], to: "set/S01/anger/readme.txt")
    #expect(folder.refusal()?.contains("/set: no clip was found in it") == true)
    let other = try TemporaryFolder()
    try other.write([1], to: "set")
    #expect(other.refusal()?.contains("/set: it is a file, not a folder") == true)
  }

  @Test(
    "a broken frame is refused with its path",
    arguments: [
      ([], "the file is empty"), (Array("GIF89a".utf8), "not a PNG, JPEG or BMP image"),
      (Array(frame(movement: 0).prefix(200)), "the PNG ends early"),
      (frame(40, 41, movement: 0), "40 x 41 pixels where the clip's first frame has 40 x 40"),
    ] as [([UInt8], String)])
  func brokenFrame(bytes: [UInt8], what: String) throws {
    let folder = try folder()
    try folder.write(bytes, to: "set/S02/anger/anger-1/img3.png")
    let refusal = folder.refusal()
    #expect(refusal?.contains("/set/S02/anger/anger-1/img3.png: ") == true && refusal?.contains(what) == true)
  }

  @Test("one frame where two are needed is refused")
  func oneFrame() throws {
    let folder = try folder()
    try folder.writeClip("set/S01/anger/lost", movement: [0])
    #expect(folder.refusal()?.contains("/set/S01/anger/lost: one frame where two are needed") == true)
    try folder.write("subject,label,clip,onset,apex,offset\nS01,anger,lost,1,2,3\n".utf8, to: "set/clips.csv")
    #expect(folder.refusal()?.contains("clips.csv, row 2: onset and offset differ, but S01/anger/lost has one") == true)
    try folder.write("subject,label,clip,onset,apex,offset\nS01,anger,lost,1,1,1\n".utf8, to: "set/clips.csv")
    #expect(folder.refusal() == nil)
  }

  @Test("a clip without images, a doubled clip, a doubled number and a name without one are refused")
  func clips() throws {
    let empty = try folder()
    try empty.write([1], to: "set/S01/anger/empty/notes.txt")
    #expect(empty.refusal()?.contains("/set/S01/anger/empty: no image in this clip") == true)
    let doubled = try folder()
    try doubled.writeClip("set/S01/happiness/anger-1", movement: [0, 1])
    #expect(doubled.refusal()?.contains("a second clip anger-1 of this subject (also S01/anger/anger-1)") == true)
    let number = try folder()
    try number.write(frame(movement: 0), to: "set/S01/anger/anger-1/img03.png")
    #expect(number.refusal()?.contains("frame 3 is there twice") == true)
    let name = try folder()
    try name.write(frame(movement: 0), to: "set/S01/anger/anger-1/apex.png")
    #expect(name.refusal()?.contains("apex.png: the name has no frame number") == true)
  }

  @Test("a name with a line end in it is refused in one line")
  func strangeName() throws {
    let folder = try folder()
    try folder.writeClip("set/S01/anger/a\nb", movement: [0, 1])
    let refusal = folder.refusal()
    #expect(refusal?.contains("S01/anger/a?b: the name is not plain UTF-8 text; rename it") == true)
    #expect(refusal?.contains("\n") == false)
  }

  @Test("impossible options and an unknown layout are refused")
  func options() throws {
    let folder = try folder()
    #expect(folder.refusal(side: 7) == "a side of 7 pixels; give 8 to 512")
    #expect(throws: ImportError.self) { try folder.prepareSet(frames: 2) }
    #expect(throws: ImportError.self) { try folder.prepareSet(threads: 0) }
    let error = #expect(throws: ImportError.self) { try Layout(named: "nosuch") }
    #expect(error?.description == "there is no layout \"nosuch\"; use one of: folders, flow-images")
    #expect(try Layout(named: "flow-images") == .flowImages)
  }
}
