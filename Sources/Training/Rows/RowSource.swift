// Rows that a network can learn from, one at a time: images of clips, or extracted features of them.
//
// A source makes a row each time it is asked; `KeptBases` remembers what epochs need of them.

import Clips

/// Rows of a selection of clips.
package protocol RowSource {
  /// Numbers of a row.
  var width: Int { get }
  /// The clip of each row, as a position in the selection; ascending.
  var clipOfRow: [Int] { get }
  /// Writes a view of a row.
  func write(row: Int, view: RowView, into target: UnsafeMutablePointer<Float>)
}

/// Rows of images.
struct ImageRows: RowSource {
  let selection: ClipSelection
  let recipe: RowsRecipe
  let rows: [(position: Int, row: ImageRow)]
  let clipOfRow: [Int]
  var statistics = ChannelStatistics()
  private let reader: ImageReader

  /// Each row is planar: inputs × side² floats.
  var width: Int { recipe.inputs * reader.pixels }

  /// The rows of every clip of a selection.
  /// - Throws: `StageError.data` where a clip has no row, or a set cannot serve the rows asked for.
  init(_ selection: ClipSelection, recipe: RowsRecipe) throws(StageError) {
    self.selection = selection
    self.recipe = recipe
    reader = ImageReader(set: selection.set)
    if recipe.channels == .magnitude, recipe.branches.contains(.temporal), !selection.set.hasMagnitude {
      throw .data("this set's flow was scaled image by image, so it has no magnitude; use channels features or rows")
    }
    var rows: [(Int, ImageRow)] = []
    for (position, clip) in selection.clips.enumerated() {
      for branch in recipe.branches {
        let more = ImageRow.rows(of: selection.set.clips[clip], recipe: recipe.only(branch))
        guard !more.isEmpty else {
          throw .data(
            "\(selection.name(position)) has no \(branch == .spatial ? "frames" : "flow") for the "
              + "\(branch.rawValue) branch; leave that branch out or drop the clip")
        }
        rows += more.map { (position, $0) }
      }
    }
    self.rows = rows
    clipOfRow = rows.map(\.0)
  }

  /// Statistics of the rows that train, for normalisation by training rows.
  /// - Parameter watched: positions of clips that are only looked at.
  func measured(without watched: Set<Int>) -> ChannelStatistics {
    let rows = rows.filter { !watched.contains($0.position) }
    return ChannelStatistics(rows: rows.map { (selection.clips[$0.position], $0.row) }, reader: reader)
  }

  func write(row: Int, view: RowView, into target: UnsafeMutablePointer<Float>) {
    let (position, image) = rows[row]
    for (place, channel) in image.channels.enumerated() {
      let plane = UnsafeMutableBufferPointer(start: target + place * reader.pixels, count: reader.pixels)
      reader.read(
        channel, of: image.image, clip: selection.clips[position], view: view,
        normalisation: recipe.normalisation, statistics: statistics, into: plane)
    }
  }
}
