// One file that predicts by several networks and perhaps a ridge: the mean of their scores, as the report takes it.
//
// Tensors of network n have the names of its own checkpoint behind net{n}., those of the ridge stand behind ridge.

import Canonical
import ChebNet
import Clips

/// What a checkpoint that averages is made from.
public struct AverageParts {
  /// The networks, in the order of their means.
  public let networks: [CheckpointParts]
  /// The ridge; nil where none is averaged.
  public let ridge: AveragedRidge?
  /// Labels, numeric class (with its revision) and seed.
  public let asked: (labels: [String], numericClass: String, seed: Int)
  /// The set that all were trained on.
  public let target: PreparedSet
  /// The digests of all sets that trained them, by the study's names.
  public let sets: [String: Digest]
  /// The name and the digest of the study.
  public let study: (name: String, digest: Digest)
  /// The name of the configuration.
  public let configuration: String
  /// "set/subject" of who was held out; nobody where all were trained on everybody.
  public let heldOut: [String]

  /// The parts of a checkpoint that averages.
  /// - Precondition: a network or a ridge.
  public init(
    networks: [CheckpointParts], ridge: AveragedRidge?, asked: (labels: [String], numericClass: String, seed: Int),
    target: PreparedSet, sets: [String: Digest], study: (name: String, digest: Digest), configuration: String,
    heldOut: [String] = []
  ) {
    precondition(ridge != nil || !networks.isEmpty, "an average of nothing")
    self.networks = networks
    self.ridge = ridge
    self.asked = asked
    self.target = target
    self.sets = sets
    self.study = study
    self.configuration = configuration
    self.heldOut = heldOut
  }

  /// The bytes of the checkpoint: a safetensors file.
  ///
  /// Its metadata: "recipe" (see `AverageRecipe`), "subjects" and "held_out" as in a network's own checkpoint, and
  /// "stages", a JSON list of the digests of the fits.
  /// - Throws: `StageError` where an artifact is missing or another network's.
  public func checkpoint() throws(StageError) -> [UInt8] {
    var tensors: [SafeTensors.Named] = []
    var recipes: [JSON] = []
    var subjects = [ridge?.provenance ?? []]
    for (place, parts) in networks.enumerated() {
      let content = try parts.content()
      let prefix = AverageRecipe.prefix(place)
      tensors += content.tensors.map {
        SafeTensors.Named(name: prefix + $0.name, shape: $0.shape, values: $0.values)
      }
      recipes.append(content.recipe)
      subjects.append(content.subjects)
    }
    if let ridge { tensors += ridge.tensors(prefix: AverageRecipe.ridgePrefix) }
    var members = PredictionFacts.members(
      labels: asked.labels, target: target, sets: sets, study: study, configuration: configuration)
    members["kind"] = .string(AverageRecipe.kind)
    members["numeric_class"] = .string(asked.numericClass)
    members["seed"] = .integer(asked.seed)
    members["networks"] = .array(recipes)
    members["ridge"] = ridge.map { ["images": .string($0.kind.rawValue)] } ?? .null
    let recipe = JSON.object(members)
    _ = try AverageRecipe(recipe)
    var metadata = CheckpointParts.metadata(recipe, heldOut: heldOut)
    metadata["subjects"] = JSON.array(mergedProvenance(subjects).map { .string($0) }).text
    metadata["stages"] = JSON.array(networks.map { .string($0.fit.digest.hex) }).text
    return SafeTensors.write(tensors, metadata: metadata)
  }
}
