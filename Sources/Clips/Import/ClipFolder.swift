// One folder of frames, or one video, as a clip without a set around it: what `prepare` makes of SUBJECT/LABEL/CLIP,
// with the onset, apex and offset that a row of clips.csv would give it, or without such a row.

/// Numbers of the frames that a clip begins with, is widest at and ends with; nil where they are not given.
public struct FrameNumbers: Equatable, Sendable {
  /// The first frame; nil is the first that there is.
  public let onset: Int?
  /// The frame of largest movement; nil, or the onset's number, is: to be found.
  public let apex: Int?
  /// The last frame; nil is the last that there is.
  public let offset: Int?

  /// None: the whole folder or video, its apex to be found.
  public static let none = FrameNumbers()

  private init() { (onset, apex, offset) = (nil, nil, nil) }

  /// Numbers as a person gives them.
  /// - Throws: `ImportError.request` where they are not in order.
  public init(onset: Int?, apex: Int?, offset: Int?) throws(ImportError) {
    self.onset = onset
    self.apex = apex
    self.offset = offset
    let given = [onset, apex, offset].compactMap { $0 }
    guard zip(given, given.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      let words = zip(["onset", "apex", "offset"], [onset, apex, offset]).compactMap { name, number in
        number.map { "\(name) \($0)" }
      }
      throw .request(what: words.joined(separator: ", "), remedy: "give numbers so that onset <= apex <= offset")
    }
  }

  /// Whether nothing was given.
  public var isEmpty: Bool { onset == nil && apex == nil && offset == nil }
}

extension PreparedSet {
  /// The clip of a folder; the apex, where none is given, is found as the frame of largest flow.
  ///
  /// - Parameters:
  ///   - folder: images of aligned faces, in the order of the last number in their names.
  ///   - side: pixels of a side of the stored images, 8…512.
  ///   - frames: at most this many are stored, 3…1,000.
  ///   - numbers: onset, apex and offset, as the names number them.
  ///   - flow: between which of the frames flow is computed.
  /// - Throws: `ImportError`.
  public convenience init(
    clipFolder folder: String, side: Int, frames: Int, numbers: FrameNumbers = .none, flow: FlowPairs = .onset
  ) throws(ImportError) {
    let options = PrepareOptions(side: side, frames: frames, flow: flow, threads: 1)
    try options.check(.folders)
    let files = try FoldersReader.frames(inClip: folder).frames
    func place(_ number: Int?, _ name: String, or fallback: Int) throws(ImportError) -> Int {
      guard let number else { return fallback }
      guard let place = files.firstIndex(where: { $0.number == number }) else {
        throw .input(
          path: folder, row: nil,
          what: "\(name) is frame \(number), and the folder has frames \(files[0].number) to "
            + "\(files[files.count - 1].number)", remedy: "correct the number or add the frame")
      }
      return place
    }
    let onset = try place(numbers.onset, "onset", or: 0)
    let offset = try place(numbers.offset, "offset", or: files.count - 1)
    let apex = try numbers.apex.map { number throws(ImportError) in try place(number, "apex", or: 0) }
    if let apex, !(onset...max(onset, offset)).contains(apex) { throw Self.apexOutside(numbers, folder) }
    let window = Array(files[onset...offset])
    let material: ClipSource.Material =
      window.count == 1
      ? .still(window[0]) : .moving(frames: window, apex: apex.flatMap { $0 == onset ? nil : $0 - onset })
    let source = ClipSource(subject: "unknown", label: "unknown", name: Self.name(folder), material: material)
    self.init(try LoadedClip(source, side: side, options: options), layout: .folders, side: side)
  }

  /// The clip of a video; frames are numbered from 1. Otherwise as a folder of its frames.
  /// - Throws: `ImportError`: no video, one that ends early or is too long, numbers that it does not have.
  public convenience init(
    video: String, side: Int, frames: Int, numbers: FrameNumbers = .none, flow: FlowPairs = .onset
  ) throws(ImportError) {
    let options = PrepareOptions(side: side, frames: frames, flow: flow, threads: 1)
    try options.check(.folders)
    let source = ClipSource(
      subject: "unknown", label: "unknown", name: Self.name(video),
      material: .video(try VideoFile(path: video), numbers))
    self.init(try LoadedClip(source, side: side, options: options), layout: .folders, side: side)
  }

  /// Whether a path is that of a video, or is meant to be: by its first bytes, or by its name.
  public static func isVideo(_ path: String) -> Bool { VideoFile.isMeant(by: path) }

  private static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// Numbers may be in order and still leave the apex outside, where only some of them are given.
  static func apexOutside(_ numbers: FrameNumbers, _ path: String) -> ImportError {
    .input(
      path: path, row: nil, what: "apex is frame \(numbers.apex ?? 0), outside onset to offset",
      remedy: "correct the number")
  }
}
