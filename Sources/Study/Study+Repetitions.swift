// Repeating a study over draws of its graphs: a list of graph seeds beside the list of seeds.
//
// A repetition is one number like any other seed, so that plans, reports and files need no second axis: s + 1,000,000 g
// is seed s with g added to the seed of every graph.

extension Study {
  /// What a graph seed is multiplied by in the number of a repetition.
  public static let graphSeedStride = 1_000_000

  /// Reads `graph_seeds`; nil where the study repeats its seeds alone.
  static func graphSeeds(
    _ reader: inout NodeReader, seeds: [Int], configurations: [Configuration]
  ) throws(StudyError) -> [Int]? {
    guard let nodes = try reader.elements("graph_seeds") else { return nil }
    var graphSeeds: [Int] = []
    for node in nodes { graphSeeds.append(try reader.whole(node, "graph_seeds", in: 0...2000)) }
    guard Set(graphSeeds).count == graphSeeds.count else { throw reader.error("graph_seeds", "each graph seed once") }
    guard seeds.allSatisfy({ $0 < graphSeedStride }) else {
      throw reader.error("graph_seeds", "seeds below \(graphSeedStride) are needed beside graph seeds")
    }
    guard configurations.contains(where: { $0.values.graphs.contains { $0.stochastic > 0 } }) else {
      throw reader.error("graph_seeds", "no graph draws neighbours (stochastic: 0), so its seed changes nothing")
    }
    return graphSeeds.sorted()
  }

  /// The number of each repetition, ascending.
  static func repetitions(seeds: [Int], graphSeeds: [Int]?) -> [Int] {
    (graphSeeds ?? [0]).flatMap { graph in seeds.map { $0 + graph * graphSeedStride } }
  }

  /// The parameters and the seed of a repetition. Graphs that draw nothing keep their seed, so that they stay one.
  func repetition(_ number: Int, of values: Parameters) -> (values: Parameters, seed: Int) {
    guard graphSeeds != nil else { return (values, number) }
    var values = values
    for place in values.graphs.indices where values.graphs[place].stochastic > 0 {
      values.graphs[place].seed += number / Self.graphSeedStride
    }
    return (values, number % Self.graphSeedStride)
  }

  /// What a reader of the numbers must know.
  var graphSeedNotes: [String] {
    guard let graphSeeds, graphSeeds != [0] else { return [] }
    let list = graphSeeds.map(String.init).joined(separator: ", ")
    return [
      "graph_seeds \(list): seed g · \(Self.graphSeedStride) + s is seed s with g added to the seed of every graph"
    ]
  }
}
