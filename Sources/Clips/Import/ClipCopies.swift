// Clips that show the same thing under two names: the same pictures, or pictures that hardly differ.
//
// A copy under another subject's name leaks through every split by subject, and no comparison of names finds it. Copies
// within a subject (three frames of one sequence, say) leak through a split by clip only.

import Canonical

/// Two clips that are, or nearly are, copies.
public struct ClipCopy: Hashable, Sendable {
  /// `SUBJECT/CLIP`.
  public let clip: String
  /// `SUBJECT/CLIP` of the later one.
  public let other: String
  /// Whether a stored picture is the same in every byte; otherwise the pictures at their height hardly differ.
  public let isExact: Bool
  /// Whether the two stand under different subjects.
  public let isAcross: Bool
}

/// Looks for copies in a prepared set.
enum ClipCopies {
  /// Correlation of two small pictures above which their clips are near copies. Aligned faces of different people stay
  /// below 0.99; the same face with noise, or encoded anew, is above.
  static let alike: Float = 0.999
  /// Side of the small pictures that are compared.
  static let small = 16
  /// So many copies across subjects are reported, and as many within them.
  static let limit = 1_000

  /// Every pair, those across subjects first, then in the order of the clips.
  static func find(in set: PreparedSet) -> [ClipCopy] {
    var copies: (across: [ClipCopy], within: [ClipCopy]) = ([], [])
    var owners: [Digest: Int] = [:]
    let pictures = set.clips.indices.map { picture(of: $0, in: set) }
    for place in set.clips.indices {
      var exact: Set<Int> = []
      for digest in set.imageDigests(clip: place) {
        if let owner = owners[digest], owner != place { exact.insert(owner) } else { owners[digest] = place }
      }
      for other in 0..<place where exact.contains(other) || correlation(pictures[other], pictures[place]) > alike {
        let isAcross = set.clips[other].subject != set.clips[place].subject
        let copy = ClipCopy(
          clip: name(set.clips[other]), other: name(set.clips[place]), isExact: exact.contains(other),
          isAcross: isAcross)
        if isAcross { copies.across.append(copy) } else { copies.within.append(copy) }
      }
    }
    return Array(copies.across.prefix(limit) + copies.within.prefix(limit))
  }

  private static func name(_ clip: PreparedClip) -> String { "\(clip.subject)/\(clip.name)" }

  /// The clip at its height, small: the apex frame, or u and v of its first flow where it has no frame; of mean 0 and
  /// length 1. Empty where it is flat.
  private static func picture(of place: Int, in set: PreparedSet) -> [Float] {
    let clip = set.clips[place]
    var values: [Float]
    if let frame = clip.frames.firstIndex(where: { $0.role == .apex }) ?? clip.frames.indices.first {
      let grey = set.grey(clip: place, frame: frame)
      values = shrunk(side: set.side) { Float(grey[$0]) }
    } else {
      let flow = set.flow(clip: place, flow: 0)
      let pixels = set.side * set.side
      values = shrunk(side: set.side) { flow[$0] } + shrunk(side: set.side) { flow[pixels + $0] }
    }
    let mean = values.reduce(0, +) / Float(values.count)
    for pixel in values.indices { values[pixel] -= mean }
    let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? values.map { $0 / length } : []
  }

  /// Means of equal parts, or the picture itself where it is small.
  private static func shrunk(side: Int, _ value: (Int) -> Float) -> [Float] {
    let cells = min(small, side)
    return (0..<cells * cells).map { cell in
      let (rows, columns) = (part(cell / cells, of: side, cells), part(cell % cells, of: side, cells))
      var sum: Float = 0
      for row in rows { for column in columns { sum += value(row * side + column) } }
      return sum / Float(rows.count * columns.count)
    }
  }

  private static func part(_ cell: Int, of side: Int, _ cells: Int) -> Range<Int> {
    cell * side / cells..<(cell + 1) * side / cells
  }

  private static func correlation(_ one: [Float], _ other: [Float]) -> Float {
    guard one.count == other.count else { return 0 }
    return zip(one, other).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
