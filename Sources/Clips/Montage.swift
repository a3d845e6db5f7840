// A contact sheet of a prepared set, for people: one row per label, a few subjects side by side, each clip as
// onset, apex and the flow between them. It is the quickest look at whether an import went right.
//
// Flow is drawn as a colour wheel: the hue is the direction (red right, green-yellow down, cyan left, violet up), the
// strength is the length, white where nothing moves. Flow images without magnitude have no zero either: the median of
// u and v stands for it, since most of a face rests.

import COpenCV

/// Writes a contact sheet as PNG.
/// - Parameters:
///   - set: The prepared set.
///   - path: The file to write; replaced where it is there.
///   - subjects: At most this many clips in a row, each of another subject, 1…12.
///   - tile_px: The side of a picture on the sheet, 48…256.
/// - Throws: `ImportError` where an option is impossible or the file cannot be written.
public func montage(set: PreparedSet, to path: String, subjects: Int = 4, tile_px: Int = 112) throws(ImportError) {
  guard (1...12).contains(subjects), (48...256).contains(tile_px) else {
    throw .request(
      what: "\(subjects) subjects with pictures of \(tile_px) pixels", remedy: "give 1 to 12 and 48 to 256")
  }
  let sheet = ContactSheet(set: set, subjects: subjects, tile: tile_px)
  try OutputFile.write(sheet.png, to: path)
}

/// Lays out and draws the sheet.
struct ContactSheet {
  private let set: PreparedSet
  private let tile: Int
  private let rows: [(label: String, clips: [Int])]
  private let pictures: Int
  private var canvas: SheetCanvas

  private static let gap = 4
  private static let heading = 34
  private static let caption = 18

  init(set: PreparedSet, subjects: Int, tile: Int) {
    self.set = set
    self.tile = tile
    // Labels beyond 40 would make a sheet that nobody looks at.
    rows = set.labels.prefix(40).map { ($0, Self.choose(label: $0, of: set, count: subjects)) }
    pictures = set.layout == .flowImages ? 2 : set.clips.allSatisfy(\.still) ? 1 : 3
    let columns = rows.map(\.clips.count).max() ?? 0
    let margin = rows.map { SheetCanvas.width(of: $0.label, height: 12) }.max() ?? 0
    let left = margin + 4 * Self.gap
    let clip = max(pictures * (tile + Self.gap), 90) + 3 * Self.gap
    canvas = SheetCanvas(
      width: max(left + columns * clip + Self.gap, 560),
      height: Self.heading + rows.count * (tile + Self.caption + 2 * Self.gap) + 2 * Self.gap)
    drawHeading(left: left)
    for (row, content) in rows.enumerated() {
      let top = Self.heading + row * (tile + Self.caption + 2 * Self.gap)
      canvas.text(content.label, x: 2 * Self.gap, y: top + tile / 2 + 6, height: 12, colour: SheetCanvas.ink)
      for (column, clip) in content.clips.enumerated() {
        draw(set.clips[clip], index: clip, x: left + column * self.clipWidth, y: top)
      }
    }
  }

  var png: [UInt8] { encodedPNG(planes: canvas.planes, width: canvas.width, height: canvas.height) }

  private var clipWidth: Int { max(pictures * (tile + Self.gap), 90) + 3 * Self.gap }

  /// The first clip of each subject that has this label; then second clips, until there are `count`.
  private static func choose(label: String, of set: PreparedSet, count: Int) -> [Int] {
    var taken: [String: Int] = [:]
    let ranked = set.clips.indices.filter { set.clips[$0].label == label }.map { index in
      let rank = taken[set.clips[index].subject, default: 0]
      taken[set.clips[index].subject] = rank + 1
      return (rank: rank, index: index)
    }
    return ranked.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }.prefix(count).map(\.index)
  }

  private mutating func drawHeading(left: Int) {
    let parts =
      switch pictures {
      case 1: "stills"
      case 2: "flow onset to apex, return flow (sign turned)"
      default: "onset, apex, flow between them"
      }
    let text = "\(set.clips.count) clips, \(set.subjects.count) subjects, \(set.side) x \(set.side): \(parts)"
    canvas.text(text, x: 2 * Self.gap, y: 22, height: 11, colour: SheetCanvas.ink)
  }

  private mutating func draw(_ clip: PreparedClip, index: Int, x: Int, y: Int) {
    for (place, picture) in self.pictures(of: clip, index: index).enumerated() {
      canvas.draw(picture, side: set.side, x: x + place * (tile + Self.gap), y: y, tile: tile)
    }
    let room = clipWidth - 2 * Self.gap
    var caption = "\(clip.subject) \(clip.name)"
    while SheetCanvas.width(of: caption, height: 8) > room, caption.count > 4 {
      caption = String(caption.dropLast(3)) + ".."
    }
    canvas.text(caption, x: x, y: y + tile + 13, height: 8, colour: SheetCanvas.faint)
  }

  /// Colour planes (side²·3 bytes each) of a clip's pictures.
  private func pictures(of clip: PreparedClip, index: Int) -> [[UInt8]] {
    if set.layout == .flowImages {
      return clip.flows.indices.map { FlowPicture(set.flow(clip: index, flow: $0), centred: true).planes }
    }
    let apex = clip.frames.firstIndex { $0.role == .apex } ?? 0
    var pictures = (clip.still ? [apex] : [0, apex]).map { frame in
      let grey = Array(set.grey(clip: index, frame: frame))
      return grey + grey + grey
    }
    let number = clip.frames[apex].number
    if let flow = clip.flows.firstIndex(where: { !$0.isReturn && $0.to == number }) {
      pictures.append(FlowPicture(set.flow(clip: index, flow: flow), centred: false).planes)
    }
    return pictures
  }
}
