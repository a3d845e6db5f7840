// `clips.csv` of layout `folders`: onset, apex and offset of clips, in the frame numbers of their files.

import Canonical

/// What a row says about a clip.
struct ClipAnnotation: Equatable {
  let onset: Int
  /// Nil: to be found.
  let apex: Int?
  let offset: Int
  let row: Int
}

/// The rows of clips.csv by clip.
struct ClipAnnotations {
  static let columns = ["subject", "label", "clip", "onset", "apex", "offset"]

  let path: String
  private var byClip: [[String]: ClipAnnotation] = [:]
  /// In the order of the file, so that the first wrong row is the one that is named.
  private var clips: [(key: [String], row: Int)] = []

  init(path: String) throws(ImportError) {
    self.path = path
    let table = try CSVTable(path: path, columns: Self.columns)
    for row in table.rows {
      let key = ["subject", "label", "clip"].map { table.field($0, of: row) }
      let annotation = ClipAnnotation(
        onset: try number("onset", table, row), apex: try apex(table, row), offset: try number("offset", table, row),
        row: row.number)
      try check(annotation)
      guard byClip.updateValue(annotation, forKey: key) == nil else {
        throw .input(
          path: path, row: row.number, what: "the clip \(key.joined(separator: "/")) a second time",
          remedy: "remove one row")
      }
      clips.append((key, row.number))
    }
  }

  subscript(clip: FoldersReader.FoundClip) -> ClipAnnotation? { byClip[[clip.subject, clip.label, clip.name]] }

  /// Refuses a row whose clip is not on disk.
  func refuseStrangers(to found: [FoldersReader.FoundClip]) throws(ImportError) {
    let known = Set(found.map { [$0.subject, $0.label, $0.name] })
    for (key, row) in clips where !known.contains(key) {
      throw .input(
        path: path, row: row, what: "there is no clip \(key.joined(separator: "/"))", remedy: "add it or remove the row"
      )
    }
  }

  private func number(_ column: String, _ table: CSVTable, _ row: CSVTable.Row) throws(ImportError) -> Int {
    let text = table.field(column, of: row)
    guard let value = Int(text), value >= 0 else {
      throw .input(
        path: path, row: row.number, what: "\(column) is \"\(text)\"", remedy: "write a frame number, such as 12")
    }
    return value
  }

  private func apex(_ table: CSVTable, _ row: CSVTable.Row) throws(ImportError) -> Int? {
    ["", "/"].contains(table.field("apex", of: row)) ? nil : try number("apex", table, row)
  }

  private func check(_ annotation: ClipAnnotation) throws(ImportError) {
    let apex = annotation.apex ?? annotation.onset
    guard annotation.onset <= apex, apex <= annotation.offset || annotation.apex == nil,
      annotation.onset <= annotation.offset
    else {
      let middle = annotation.apex.map { ", apex \($0)" } ?? ""
      throw .input(
        path: path, row: annotation.row, what: "onset \(annotation.onset)\(middle), offset \(annotation.offset)",
        remedy: "write them so that onset <= apex <= offset")
    }
  }
}

/// The frames of a clip from onset to offset.
struct FrameWindow {
  let material: ClipSource.Material

  init(
    _ clip: FoldersReader.FoundClip, root: String, annotation: ClipAnnotation?, table: String
  ) throws(ImportError) {
    guard let annotation else {
      material = clip.frames.count == 1 ? .still(clip.frames[0]) : .moving(frames: clip.frames, apex: nil)
      return
    }
    if clip.frames.count == 1, annotation.onset != annotation.offset {
      throw .input(
        path: table, row: annotation.row,
        what: "onset and offset differ, but \(clip.path) has one frame where two are needed",
        remedy: "add its frames or correct the row")
    }
    if clip.isStillFile {
      material = .still(clip.frames[0])
      return
    }
    let onset = try Self.place(annotation.onset, "onset", clip, annotation, table)
    let offset = try Self.place(annotation.offset, "offset", clip, annotation, table)
    let frames = Array(clip.frames[onset...offset])
    if onset == offset {
      material = .still(frames[0])
    } else {
      var apex: Int?
      // An apex that is the onset shows no movement: it stands for "not known".
      if let number = annotation.apex, number != annotation.onset {
        apex = try Self.place(number, "apex", clip, annotation, table) - onset
      }
      material = .moving(frames: frames, apex: apex)
    }
  }

  private static func place(
    _ number: Int, _ column: String, _ clip: FoldersReader.FoundClip, _ annotation: ClipAnnotation, _ table: String
  ) throws(ImportError) -> Int {
    guard let place = clip.frames.firstIndex(where: { $0.number == number }) else {
      let range =
        clip.frames.count == 1
        ? "\(clip.frames[0].number)" : "\(clip.frames[0].number) to \(clip.frames[clip.frames.count - 1].number)"
      throw .input(
        path: table, row: annotation.row,
        what: "\(column) is frame \(number), which \(clip.path) does not have (\(range))",
        remedy: "correct the number or add the frame")
    }
    return place
  }
}
