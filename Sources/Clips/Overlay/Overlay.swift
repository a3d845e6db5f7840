// A picture of predictions, for people: each clip in a row, as onset, apex, the flow between them and its scores.

/// One clip on the picture and what was said of it.
public struct OverlayClip {
  /// The set that holds it.
  public let set: PreparedSet
  /// Its place in the set.
  public let clip: Int
  /// What people call it.
  public let name: String
  /// The labels with their probabilities and scores.
  public let labels: [(name: String, probability: Float, score: Float)]
  /// The place of the predicted label.
  public let predicted: Int
  /// What must be known of it, such as that it trained the network; nil is nothing.
  public let note: String?

  /// A clip with its prediction.
  public init(
    set: PreparedSet, clip: Int, name: String, labels: [(name: String, probability: Float, score: Float)],
    predicted: Int, note: String?
  ) {
    self.set = set
    self.clip = clip
    self.name = name
    self.labels = labels
    self.predicted = predicted
    self.note = note
  }
}

/// Draws clips one below the other.
public struct Overlay {
  /// More rows than these nobody looks at.
  public static let clipLimit = 60
  private static let heading_px = 36

  private let clips: [OverlayClip]
  private let heading: String

  /// A picture of at most `clipLimit` clips, under a heading.
  /// - Precondition: at least one clip.
  public init(_ clips: [OverlayClip], heading: String) {
    precondition(!clips.isEmpty, "a picture of no clip")
    self.clips = Array(clips.prefix(Self.clipLimit))
    self.heading = heading
  }

  /// The picture as a PNG file.
  public var png: [UInt8] {
    let rows = clips.map { OverlayRow($0) }
    let width = rows.map(\.width).max() ?? 0
    var sheets = [SheetCanvas(width: width, height: Self.heading_px)]
    let text = SheetCanvas.shortened(heading, height: 10, width: width - 2 * OverlayRow.margin)
    sheets[0].text(text, x: OverlayRow.margin, y: 24, height: 10, colour: SheetCanvas.faint)
    sheets += rows.map { $0.drawn(width: width) }
    let height = sheets.reduce(0) { $0 + $1.height }
    // Rows are drawn apart: text costs a pass over its whole sheet.
    let planes = (0..<3).flatMap { channel in
      sheets.flatMap { $0.planes[channel * $0.width * $0.height..<(channel + 1) * $0.width * $0.height] }
    }
    return encodedPNG(planes: planes, width: width, height: height)
  }

  /// Writes the picture.
  /// - Throws: `ImportError` where the file cannot be written.
  public func write(to path: String) throws(ImportError) { try OutputFile.write(png, to: path) }
}

extension SheetCanvas {
  /// A text whose beginning was cut so that it fits: the end of a path says most.
  static func shortened(_ text: String, height: Double, width: Int) -> String {
    var rest = text
    while Self.width(of: rest, height: height) > width, rest.count > 6 { rest = ".." + rest.dropFirst(5) }
    return rest
  }
}
