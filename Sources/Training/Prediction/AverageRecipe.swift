// The recipe of a checkpoint that averages: the recipe of each network, and what the ridge reads.

import Canonical
import ChebNet
import Clips

/// What is averaged, and where it comes from.
struct AverageRecipe {
  /// What "kind" says in a recipe that averages; one of a single network has no such key.
  static let kind = "average"

  let facts: PredictionFacts
  let networks: [PredictionRecipe]
  /// What the ridge looks at; nil where none is averaged.
  let ridge: RidgeImages.Kind?

  /// The prefix of the tensors of a network.
  static func prefix(_ place: Int) -> String { "net\(place + 1)." }
  /// The prefix of the tensors of the ridge.
  static let ridgePrefix = "ridge."

  /// Reads a recipe.
  init(_ json: JSON) throws(StageError) {
    let fields = try Fields(
      json, path: "recipe", keys: PredictionFacts.keys + ["kind", "networks", "ridge"],
      optional: PredictionFacts.optionalKeys)
    let facts = try PredictionFacts(fields)
    self.facts = facts
    var networks: [PredictionRecipe] = []
    for element in try fields.elements("networks", count: 0...64) {
      networks.append(try PredictionRecipe(element.value, path: element.place))
    }
    self.networks = networks
    if fields.members["ridge"] == .null {
      ridge = nil
    } else {
      ridge = try Fields(fields.members["ridge"], path: fields.place("ridge"), keys: ["images"]).choice("images")
    }
    guard ridge != nil || !networks.isEmpty else {
      throw .description("recipe.networks is empty and there is no ridge")
    }
    guard networks.allSatisfy({ $0.facts == facts }) else {
      throw .description("recipe.networks are of other labels, sets or sides than the average")
    }
  }
}
