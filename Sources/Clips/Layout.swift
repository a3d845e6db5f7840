// The layouts that `prepare` reads. A new one is a case here, a reader in Import/ and a line in `clipSources`.

/// How clips lie on disk.
public enum Layout: String, CaseIterable, Sendable {
  /// Ours: `SUBJECT/LABEL/CLIP/frames…`, stills as `SUBJECT/LABEL/CLIP.png`, optional `clips.csv`.
  case folders
  /// `annotation.csv` and colour images whose red, green and blue are u, v and strain.
  case flowImages = "flow-images"

  /// The layout of this name.
  /// - Throws: `ImportError.request` that lists the names there are.
  public init(named name: String) throws(ImportError) {
    guard let layout = Layout(rawValue: name) else {
      let names = Layout.allCases.map(\.rawValue).joined(separator: ", ")
      throw .request(what: "there is no layout \"\(name)\"", remedy: "use one of: \(names)")
    }
    self = layout
  }
}

/// What `prepare` may be told.
public struct PrepareOptions: Hashable, Sendable {
  /// Pixels of a side of a stored image; nil: 64 for `folders`, the images' own for `flow-images`.
  public var side: Int?
  /// At most this many frames of a clip are stored; onset, apex and offset are always among them.
  public var frames: Int
  /// Between which frames flow is computed, of `folders`.
  public var flow: FlowPairs
  /// Clips computed at the same time. The result does not depend on it.
  public var threads: Int

  /// Options.
  /// - Parameters:
  ///   - side: 8…512, or nil for the layout's own.
  ///   - frames: 3…1,000.
  ///   - flow: other than `onset` for `folders` alone, since flow images come as they are.
  ///   - threads: 1 or more; more than 64 are no use and are not started.
  public init(side: Int? = nil, frames: Int = 10, flow: FlowPairs = .onset, threads: Int = 2) {
    self.side = side
    self.frames = frames
    self.flow = flow
    self.threads = threads
  }

  func check(_ layout: Layout) throws(ImportError) {
    guard flow == .onset || layout == .folders else {
      throw .request(
        what: "flow \(flow.rawValue) of \(layout.rawValue)", remedy: "leave --flow out: images of flow come as they are"
      )
    }
    if let side, !(8...512).contains(side) {
      throw .request(what: "a side of \(side) pixels", remedy: "give 8 to 512")
    }
    guard (3...1_000).contains(frames) else {
      throw .request(
        what: "\(frames) frames of a clip", remedy: "give 3 to 1000: onset, apex and offset are always stored")
    }
    guard threads >= 1 else {
      throw .request(what: "\(threads) threads", remedy: "give 1 or more")
    }
  }
}
