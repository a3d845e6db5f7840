// One file that predicts: the tensors of a fit joined with those that it reads of its pretrainings, the
// graphs, and the recipe.
//
// Names: sgcn{g}.conv{n}.weight and .bias and sgcn{g}.dense.* of the SGCN with graph g, head.* of the classifier,
// ridge.* of a closed-form head that answers in its place.
// `frozen`: convolutions are the pretraining's, dense layers the fit's (with branches side by side, one SGCN's dense
// layers of the two branches are sgcn1.dense and sgcn2.dense). `features`: all but the head are the pretraining's.

import Canonical
import ChebNet
import Clips
import Kernels
import SpectralGraph

/// What a checkpoint is made from.
public struct CheckpointParts {
  /// The description of the fit.
  public let fit: JSON
  /// The pretraining of each graph; none without a transfer.
  public let pretrainings: [Digest]
  /// The artifacts of these stages.
  public let artifacts: [Digest: [UInt8]]
  /// The set that the fit was trained on.
  public let target: PreparedSet
  /// The digests of all sets that trained it, by the study's names.
  public let sets: [String: Digest]
  /// The name and the digest of the study.
  public let study: (name: String, digest: Digest)
  /// The name of the configuration.
  public let configuration: String
  /// "set/subject" of who was held out of the fit; nobody where it was trained on all.
  public let heldOut: [String]

  /// The parts of a checkpoint.
  public init(
    fit: JSON, pretrainings: [Digest], artifacts: [Digest: [UInt8]], target: PreparedSet, sets: [String: Digest],
    study: (name: String, digest: Digest), configuration: String, heldOut: [String] = []
  ) {
    self.fit = fit
    self.pretrainings = pretrainings
    self.artifacts = artifacts
    self.target = target
    self.sets = sets
    self.study = study
    self.configuration = configuration
    self.heldOut = heldOut
  }

  /// The bytes of the checkpoint: a safetensors file.
  ///
  /// Its metadata: "recipe" (see `PredictionRecipe`), "subjects" (JSON list of "set/subject" whose data changed it),
  /// "stage" (the digest of the fit), and where somebody was held out "held_out" (a list like "subjects").
  /// - Throws: `StageError` where an artifact is missing or another network's.
  public func checkpoint() throws(StageError) -> [UInt8] {
    let content = try content()
    return content.context.write(
      content.tensors, provenance: content.subjects, more: Self.metadata(content.recipe, heldOut: heldOut))
  }

  /// The parts joined: tensors, recipe and whose data changed them.
  func content() throws(StageError) -> Content {
    guard case .fit(let recipe) = try StageRecipe(fit) else {
      throw .description("a checkpoint is made from a fit")
    }
    let context = StageContext(digest: fit.digest, inputs: StageInputs(sets: [:], held: artifacts))
    let fitted = try context.artifact(of: fit.digest)
    var tensors = try sourceTensors(recipe.transfer, context)
    tensors += fitted.tensors.filter { !$0.name.hasPrefix("rows.") }
    var structures: [JSON] = []
    for (place, spec) in recipe.graphs.enumerated() {
      let graph = GraphTensors(
        description: fit["graphs"]?.array?[place] ?? .null,
        graph: try context.hierarchy(spec, recipe.network).stored)
      tensors += graph.tensors(number: place + 1)
      structures.append(graph.json)
    }
    let json = self.recipe(recipe, structures: structures, statistics: fitted.metadata["statistics"])
    _ = try PredictionRecipe(json)
    return Content(context: context, tensors: tensors, recipe: json, subjects: try fitted.provenance())
  }

  /// What a checkpoint holds.
  struct Content {
    let context: StageContext
    let tensors: [SafeTensors.Named]
    let recipe: JSON
    let subjects: [String]
  }

  static let heldOutKey = "held_out"

  /// The texts of a file that predicts.
  static func metadata(_ recipe: JSON, heldOut: [String]) -> [String: String] {
    var metadata = ["recipe": recipe.text]
    if !heldOut.isEmpty { metadata[heldOutKey] = JSON.array(heldOut.map { .string($0) }).text }
    return metadata
  }

  /// The tensors that the fit reads of the pretrainings and does not hold itself.
  private func sourceTensors(_ transfer: Transfer, _ context: StageContext) throws(StageError) -> [SafeTensors.Named] {
    guard transfer.readsFeatures else { return [] }
    var tensors: [SafeTensors.Named] = []
    for (place, stage) in pretrainings.enumerated() {
      for tensor in try context.artifact(of: stage).tensors where tensor.name.hasPrefix("sgcn1.") {
        guard transfer == .features || tensor.name.hasPrefix("sgcn1.conv") else { continue }
        let name = "sgcn\(place + 1)." + tensor.name.dropFirst("sgcn1.".count)
        tensors.append(SafeTensors.Named(name: name, shape: tensor.shape, values: tensor.values))
      }
    }
    return tensors
  }

  private func recipe(_ recipe: FitRecipe, structures: [JSON], statistics: String?) -> JSON {
    var members = PredictionFacts.members(
      labels: recipe.train.labels, target: target, sets: sets, study: study, configuration: configuration)
    for key in ["numeric_class", "graphs", "network", "rows", "fusion", "transfer", "seed", "head"] {
      members[key] = fit[key]
    }
    members["structures"] = .array(structures)
    members["statistics"] = statistics.flatMap { try? JSON(parsing: $0.utf8) } ?? .null
    return .object(members)
  }
}
