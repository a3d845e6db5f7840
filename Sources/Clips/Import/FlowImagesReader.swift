// Layout `flow-images`:
//
//     ROOT/annotation.csv     subject,clip,label,onset_apex,apex_offset; the last two are paths below ROOT
//     ROOT/images/…           square colour images of one size: red, green, blue = u, v, strain on 0…255
//
// This is how flow of sets whose faces may not be passed on is published (each image scaled by itself, so it has no
// magnitude). Values are stored as they are read; only the return row gets its sign: −u, −v.

import Canonical

/// Reads the annotation.
enum FlowImagesReader {
  static let columns = ["subject", "clip", "label", "onset_apex", "apex_offset"]

  static func read(root: String, options: PrepareOptions) throws(ImportError) -> ClipSources {
    _ = try FolderEntry.all(in: root, remedy: "give the folder that holds annotation.csv")
    let path = "\(root)/annotation.csv"
    let table = try CSVTable(path: path, columns: columns)
    guard !table.rows.isEmpty else {
      throw .input(path: path, row: nil, what: "it names no clip", remedy: "add a row for each clip")
    }
    var clips: [ClipSource] = []
    var first: [[String]: Int] = [:]
    for row in table.rows {
      let clip = try source(table, row, root: root, path: path)
      if let other = first.updateValue(row.number, forKey: [clip.subject, clip.name]) {
        throw .input(
          path: path, row: row.number,
          what: "a second clip \(clip.name) of subject \(clip.subject) (also row \(other))",
          remedy: "rename one: a clip's name is unique within its subject")
      }
      clips.append(clip)
    }
    let skipped = table.columns.filter { !columns.contains($0) }.map {
      ImportReport.Skip(path: "annotation.csv", why: "the column \"\($0)\" is not read")
    }
    return ClipSources(clips: clips, skipped: skipped, side: try side(of: clips[0], options))
  }

  private static func source(
    _ table: CSVTable, _ row: CSVTable.Row, root: String, path: String
  ) throws(ImportError) -> ClipSource {
    for column in columns where !isPlainText(table.field(column, of: row)) {
      throw .input(
        path: path, row: row.number, what: "\(column) is empty or holds control characters", remedy: "fill it in")
    }
    var images: [String] = []
    for column in ["onset_apex", "apex_offset"] {
      let image = table.field(column, of: row)
      guard !image.hasPrefix("/"), !image.split(separator: "/").contains("..") else {
        throw .input(
          path: path, row: row.number, what: "\(column) \"\(image)\" leads out of the folder",
          remedy: "write a path below it")
      }
      do {
        _ = try InputFile(path: "\(root)/\(image)")
      } catch {
        throw .input(
          path: path, row: row.number, what: "the image \(image) cannot be read: \(error.why)",
          remedy: "add it or remove the row")
      }
      images.append("\(root)/\(image)")
    }
    return ClipSource(
      subject: table.field("subject", of: row), label: table.field("label", of: row),
      name: table.field("clip", of: row),
      material: .flowImages(onsetApex: images[0], apexOffset: images[1], row: row.number))
  }

  /// The side that was asked for, or that of the first image.
  private static func side(of clip: ClipSource, _ options: PrepareOptions) throws(ImportError) -> Int {
    if let side = options.side { return side }
    guard case .flowImages(let path, _, _) = clip.material else { preconditionFailure("a clip of flow images") }
    let image = try ImageFile(path: path)
    guard (8...512).contains(image.width) else {
      throw .input(
        path: path, row: nil, what: "the image is \(image.width) pixels wide where 8 to 512 are allowed",
        remedy: "give --side, and the images are resized")
    }
    return image.width
  }
}
