// Rows of extracted features, as fused by a fit.
//
// `rows` (Eq. 5): one row for each row of each branch; the features of SGCN 1 and SGCN 2 side by side (Eq. 4).
// `features`: one row for each clip; the mean row of each branch, branches side by side.

import Canonical
import ChebNet
import Clips

/// Rows that come out of features files.
struct FeatureRows: RowSource {
  let width: Int
  let clipOfRow: [Int]
  /// Each row, followed by its mirror where rows have mirrors: [rows · sides, width].
  private let values: [Float]
  private let sides: Int

  func write(row: Int, mirrored: Bool, into target: UnsafeMutablePointer<Float>) {
    precondition(!mirrored || sides == 2, "these features hold no mirrored rows")
    let start = (row * sides + (mirrored ? 1 : 0)) * width
    for place in 0..<width { target[place] = values[start + place] }
  }

  /// Joins features files for the clips of a selection.
  ///
  /// - Parameter files: the features of each graph, for each branch of the recipe.
  init(
    _ selection: ClipSelection, recipe: RowsRecipe, fusion: Fusion, files: [[FeaturesFile]]
  ) throws(StageError) {
    sides = recipe.mirror ? 2 : 1
    var values: [Float] = []
    var clipOfRow: [Int] = []
    var width = 0
    for (position, clip) in selection.clips.enumerated() {
      let place = selection.set.clips[clip]
      var branches: [[[Float]]] = []
      for (branch, files) in zip(recipe.branches, files) {
        let count = ImageRow.rows(of: place, recipe: recipe.only(branch)).count * (recipe.mirror ? 2 : 1)
        var parts: [[[Float]]] = []
        for file in files {
          parts.append(try file.rows(of: place.digest, count: count, name: selection.name(position)))
        }
        branches.append((0..<count).map { row in parts.flatMap { $0[row] } })
      }
      let joined = fusion == .rows ? branches.flatMap(\.self) : Self.means(branches, sides: sides)
      width = joined.first?.count ?? width
      for row in joined { values += row }
      clipOfRow += [Int](repeating: position, count: joined.count / sides)
    }
    self.values = values
    self.clipOfRow = clipOfRow
    self.width = width
  }

  /// The mean row of each branch, side by side; one for each side (as it is, mirrored).
  private static func means(_ branches: [[[Float]]], sides: Int) -> [[Float]] {
    (0..<sides).map { side in
      branches.flatMap { rows in
        let mine = stride(from: side, to: rows.count, by: sides).map { rows[$0] }
        let width = mine.first?.count ?? 0
        return (0..<width).map { column in
          Float(mine.reduce(0.0) { $0 + Double($1[column]) } / Double(mine.count))
        }
      }
    }
  }
}

/// A features file with the rows of each clip.
struct FeaturesFile {
  private let floats: [Float]
  private let width: Int
  private let startOfClip: [Digest: Int]
  private let stage: Digest
  /// The subjects behind the checkpoint that made the features.
  let provenance: [String]

  /// Opens the artifact of an extract stage.
  ///
  /// - Parameters:
  ///   - set: the set whose clips it holds.
  ///   - recipe: rows of the branch that was extracted; says how many rows each clip has.
  init(
    stage: Digest, context: StageContext, clipsByDigest: [Digest: Int], recipe: RowsRecipe, selection: ClipSelection
  ) throws(StageError) {
    let file = try context.artifact(of: stage)
    self.stage = stage
    provenance = try file.provenance()
    guard let tensor = try? file.tensor("features"), tensor.shape.count == 2, let text = file.metadata["clips"],
      let clips = (try? JSON(parsing: text.utf8))?.array
    else { throw .artifact("the artifact of parent stage \(stage.short) holds no features") }
    width = tensor.shape[1]
    floats = tensor.values
    var starts: [Digest: Int] = [:]
    var row = 0
    for clip in clips {
      guard let digest = clip.string.flatMap({ Digest(hex: $0) }), let place = clipsByDigest[digest] else {
        throw .artifact("the features of parent stage \(stage.short) hold a clip that the prepared set has not")
      }
      starts[digest] = row
      row += ImageRow.rows(of: selection.set.clips[place], recipe: recipe).count * (recipe.mirror ? 2 : 1)
    }
    guard row == tensor.shape[0] else {
      throw .artifact("the features of parent stage \(stage.short) have \(tensor.shape[0]) rows, \(row) are expected")
    }
    startOfClip = starts
  }

  /// The rows of one clip.
  func rows(of clip: Digest, count: Int, name: String) throws(StageError) -> [[Float]] {
    guard let start = startOfClip[clip] else {
      throw .artifact("the features of parent stage \(stage.short) do not hold \(name)")
    }
    return (start..<start + count).map { Array(floats[$0 * width..<($0 + 1) * width]) }
  }
}
