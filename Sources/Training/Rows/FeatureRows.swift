// Rows of extracted features, as fused by a fit.
//
// `rows` (Eq. 5): one row for each row of each branch; the features of SGCN 1 and SGCN 2 side by side (Eq. 4).
// `features`: one row for each clip; the mean row of each branch, branches side by side.

import Canonical
import ChebNet
import Clips

/// Rows that come out of features files. The files' floats are kept once; a row says which of them stand in it. Means
/// are computed once, when the rows are joined.
struct FeatureRows: RowSource {
  /// Side by side in a row: the mean of some rows of one file.
  private struct Part {
    let file: Int
    let rows: [Int]
  }

  let width: Int
  let clipOfRow: [Int]
  private let files: [FeaturesFile]
  /// Each row, followed by its mirror where rows have mirrors; each part is one row of its file.
  private let rows: [[Part]]
  /// Rows of means, where the recipe wants means; else rows are copied from the files.
  private let means: [Float]
  private let sides: Int

  func write(row: Int, view: RowView, into target: UnsafeMutablePointer<Float>) {
    precondition(!view.mirrored || sides == 2, "these features hold no mirrored rows")
    precondition(view.isCentred, "features cannot be shifted")
    let number = row * sides + (view.mirrored ? 1 : 0)
    guard means.isEmpty else { return means.copy(width, from: number * width, to: target) }
    var place = target
    for part in rows[number] {
      let file = files[part.file]
      file.write(row: part.rows[0], into: place)
      place += file.width
    }
  }

  /// Joins features files for the clips of a selection.
  ///
  /// - Parameter files: the features of each graph, for each branch of the recipe.
  init(
    _ selection: ClipSelection, recipe: RowsRecipe, fusion: Fusion, files: [[FeaturesFile]]
  ) throws(StageError) {
    let sides = recipe.mirror ? 2 : 1
    var rows: [[Part]] = []
    var clipOfRow: [Int] = []
    for (position, clip) in selection.clips.enumerated() {
      let prepared = selection.set.clips[clip]
      var branches: [[[Part]]] = []
      var first = 0
      for (branch, files) in zip(recipe.branches, files) {
        let count = ImageRow.rows(of: prepared, recipe: recipe.only(branch)).count * sides
        var starts: [Int] = []
        for file in files { starts.append(try file.start(of: prepared.digest, name: selection.name(position))) }
        branches.append(
          (0..<count).map { row in
            starts.enumerated().map { Part(file: first + $0.offset, rows: [$0.element + row]) }
          })
        first += files.count
      }
      let joined = fusion == .rows ? branches.flatMap(\.self) : Self.means(branches, sides: sides)
      rows += joined
      clipOfRow += [Int](repeating: position, count: joined.count / sides)
    }
    let all = files.flatMap(\.self)
    self.files = all
    self.rows = rows
    self.clipOfRow = clipOfRow
    self.sides = sides
    width = rows.first.map { $0.reduce(0) { $0 + all[$1.file].width } } ?? 0
    means = fusion == .rows ? [] : rows.flatMap { parts in parts.flatMap { all[$0.file].mean(of: $0.rows) } }
  }

  /// The mean row of each branch, side by side; one for each side (as it is, mirrored).
  private static func means(_ branches: [[[Part]]], sides: Int) -> [[Part]] {
    (0..<sides).map { side in
      branches.flatMap { rows in
        let mine = stride(from: side, to: rows.count, by: sides).map { rows[$0] }
        return (mine.first ?? []).indices.map { graph in
          Part(file: mine[0][graph].file, rows: mine.flatMap { $0[graph].rows })
        }
      }
    }
  }
}

/// A features file with the rows of each clip.
struct FeaturesFile {
  private let floats: [Float]
  /// Floats of a row.
  let width: Int
  private let startOfClip: [Digest: Int]
  private let stage: Digest
  /// The subjects behind the checkpoint that made the features.
  let provenance: [String]

  /// Features of every clip of a selection that were computed just now.
  init(_ features: [Float], width: Int, recipe: RowsRecipe, selection: ClipSelection) {
    floats = features
    self.width = width
    stage = Digest(of: [])
    provenance = []
    var starts: [Digest: Int] = [:]
    var row = 0
    for clip in selection.clips.map({ selection.set.clips[$0] }) {
      starts[clip.digest] = row
      row += ImageRow.rows(of: clip, recipe: recipe).count * (recipe.mirror ? 2 : 1)
    }
    startOfClip = starts
  }

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

  /// The first row of a clip.
  func start(of clip: Digest, name: String) throws(StageError) -> Int {
    guard let start = startOfClip[clip] else {
      throw .artifact("the features of parent stage \(stage.short) do not hold \(name)")
    }
    return start
  }

  /// Copies one row.
  func write(row: Int, into target: UnsafeMutablePointer<Float>) { floats.copy(width, from: row * width, to: target) }

  /// The mean of some rows; of one row its own bits.
  func mean(of rows: [Int]) -> [Float] {
    if rows.count == 1 { return Array(floats[rows[0] * width..<(rows[0] + 1) * width]) }
    return (0..<width).map { column in
      let sum = rows.reduce(0.0) { $0 + Double(floats[$1 * width + column]) }
      return Float(sum / Double(rows.count))
    }
  }
}

extension [Float] {
  /// Copies `count` floats that begin at `start`.
  fileprivate func copy(_ count: Int, from start: Int, to target: UnsafeMutablePointer<Float>) {
    precondition(start >= 0 && start + count <= self.count, "a row of features lies in its file")
    withUnsafeBufferPointer { if let base = $0.baseAddress { target.update(from: base + start, count: count) } }
  }
}
