// The matching of one level.

extension Coarsening {
  /// The cluster of every node; clusters are numbered in the order of their lower nodes.
  public static func match(_ graph: WeightedGraph) -> [Int32] {
    let degrees = graph.degrees
    var partner = [Int32](repeating: -1, count: graph.nodes)
    let order = (0..<graph.nodes).sorted { (degrees[$0], $0) < (degrees[$1], $1) }
    for node in order where partner[node] < 0 {
      if let best = bestPartner(of: node, graph, degrees, partner) { pair(node, best, &partner) }
    }
    for node in 0..<graph.nodes where partner[node] < 0 { rescue(node, graph, degrees, &partner) }
    return clusters(of: partner)
  }

  /// The free neighbour of the largest normalised cut; the lower index within rounding.
  private static func bestPartner(
    of node: Int, _ graph: WeightedGraph, _ degrees: [Double], _ partner: [Int32], except excluded: Int = -1
  ) -> Int? {
    var best: Int?
    var top = 0.0
    for edge in graph.edges(of: node) {
      let other = Int(graph.column[edge])
      if partner[other] >= 0 || other == excluded { continue }
      let cut = graph.weight[edge] * (1 / degrees[node] + 1 / degrees[other])
      if cut > top + 1e-12 {
        top = cut
        best = other
      }
    }
    return best
  }

  /// Pairs a single node with a neighbour whose partner has another free neighbour.
  private static func rescue(_ node: Int, _ graph: WeightedGraph, _ degrees: [Double], _ partner: inout [Int32]) {
    for edge in graph.edges(of: node) {
      let neighbour = Int(graph.column[edge])
      let left = Int(partner[neighbour])
      guard left >= 0, let other = bestPartner(of: left, graph, degrees, partner, except: node) else { continue }
      pair(node, neighbour, &partner)
      pair(left, other, &partner)
      return
    }
  }

  private static func pair(_ first: Int, _ second: Int, _ partner: inout [Int32]) {
    partner[first] = Int32(second)
    partner[second] = Int32(first)
  }

  private static func clusters(of partner: [Int32]) -> [Int32] {
    var cluster = [Int32](repeating: -1, count: partner.count)
    var next: Int32 = 0
    for node in partner.indices where cluster[node] < 0 {
      cluster[node] = next
      if partner[node] >= 0 { cluster[Int(partner[node])] = next }
      next += 1
    }
    return cluster
  }
}
