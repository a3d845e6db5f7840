// One clip of the picture of predictions: pictures at the left, labelled bars at the right.

import Foundation

/// Lays out and draws one clip.
struct OverlayRow {
  static let margin = 24
  private static let gap = 18
  private static let tile = 224
  private static let title = 40
  private static let caption = 42
  private static let bars = 380
  private static let labelLimit = 10
  private static let accent: SheetCanvas.Colour = (27, 94, 168)
  private static let pale: SheetCanvas.Colour = (188, 196, 206)
  private static let edge: SheetCanvas.Colour = (150, 150, 150)
  private static let warning: SheetCanvas.Colour = (176, 58, 30)

  private let clip: OverlayClip
  private let pictures: [Picture]

  /// A picture with the words below it.
  private struct Picture {
    let planes: [UInt8]
    let caption: String
    var flow: UnsafeBufferPointer<Float>?
  }

  init(_ clip: OverlayClip) {
    self.clip = clip
    pictures = Self.pictures(of: clip)
  }

  /// The width that the row needs.
  var width: Int { 2 * Self.margin + pictures.count * (Self.tile + Self.gap) + Self.bars }

  /// The row on a sheet of its own, its bars at the right edge.
  func drawn(width: Int) -> SheetCanvas {
    var canvas = SheetCanvas(width: width, height: Self.title + Self.tile + Self.caption + Self.gap)
    canvas.fill(x: Self.margin, y: 0, width: width - 2 * Self.margin, height: 1, colour: Self.pale)
    let left = width - Self.margin - Self.bars
    let name = SheetCanvas.shortened(clip.name, height: 13, width: left - Self.margin - Self.gap)
    canvas.text(name, x: Self.margin, y: 28, height: 13, colour: SheetCanvas.ink)
    let answer = clip.labels[clip.predicted]
    let words = SheetCanvas.shortened(answer.name, height: 15, width: Self.bars - 90)
    let share = String(format: ", %.0f %%", 100 * answer.probability)
    canvas.text(words + share, x: left, y: 28, height: 15, colour: Self.accent)
    for (place, picture) in pictures.enumerated() {
      draw(picture, x: Self.margin + place * (Self.tile + Self.gap), on: &canvas)
    }
    drawBars(left: left, on: &canvas)
    return canvas
  }

  private func draw(_ picture: Picture, x: Int, on canvas: inout SheetCanvas) {
    canvas.draw(picture.planes, side: clip.set.side, x: x, y: Self.title, tile: Self.tile)
    if let flow = picture.flow {
      FlowArrows(flow, centred: !clip.set.hasMagnitude).draw(x: x, y: Self.title, tile: Self.tile, on: &canvas)
      let wheel = Self.tile / 6
      let corner = (x: x + Self.tile - wheel, y: Self.title + Self.tile - wheel)
      canvas.draw(FlowArrows.wheel, side: FlowArrows.wheelSide, x: corner.x, y: corner.y, tile: wheel)
      canvas.outline(x: corner.x, y: corner.y, width: wheel, height: wheel, colour: Self.pale)
    }
    canvas.outline(x: x, y: Self.title, width: Self.tile, height: Self.tile, colour: Self.edge)
    let caption = SheetCanvas.shortened(picture.caption, height: 9, width: Self.tile)
    canvas.text(caption, x: x, y: Self.title + Self.tile + 17, height: 9, colour: SheetCanvas.faint)
  }

  /// A bar for each label, the predicted one in colour; of many labels those with the largest probabilities.
  private func drawBars(left: Int, on canvas: inout SheetCanvas) {
    let ranked = clip.labels.indices.sorted {
      (-clip.labels[$0].probability, $0) < (-clip.labels[$1].probability, $1)
    }
    let shown = ranked.prefix(Self.labelLimit).sorted()
    let pitch = min(40, Self.tile / shown.count)
    let thick = max(10, pitch * 5 / 9)
    let names = min(120, shown.map { SheetCanvas.width(of: clip.labels[$0].name, height: 10) }.max() ?? 0)
    let start = left + names + 12
    let whole = Self.bars - names - 12 - 128
    for (row, place) in shown.enumerated() {
      let label = clip.labels[place]
      let y = Self.title + row * pitch
      let isPredicted = place == clip.predicted
      let name = SheetCanvas.shortened(label.name, height: 10, width: 120)
      canvas.text(
        name, x: left, y: y + thick / 2 + 5, height: 10, colour: isPredicted ? SheetCanvas.ink : SheetCanvas.faint)
      canvas.fill(x: start, y: y, width: whole, height: thick, colour: (238, 240, 243))
      canvas.fill(
        x: start, y: y, width: max(1, Int(Float(whole) * label.probability + 0.5)), height: thick,
        colour: isPredicted ? Self.accent : Self.pale)
      canvas.text(
        String(format: "%.1f %%", 100 * label.probability), x: start + whole + 8, y: y + thick / 2 + 5, height: 10,
        colour: SheetCanvas.ink)
      canvas.text(
        String(format: "(%.2f)", label.score), x: start + whole + 70, y: y + thick / 2 + 5, height: 9,
        colour: SheetCanvas.faint)
    }
    let more = ranked.count - shown.count
    let words = "probability, and mean log-probability" + (more > 0 ? "; \(more) labels below these" : "")
    let bottom = Self.title + Self.tile
    canvas.text(words, x: left, y: bottom + 17, height: 9, colour: SheetCanvas.faint)
    if let note = clip.note { canvas.text(note, x: left, y: bottom + 33, height: 9, colour: Self.warning) }
  }
}

// MARK: - Pictures of a clip

extension OverlayRow {
  private static func pictures(of clip: OverlayClip) -> [Picture] {
    let (set, index) = (clip.set, clip.clip)
    let prepared = set.clips[index]
    guard let apex = prepared.frames.firstIndex(where: { $0.role == .apex }) else {
      return prepared.flows.indices.map { place in
        let words = prepared.flows[place].isReturn ? "flow, apex to offset (turned)" : "flow, onset to apex"
        return flow(clip, place, caption: words)
      }
    }
    func frame(_ place: Int, _ words: String) -> Picture {
      let grey = Array(set.grey(clip: index, frame: place))
      return Picture(planes: grey + grey + grey, caption: words)
    }
    let number = prepared.frames[apex].number
    guard !prepared.still else { return [frame(apex, "still")] }
    var pictures = [
      frame(0, "onset, frame \(prepared.frames[0].number)"),
      frame(apex, "apex, frame \(number)" + (prepared.apexFound ? " (found)" : "")),
    ]
    if let place = prepared.flows.firstIndex(where: { !$0.isReturn && $0.to == number }) {
      let longest = FlowArrows(set.flow(clip: index, flow: place), centred: false).strength
      // A set may keep the flow between neighbours instead of that from the onset.
      let start = prepared.flows[place].from
      let between = start == prepared.frames[0].number ? "" : " \(start) to \(number)"
      let words = String(format: "flow%@, up to %.2f of %d pixels", between, longest, set.side)
      pictures.append(flow(clip, place, caption: words))
    }
    return pictures
  }

  private static func flow(_ clip: OverlayClip, _ place: Int, caption: String) -> Picture {
    let flow = clip.set.flow(clip: clip.clip, flow: place)
    return Picture(
      planes: FlowPicture(flow, centred: !clip.set.hasMagnitude).planes, caption: caption, flow: flow)
  }
}
