// Graphs of a process: many stages of a plan share one graph, and making it takes longer than a small fit.
//
// A graph is a pure function of its description, so keeping it cannot change a result. At most eight are kept.

import SpectralGraph
import Synchronization

/// The graphs made last.
final class GraphCache: Sendable {
  static let shared = GraphCache()
  private static let limit = 8

  private struct Entry {
    let spec: GraphSpec
    let levels: Int
    let graph: GraphHierarchy
  }

  private let entries = Mutex<[Entry]>([])

  /// The graph of a description with this many coarsenings.
  func hierarchy(_ spec: GraphSpec, levels: Int) -> GraphHierarchy {
    if let found = entries.withLock({ $0.first { $0.spec == spec && $0.levels == levels } }) { return found.graph }
    let graph = GraphHierarchy(spec: spec, levels: levels)
    entries.withLock { entries in
      entries.append(Entry(spec: spec, levels: levels, graph: graph))
      if entries.count > Self.limit { entries.removeFirst() }
    }
    return graph
  }
}
