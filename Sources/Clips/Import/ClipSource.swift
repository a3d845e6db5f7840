// What a layout's reader finds: where each clip's images are and what is known about them. Nothing is decoded yet.

/// An image file that is a frame.
struct FrameFile: Equatable, Sendable {
  let path: String
  /// The last run of digits of its name.
  let number: Int
}

/// A clip on disk.
struct ClipSource: Sendable {
  enum Material: Sendable {
    /// One image of an expression at its height.
    case still(FrameFile)
    /// Frames from onset to offset, ascending, at least two; the place of the apex where it is known.
    case moving(frames: [FrameFile], apex: Int?)
    /// A video, its frames numbered from 1; what is not given is its first or last frame, or is to be found.
    case video(VideoFile, FrameNumbers)
    /// Two images of flow and the row of the annotation that names them.
    case flowImages(onsetApex: String, apexOffset: String, row: Int)
  }

  let subject: String
  let label: String
  let name: String
  let material: Material

  /// The order of a set.
  static func precedes(_ left: ClipSource, _ right: ClipSource) -> Bool {
    if left.subject != right.subject { return left.subject.utf8.lexicographicallyPrecedes(right.subject.utf8) }
    return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
  }
}

/// All clips of a root, and what was passed over.
struct ClipSources {
  var clips: [ClipSource]
  var skipped: [ImportReport.Skip]
  /// Pixels of a side of the stored images.
  var side: Int

  /// Reads a root by its layout.
  init(layout: Layout, root: String, options: PrepareOptions) throws(ImportError) {
    switch layout {
    case .folders: self = try FoldersReader.read(root: root, options: options)
    case .flowImages: self = try FlowImagesReader.read(root: root, options: options)
    }
  }

  init(clips: [ClipSource], skipped: [ImportReport.Skip], side: Int) {
    self.clips = clips.sorted(by: ClipSource.precedes)
    self.skipped = skipped.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    self.side = side
  }
}

/// The last run of digits in a file's name without its ending: `reg_img46.jpg` is frame 46.
/// Nil where there is none, or one of more than 15 digits.
func frameNumber(of name: String) -> Int? {
  let stem = name.utf8.prefix(upTo: name.utf8.lastIndex(of: UInt8(ascii: ".")) ?? name.utf8.endIndex)
  let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
  guard let last = stem.lastIndex(where: isDigit) else { return nil }
  let digits = stem[...last].reversed().prefix(while: isDigit).reversed().drop { $0 == UInt8(ascii: "0") }
  guard digits.count <= 15 else { return nil }
  return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
}
