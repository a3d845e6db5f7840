// What `fit-all` says of what it left: as lines and as one object.

import Canonical
import Foundation
import Study

/// A configuration that was trained on all subjects.
struct FittedOnAll {
  let plan: FitAllPlan
  /// What it was chosen from; nil where it was named, or the only one.
  let choices: ChoicePlan?
  let choice: NestedChoice?
  let sequence: StageSequence

  /// The results of its networks.
  private var fits: [JSON] { plan.networks.compactMap { sequence.results[plan.stages[$0].digest] } }

  /// One object. Of several networks: the most epochs, the mean loss and accuracy; null without a network.
  func json(checkpoint: String, bytes: Int) -> JSON {
    var members: [String: JSON] = [
      "checkpoint": .string(checkpoint), "bytes": .integer(bytes), "configuration": .string(plan.configuration.name),
      "seed": .integer(plan.seed), "stages": .integer(plan.stages.count),
      "networks": .integer(plan.networks.count), "ridge": .bool(plan.ridge != nil),
      "epochs": epochs.map { .integer($0) } ?? .null, "loss": mean("loss").map { .number($0) } ?? .null,
      "accuracy_on_own_clips": mean("accuracy").map { .number($0) } ?? .null,
      "subjects": .integer(plan.provenance.count),
    ]
    if !candidates.isEmpty {
      members["chosen_by"] = .array(
        candidates.map {
          ["name": .string($0.name), "uf1": .number($0.uf1), "uar": .number($0.uar), "score": .number($0.uf1 + $0.uar)]
        })
    }
    return .object(members)
  }

  /// Lines of text.
  func lines(checkpoint: String, bytes: Int) -> [String] {
    var lines = choiceLines
    lines.append(
      "\(checkpoint): \(plan.configuration.name), seed \(plan.seed), \(parts)trained on \(plan.provenance.count)"
        + " subjects of all sets; \(bytes) bytes")
    if let epochs, let loss = mean("loss"), let accuracy = mean("accuracy") {
      let each = plan.networks.count > 1 ? ", means of the networks" : ""
      lines.append(
        String(
          format: "%d epochs, loss %.4f; %.1f %% right on the clips it was trained on, which is no test", epochs, loss,
          100 * accuracy) + each)
    }
    return lines
  }

  private var candidates: [(name: String, uf1: Double, uar: Double)] {
    guard let choices, let choice else { return [] }
    return choices.configurations.indices.map {
      (choices.configurations[$0].name, choice.uf1[$0], choice.uar[$0])
    }
  }

  private var choiceLines: [String] {
    guard let choices, let choice else { return [] }
    let header =
      "chosen by \(choices.groups) inner folds of all subjects, the largest UF1 + UAR, the first of equals"
      + " (no test of what was chosen):"
    return [header]
      + candidates.enumerated().map { place, one in
        let mark = place == choice.configuration ? "  chosen" : ""
        return String(format: "  UF1 %.4f  UAR %.4f  sum %.4f  ", one.uf1, one.uar, one.uf1 + one.uar) + one.name + mark
      }
  }

  /// What was averaged, where more than one answers or a ridge alone.
  private var parts: String {
    let networks = plan.networks.count == 1 ? "one network" : "\(plan.networks.count) networks"
    if plan.networks.isEmpty { return "a ridge alone, " }
    if plan.ridge != nil { return "\(networks) and a ridge, " }
    return plan.networks.count == 1 ? "" : "\(networks), "
  }

  private var epochs: Int? { fits.compactMap { $0["epochs"]?.integer }.max() }

  private func mean(_ key: String) -> Double? {
    let numbers = fits.compactMap { $0[key]?.number }
    return numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
  }
}
