// Two readings that are settled when a study is read: numbers of frames by branch, and pools as steps or as sizes.

extension RowParameters {
  /// The rows of one branch, with its number of frames.
  func only(_ branch: Branch) -> RowParameters {
    var rows = self
    rows.branches = [branch]
    if branch == .temporal { rows.frames = temporalFrames ?? frames }
    rows.temporalFrames = nil
    return rows
  }
}

/// How s of Table I is read.
enum PoolingWords: String, CaseIterable {
  /// Coarsening steps: 2 pools by 4.
  case steps
  /// Sizes of pools: 2 pools by 2.
  case sizes

  var limits: ClosedRange<Int> { self == .steps ? 0...6 : 1...64 }

  /// The coarsenings of a number; nil where it is no size of a pool.
  func steps(_ value: Int) -> Int? {
    guard self == .sizes else { return value }
    return value > 0 && value & (value - 1) == 0 ? value.trailingZeroBitCount : nil
  }
}

extension NodeReader {
  /// The width of a layer, or nil where the study says `none`.
  mutating func widthOrNone(_ key: String, or fallback: Int?) throws(StudyError) -> Int? {
    switch node(key) {
    case nil: return fallback
    case .scalar("none", _, _)?: return nil
    default: return try whole(key, in: 1...8192)
    }
  }
}
