// Layout `folders`:
//
//     ROOT/SUBJECT/LABEL/CLIP/frames…     a clip: images in the order of the last number in their names
//     ROOT/SUBJECT/LABEL/CLIP.png         a still: a clip of one image
//     ROOT/clips.csv                      optional: subject,label,clip,onset,apex,offset in those numbers
//
// Images are of aligned faces; they are resized to a square, whatever their shape. Clips that clips.csv does not name
// run from their first to their last frame. An empty apex (or `/`, as CASME II has it) means: find it.
// One image in a folder is a still too, but only in a set where no clip moves: among moving clips it is most likely a
// clip whose frames were lost, and is refused. Hidden files are ignored; other files are passed over with a note.

/// Reads the folder tree.
struct FoldersReader {
  static let layoutRemedy = "lay clips out as SUBJECT/LABEL/CLIP/frames"
  static let frameLimit = 2_000

  let root: String
  var skipped: [ImportReport.Skip] = []
  var found: [FoundClip] = []

  /// A clip's files before the annotation is applied.
  struct FoundClip {
    let subject: String
    let label: String
    let name: String
    /// Below the root.
    let path: String
    let frames: [FrameFile]
    let isStillFile: Bool
  }

  static func read(root: String, options: PrepareOptions) throws(ImportError) -> ClipSources {
    var reader = FoldersReader(root: root)
    let hasTable = try reader.walk()
    try reader.refuseDuplicates()
    guard !reader.found.isEmpty else {
      throw .input(path: root, row: nil, what: "no clip was found in it", remedy: layoutRemedy)
    }
    let annotations = hasTable ? try ClipAnnotations(path: "\(root)/clips.csv") : nil
    try annotations?.refuseStrangers(to: reader.found)
    var clips: [ClipSource] = []
    for clip in reader.found {
      let window = try FrameWindow(clip, root: root, annotation: annotations?[clip], table: "\(root)/clips.csv")
      clips.append(
        ClipSource(subject: clip.subject, label: clip.label, name: clip.name, material: window.material))
    }
    try reader.refuseLostFrames(clips, annotations: annotations)
    return ClipSources(clips: clips, skipped: reader.skipped, side: options.side ?? 64)
  }
}

// MARK: - The tree

extension FoldersReader {
  /// Collects the clips; says whether there is a clips.csv.
  private mutating func walk() throws(ImportError) -> Bool {
    var hasTable = false
    for subject in try FolderEntry.all(in: root, remedy: "give the folder that holds the SUBJECT folders") {
      if subject.name == "clips.csv", subject.kind == .file {
        hasTable = true
      } else if subject.kind == .folder {
        try walkSubject(subject.name)
      } else {
        skip(subject.name, "not a SUBJECT folder")
      }
    }
    return hasTable
  }

  private mutating func walkSubject(_ subject: String) throws(ImportError) {
    let before = found.count
    for label in try FolderEntry.all(in: "\(root)/\(subject)", remedy: "make it readable") {
      if label.kind == .folder {
        try walkLabel(subject: subject, label: label.name)
      } else {
        skip("\(subject)/\(label.name)", "not a LABEL folder")
      }
    }
    if found.count == before { skip(subject, "no clip in it") }
  }

  private mutating func walkLabel(subject: String, label: String) throws(ImportError) {
    let before = found.count
    for clip in try FolderEntry.all(in: "\(root)/\(subject)/\(label)", remedy: "make it readable") {
      let path = "\(subject)/\(label)/\(clip.name)"
      if clip.kind == .folder {
        let frames = try frames(in: path)
        found.append(
          FoundClip(
            subject: subject, label: label, name: clip.name, path: path, frames: frames, isStillFile: false))
      } else if clip.kind == .file, isImageName(clip.name) {
        let stem = String(clip.name[..<(clip.name.lastIndex(of: ".") ?? clip.name.endIndex)])
        let frame = FrameFile(path: "\(root)/\(path)", number: frameNumber(of: clip.name) ?? 0)
        found.append(
          FoundClip(subject: subject, label: label, name: stem, path: path, frames: [frame], isStillFile: true))
      } else {
        skip(path, "neither a CLIP folder nor an image")
      }
    }
    if found.count == before { skip("\(subject)/\(label)", "no clip in it") }
    guard found.count <= SetFormat.clipLimit else {
      throw .input(path: root, row: nil, what: "more than \(SetFormat.clipLimit) clips", remedy: "split the set")
    }
  }

  private mutating func frames(in path: String) throws(ImportError) -> [FrameFile] {
    let (frames, others) = try Self.frames(inClip: "\(root)/\(path)")
    for name in others { skip("\(path)/\(name)", "not an image") }
    return frames
  }

  /// The frames of a clip's folder in the order of their numbers, and the names of what is no image.
  static func frames(inClip folder: String) throws(ImportError) -> (frames: [FrameFile], others: [String]) {
    var frames: [FrameFile] = []
    var others: [String] = []
    for entry in try FolderEntry.all(in: folder, remedy: "make it readable") {
      guard entry.kind == .file, isImageName(entry.name) else {
        others.append(entry.name)
        continue
      }
      guard let number = frameNumber(of: entry.name) else {
        throw .input(
          path: "\(folder)/\(entry.name)", row: nil, what: "the name has no frame number (1 to 15 digits)",
          remedy: "rename it")
      }
      frames.append(FrameFile(path: "\(folder)/\(entry.name)", number: number))
    }
    frames.sort { $0.number < $1.number }
    for (frame, next) in zip(frames, frames.dropFirst()) where frame.number == next.number {
      throw .input(
        path: next.path, row: nil, what: "frame \(next.number) is there twice (also \(frame.path))",
        remedy: "remove one")
    }
    guard !frames.isEmpty else {
      throw .input(path: folder, row: nil, what: "no image in this clip", remedy: "add its frames or remove the folder")
    }
    guard frames.count <= frameLimit else {
      throw .input(
        path: folder, row: nil, what: "\(frames.count) frames where \(frameLimit) are allowed",
        remedy: "keep those from onset to offset")
    }
    return (frames, others)
  }

  private mutating func skip(_ path: String, _ why: String) {
    skipped.append(ImportReport.Skip(path: path, why: why))
  }
}

// MARK: - Refusals about the whole

extension FoldersReader {
  private func refuseDuplicates() throws(ImportError) {
    var first: [[String]: String] = [:]
    for clip in found {
      if let other = first.updateValue(clip.path, forKey: [clip.subject, clip.name]) {
        throw .input(
          path: "\(root)/\(clip.path)", row: nil, what: "a second clip \(clip.name) of this subject (also \(other))",
          remedy: "rename one: a clip's name is unique within its subject")
      }
    }
  }

  private func refuseLostFrames(_ clips: [ClipSource], annotations: ClipAnnotations?) throws(ImportError) {
    let someMove = clips.contains { if case .moving = $0.material { true } else { false } }
    guard someMove else { return }
    for clip in found where clip.frames.count == 1 && !clip.isStillFile && annotations?[clip] == nil {
      throw .input(
        path: "\(root)/\(clip.path)", row: nil,
        what: "one frame where two are needed, since other clips of this set move",
        remedy: "add its frames, or put a still beside the folder as \(clip.name).png")
    }
  }
}
