// Folders and tables of the two layouts.

import Foundation
import TestSupport

extension BadInput {
  private static let flow = "prepare --layout flow-images --root set --out x.set"
  private static let folders = "prepare --layout folders --root set --out x.set"
  private static let table = "set/annotation.csv"

  /// Replaces text in the annotation of flow images.
  private static func edit(_ old: String, _ new: String) -> @Sendable (TemporaryFolder) throws -> Void {
    { try $0.replace(old, by: new, in: table) }
  }

  /// A set of layout `folders` in place of the flow images: two subjects with a clip of three frames, and a table.
  private static func clips(
    rows: String? = nil, header: String = "subject,label,clip,onset,apex,offset",
    spoil: @escaping @Sendable (TemporaryFolder) throws -> Void = { _ in }
  ) -> @Sendable (TemporaryFolder) throws -> Void {
    { folder in
      try FileManager.default.removeItem(atPath: folder.file("set"))
      for (subject, label) in [("S1", "joy"), ("S2", "joy"), ("S3", "anger")] {
        for frame in 1...3 {
          let picture = TinyPNG.bytes(16, 16) { x, y in (UInt8(9 * x + 20 * frame), UInt8(9 * y), UInt8(x * y)) }
          try folder.write(picture, to: "set/\(subject)/\(label)/c1/\(frame).png")
        }
      }
      if let rows { try folder.write("\(header)\n\(rows)\n".utf8, to: "set/clips.csv") }
      try spoil(folder)
    }
  }

  private static func remove(_ paths: String...) -> @Sendable (TemporaryFolder) throws -> Void {
    let names = paths
    return { folder in for name in names { try FileManager.default.removeItem(atPath: folder.file(name)) } }
  }

  static let layouts: [BadInput] =
    places + annotations + [
      BadInput("a broken number", folders, "clips.csv, row 2", "apex is \"x\"", spoil: clips(rows: "S1,joy,c1,1,x,3")),
      BadInput(
        "a number that is too large", folders, "row 2", "onset",
        spoil: clips(rows: "S1,joy,c1,99999999999999999999,2,3")),
      BadInput("a frame that is not there", folders, "row 2", "frame 9", spoil: clips(rows: "S1,joy,c1,1,2,9")),
      BadInput("an apex before its onset", folders, "row 2", "onset <= apex", spoil: clips(rows: "S1,joy,c1,3,2,1")),
      BadInput("a row without its clip", folders, "row 2", "no clip S1/joy/c9", spoil: clips(rows: "S1,joy,c9,1,2,3")),
      BadInput(
        "a clip table without a column", folders, "\"offset\" is missing",
        spoil: clips(rows: "S1,joy,c1,1,2", header: "subject,label,clip,onset,apex")),
      BadInput(
        "a clip without frames", folders, "set/S1/joy/c1", "no image",
        spoil: clips(spoil: remove("set/S1/joy/c1/1.png", "set/S1/joy/c1/2.png", "set/S1/joy/c1/3.png"))),
      BadInput(
        "one frame where two are needed", folders, "set/S1/joy/c1", "one frame where two",
        spoil: clips(spoil: remove("set/S1/joy/c1/2.png", "set/S1/joy/c1/3.png"))),
      BadInput(
        "one frame of an annotated clip", folders, "row 2", "one frame where two",
        spoil: clips(rows: "S1,joy,c1,1,2,3", spoil: remove("set/S1/joy/c1/2.png", "set/S1/joy/c1/3.png"))),
      BadInput(
        "an empty frame", folders, "set/S2/joy/c1/2.png", "empty",
        spoil: clips { try $0.write([], to: "set/S2/joy/c1/2.png") }),
    ]

  private static let places: [BadInput] = [
    BadInput("missing root", "prepare --layout folders --root none --out x.set", "none: there is no such folder"),
    BadInput("a file for a root", "prepare --layout folders --root study.yaml --out x.set", "study.yaml", "a folder"),
    BadInput("an empty folder", folders, "set: no clip", "SUBJECT/LABEL/CLIP") { folder in
      try remove("set")(folder)
      try FileManager.default.createDirectory(atPath: folder.file("set"), withIntermediateDirectories: false)
    },
    BadInput("flow images without an annotation", flow, "set/annotation.csv", "no such file", spoil: remove(table)),
    BadInput(
      "a place that is not there", "prepare --layout flow-images --root set --out no/x.set", "no/x.set", "make it"),
    BadInput("a folder for an output", "prepare --layout flow-images --root set --out set", "set cannot be written"),
    BadInput("a drawing where one is", "synthesize --out set --subjects 2", "set/micro: is there already") { folder in
      try folder.write("x".utf8, to: "set/micro/notes.txt")
    },
    BadInput("a picture that has no place", "inspect ok.set --montage no/x.png", "no/x.png cannot be written"),
  ]

  private static let annotations: [BadInput] = [
    BadInput(
      "a row without its file", flow, "row 9", "images/s2-surprise-1b.png", "no such file",
      spoil: remove("set/images/s2-surprise-1b.png")),
    BadInput("a folder for an image", flow, "row 9", "it is a folder") { folder in
      try remove("set/images/s2-surprise-1b.png")(folder)
      try FileManager.default.createDirectory(
        atPath: folder.file("set/images/s2-surprise-1b.png"), withIntermediateDirectories: false)
    },
    BadInput("a pipe for an image", flow, "row 9", "not a regular file") { folder in
      try remove("set/images/s2-surprise-1b.png")(folder)
      guard mkfifo(folder.file("set/images/s2-surprise-1b.png"), 0o600) == 0 else {
        throw TooLate(description: "no pipe")
      }
    },
    BadInput(
      "a missing column", flow, "\"label\" is missing", spoil: edit("subject,clip,label,", "subject,clip,lable,")),
    BadInput(
      "a row with a field too few", flow, "row 2: 4 fields", "5 columns", spoil: edit(",images/s1-happiness-0b.png", "")
    ),
    BadInput(
      "a row with a field too many", flow, "row 2: 6 fields",
      spoil: edit("-0b.png\nS1,happiness1", "-0b.png,more\nS1,happiness1")),
    BadInput(
      "an empty label", flow, "row 2", "label is empty", spoil: edit("S1,happiness0,happiness", "S1,happiness0,")),
    BadInput("a clip twice", flow, "row 3", "second clip", spoil: edit("S1,happiness1", "S1,happiness0")),
    BadInput(
      "a path out of the folder", flow, "row 2", "leads out", spoil: edit("images/s1-happiness-0a", "../images/a")),
    BadInput("an empty annotation", flow, "annotation.csv", "no header") { try $0.write([], to: table) },
    BadInput("an annotation without rows", flow, "no clip") { folder in
      try folder.write("subject,clip,label,onset_apex,apex_offset\n".utf8, to: table)
    },
    BadInput("a quote that is not closed", flow, "quote", spoil: edit("S1,happiness0,", "S1,\"happiness0,")),
    BadInput("an annotation that is not UTF-8", flow, "UTF-8") {
      try $0.write($0.bytes(table) + [0xFF, 0xFE], to: table)
    },
  ]
}
