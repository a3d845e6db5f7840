// The recipe of a checkpoint: everything but the numbers that a prediction needs, and where the network comes from.
//
// One JSON object in the metadata of the file, read as strictly as a stage's description.

import Canonical
import ChebNet
import SpectralGraph

/// What a checkpoint says of a graph's lists.
struct StructureRecipe: Equatable {
  let lambdaMax: [Double]
  let digest: Digest

  init(_ value: JSON, path: String) throws(StageError) {
    let fields = try Fields(value, path: path, keys: ["lambda_max", "digest"])
    let elements = try fields.elements("lambda_max", count: 1...17)
    lambdaMax = elements.compactMap(\.value.number)
    digest = try fields.digest("digest")
    guard lambdaMax.count == elements.count else { throw .description("\(path).lambda_max must be numbers") }
  }
}

/// What a network predicts, from what, and how it was made.
struct PredictionRecipe: FittedNetwork {
  static let keys =
    PredictionFacts.keys + ["graphs", "structures", "network", "rows", "fusion", "transfer", "statistics"]

  let json: JSON
  let facts: PredictionFacts
  let graphs: [GraphSpec]
  let structures: [StructureRecipe]
  let network: NetworkRecipe
  let rows: RowsRecipe
  let fusion: Fusion
  let transfer: Transfer
  /// What answers instead of the trained classifier; nil: the classifier.
  let head: HeadRecipe?
  let statistics: ChannelStatistics

  /// Reads a recipe.
  init(_ json: JSON, path: String = "recipe") throws(StageError) {
    let fields = try Fields(json, path: path, keys: Self.keys, optional: PredictionFacts.optionalKeys + ["head"])
    self.json = json
    facts = try PredictionFacts(fields)
    graphs = try FitRecipe.graphs(fields)
    var structures: [StructureRecipe] = []
    for element in try fields.elements("structures", count: graphs.count...graphs.count) {
      structures.append(try StructureRecipe(element.value, path: element.place))
    }
    self.structures = structures
    network = try NetworkRecipe(fields.members["network"], path: fields.place("network"))
    rows = try RowsRecipe(fields.members["rows"], path: fields.place("rows"))
    fusion = try fields.choice("fusion")
    transfer = try fields.choice("transfer")
    head = try fields.members["head"].map { value throws(StageError) in
      try HeadRecipe(value, path: fields.place("head"))
    }
    _ = try fields.integer("side", in: graphs[0].side...graphs[0].side)
    let statistics = fields.members["statistics"]
    self.statistics =
      statistics == .null
      ? ChannelStatistics() : try ChannelStatistics(statistics, path: fields.place("statistics"))
    guard rows.normalisation != .training || statistics != .null else {
      throw .description("\(path).statistics must be there where rows.normalisation is training")
    }
    guard !transfer.readsFeatures || transfer == .frozen || network.dense != nil else {
      throw .description("\(path).network.dense must be a width where transfer is features")
    }
  }
}
