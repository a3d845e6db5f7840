// A hierarchy as plain lists: what a file keeps, so that a reader has neither eigenvalues nor matchings to compute.
//
// Nothing read is believed: the lists must make a hierarchy, or they are refused with the place that does not fit.

import Kernels

/// A hierarchy of graphs as lists.
public struct StoredGraph: Sendable, Equatable {
  /// One level, its nodes in coarsened order.
  public struct Level: Sendable, Equatable {
    /// The index of each node in the level's own graph; for level 0 its pixel.
    public let order: [Int32]
    /// How many entries each row of the rescaled Laplacian has.
    public let entries: [Int32]
    /// The column of each entry, row after row, ascending in each.
    public let column: [Int32]
    /// The value of each entry.
    public let value: [Float]
    /// The largest eigenvalue that rescaled it.
    public let lambdaMax: Double

    /// A level of these lists.
    public init(order: [Int32], entries: [Int32], column: [Int32], value: [Float], lambdaMax: Double) {
      self.order = order
      self.entries = entries
      self.column = column
      self.value = value
      self.lambdaMax = lambdaMax
    }
  }

  /// Pixels along each side of the image.
  public let side: Int
  /// Finest first.
  public let levels: [Level]
  /// For each step, how many children each node of the coarser level has: one or two.
  public let children: [[Int32]]

  /// A graph of these lists.
  public init(side: Int, levels: [Level], children: [[Int32]]) {
    self.side = side
    self.levels = levels
    self.children = children
  }
}

/// Why lists make no hierarchy: a few words.
public struct StoredGraphError: Error, Equatable, CustomStringConvertible {
  /// The words.
  public let description: String
}

extension GraphHierarchy {
  /// The hierarchy as lists.
  public var stored: StoredGraph {
    StoredGraph(
      side: side,
      levels: levels.map { level in
        let matrix = level.laplacian
        return StoredGraph.Level(
          order: level.nodeOf, entries: zip(matrix.rowStart.dropFirst(), matrix.rowStart).map { $0 - $1 },
          column: matrix.column, value: matrix.value, lambdaMax: level.lambdaMax)
      },
      children: firstChild.map { first in zip(first.dropFirst(), first).map { $0 - $1 } })
  }

  /// The hierarchy of these lists.
  /// - Throws: `StoredGraphError` where they make none.
  public init(_ stored: StoredGraph) throws(StoredGraphError) {
    guard stored.levels.first?.order.count == stored.side * stored.side,
      stored.children.count == stored.levels.count - 1
    else { throw StoredGraphError(description: "its levels do not belong to \(stored.side) x \(stored.side) pixels") }
    var firstChild: [[Int32]] = []
    for (step, children) in stored.children.enumerated() {
      guard children.count == stored.levels[step + 1].order.count, children.allSatisfy({ $0 == 1 || $0 == 2 }),
        let first = Self.starts(children, ending: stored.levels[step].order.count)
      else { throw StoredGraphError(description: "its coarsening \(step + 1) does not join two levels") }
      firstChild.append(first)
    }
    let positionOf = try Self.positions(firstChild, coarsest: stored.levels[stored.levels.count - 1].order.count)
    var levels: [GraphLevel] = []
    for (place, level) in stored.levels.enumerated() {
      guard let matrix = Self.matrix(level), level.isOrdered, level.lambdaMax > 0, level.lambdaMax <= 2.001 else {
        throw StoredGraphError(description: "its level \(place) is no rescaled Laplacian")
      }
      levels.append(
        GraphLevel(
          nodes: level.order.count, laplacian: matrix, lambdaMax: level.lambdaMax, positions: positionOf[place].count,
          positionOf: positionOf[place].of, nodeOf: level.order))
    }
    self.init(side: stored.side, levels: levels, firstChild: firstChild)
  }

  /// 0 and the running sums of counts that are not negative; nil where they do not add up to `end`.
  private static func starts(_ counts: [Int32], ending end: Int) -> [Int32]? {
    var starts: [Int32] = [0]
    starts.reserveCapacity(counts.count + 1)
    var sum = 0
    for count in counts {
      sum += Int(count)
      guard count >= 0, sum <= end, sum <= Int(Int32.max) else { return nil }
      starts.append(Int32(sum))
    }
    return sum == end ? starts : nil
  }

  private static func matrix(_ level: StoredGraph.Level) -> SparseMatrix? {
    let nodes = level.order.count
    guard level.entries.count == nodes, level.column.count == level.value.count, level.value.allSatisfy(\.isFinite),
      let starts = starts(level.entries, ending: level.column.count)
    else { return nil }
    for row in 0..<nodes {
      var last: Int32 = -1
      for column in level.column[Int(starts[row])..<Int(starts[row + 1])] {
        guard column > last, column < nodes else { return nil }
        last = column
      }
    }
    return SparseMatrix(rows: nodes, columns: nodes, rowStart: starts, column: level.column, value: level.value)
  }

  /// How many positions each level has, and those of its nodes: children of position k stand at 2k and 2k + 1.
  private static func positions(
    _ firstChild: [[Int32]], coarsest: Int
  ) throws(StoredGraphError) -> [(count: Int, of: [Int32])] {
    var levels = [(count: coarsest, of: (0..<Int32(coarsest)).map { $0 })]
    for first in firstChild.reversed() {
      let (count, parents) = levels[levels.count - 1]
      guard 2 * count <= Int(Int32.max) else { throw StoredGraphError(description: "it has too many fake nodes") }
      var places: [Int32] = []
      for (parent, position) in parents.enumerated() {
        for rank in 0..<first[parent + 1] - first[parent] { places.append(2 * position + rank) }
      }
      levels.append((2 * count, places))
    }
    return levels.reversed()
  }
}

extension StoredGraph.Level {
  /// Whether the order names every node once.
  fileprivate var isOrdered: Bool {
    var seen = [Bool](repeating: false, count: order.count)
    for node in order {
      guard node >= 0, node < order.count, !seen[Int(node)] else { return false }
      seen[Int(node)] = true
    }
    return true
  }
}
