// The recipe of a checkpoint: everything but the numbers that a prediction needs, and where the network comes from.
//
// One JSON object in the metadata of the file, read as strictly as a stage's description.

import Canonical
import ChebNet
import Clips
import Kernels
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
  static let keys = [
    "version", "numeric_class", "graphs", "structures", "network", "rows", "fusion", "transfer", "labels", "side",
    "frames", "has_magnitude", "statistics", "study", "configuration", "seed", "sets",
  ]

  let json: JSON
  /// The class with its revision.
  let numericClass: String
  let graphs: [GraphSpec]
  let structures: [StructureRecipe]
  let network: NetworkRecipe
  let rows: RowsRecipe
  let fusion: Fusion
  let transfer: Transfer
  /// What answers instead of the trained classifier; nil: the classifier.
  let head: HeadRecipe?
  /// The classes, in the order of the network's outputs.
  let labels: [String]
  /// Pixels along each side of the images.
  let side: Int
  /// The most frames that a clip of the target set stores.
  let frames: Int
  /// Between which frames the target set's flow was computed; in the file only where it is not from the onset.
  let flow: FlowPairs
  /// Whether the target set's flow is in pixels.
  let hasMagnitude: Bool
  let statistics: ChannelStatistics
  let studyName: String
  let studyDigest: Digest
  /// The digests of the sets that trained it.
  let sets: [String: Digest]

  /// Reads a recipe.
  init(_ json: JSON) throws(StageError) {
    let fields = try Fields(json, path: "recipe", keys: Self.keys, optional: ["flow", "head"])
    flow = fields.members["flow"] == nil ? .onset : try fields.choice("flow")
    guard try fields.integer("version", in: 0...Int.max) == 1 else {
      throw .description("recipe.version is not 1, the only one that this program reads")
    }
    self.json = json
    numericClass = try fields.text("numeric_class")
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
    labels = try fields.texts("labels")
    side = try fields.integer("side", in: graphs[0].side...graphs[0].side)
    frames = try fields.integer("frames", in: 0...10_000)
    hasMagnitude = try fields.bool("has_magnitude")
    let statistics = fields.members["statistics"]
    self.statistics =
      statistics == .null
      ? ChannelStatistics() : try ChannelStatistics(statistics, path: fields.place("statistics"))
    let study = try Fields(fields.members["study"], path: fields.place("study"), keys: ["name", "digest"])
    studyName = try study.text("name")
    studyDigest = try study.digest("digest")
    _ = try fields.text("configuration")
    _ = try fields.integer("seed", in: 0...Int.max)
    var sets: [String: Digest] = [:]
    for (name, value) in fields.members["sets"]?.object ?? [:] {
      sets[name] = try Fields.digest(value, place: "recipe.sets.\(name)")
    }
    self.sets = sets
    guard labels.count >= 2, rows.normalisation != .training || statistics != .null else {
      throw .description("recipe must hold two labels or more, and statistics where rows.normalisation is training")
    }
    guard !transfer.readsFeatures || transfer == .frozen || network.dense != nil else {
      throw .description("recipe.network.dense must be a width where recipe.transfer is features")
    }
  }
}
