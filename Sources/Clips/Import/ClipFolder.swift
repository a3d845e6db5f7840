// One folder of frames as a clip, without a set around it: what `prepare` makes of SUBJECT/LABEL/CLIP when clips.csv
// does not name it.

extension PreparedSet {
  /// The clip of a folder, from its first to its last frame; the apex is found as the frame of largest flow.
  ///
  /// - Parameters:
  ///   - folder: images of aligned faces, in the order of the last number in their names.
  ///   - side: pixels of a side of the stored images, 8…512.
  ///   - frames: at most this many are stored, 3…1,000.
  ///   - flow: between which of them flow is computed.
  /// - Throws: `ImportError`.
  public convenience init(
    clipFolder folder: String, side: Int, frames: Int, flow: FlowPairs = .onset
  ) throws(ImportError) {
    let options = PrepareOptions(side: side, frames: frames, flow: flow, threads: 1)
    try options.check(.folders)
    let files = try FoldersReader.frames(inClip: folder).frames
    let name = folder.split(separator: "/").last.map(String.init) ?? folder
    let source = ClipSource(
      subject: "unknown", label: "unknown", name: name,
      material: files.count == 1 ? .still(files[0]) : .moving(frames: files, apex: nil))
    self.init(try LoadedClip(source, side: side, options: options), layout: .folders, side: side)
  }
}
