// Hierarchies as lists: what is kept is all of it, and lists that make no hierarchy are refused.

import SpectralGraph
import Testing

@Suite("Stored graph")
struct StoredGraphTests {
  private let graph = GraphHierarchy(
    spec: GraphSpec(side: 9, nearest: 4, stochastic: 2, thresholdSquared: 8, seed: 3), levels: 4)

  @Test("a hierarchy read from its lists is the hierarchy")
  func same() throws {
    let read = try GraphHierarchy(graph.stored)
    #expect(read.side == graph.side && read.levels.count == graph.levels.count)
    for (mine, theirs) in zip(read.levels, graph.levels) {
      #expect(mine.nodes == theirs.nodes && mine.lambdaMax == theirs.lambdaMax && mine.laplacian == theirs.laplacian)
      #expect(mine.positions == theirs.positions && mine.positionOf == theirs.positionOf)
      #expect(mine.nodeOf == theirs.nodeOf)
    }
    for level in 0...4 {
      for steps in 0...(4 - level) {
        #expect(read.children(from: level, steps: steps) == graph.children(from: level, steps: steps))
      }
    }
  }

  /// One list of one level, or the children of one step, changed.
  private func changed(level place: Int, _ list: String, _ change: (inout [Int32]) -> Void) -> StoredGraph {
    let stored = graph.stored
    var levels = stored.levels
    var children = stored.children
    let old = levels[place]
    var (order, entries, column, lambda) = (old.order, old.entries, old.column, old.lambdaMax)
    switch list {
    case "order": change(&order)
    case "entries": change(&entries)
    case "column": change(&column)
    case "children": change(&children[place])
    default: lambda = .nan
    }
    levels[place] = StoredGraph.Level(
      order: order, entries: entries, column: column, value: old.value, lambdaMax: lambda)
    return StoredGraph(side: stored.side, levels: levels, children: children)
  }

  @Test(
    "lists that make no hierarchy are refused", arguments: ["order", "entries", "column", "children", "lambda"],
    [0, 2])
  func refused(list: String, level: Int) {
    let changes: [(inout [Int32]) -> Void] = [
      { $0[1] = $0[0] }, { $0[0] = -1 }, { $0[0] = .max }, { $0.removeLast() }, { $0.append(1) }, { $0 = [] },
      { $0[0] += 1 },
    ]
    for (number, change) in changes.enumerated() {
      let spoilt = changed(level: level, list, change)
      guard spoilt != graph.stored else { continue }
      #expect(throws: StoredGraphError.self, "\(list) \(number)") { try GraphHierarchy(spoilt) }
    }
  }
}
