// What a checkpoint says of one clip: as a line, as JSON, as a row of a picture.

import Canonical
import Clips
import Foundation
import Training

/// The answer to one clip.
struct ClipAnswer {
  /// What people call the clip.
  let name: String
  /// The set that holds it and its place there.
  let clip: (set: PreparedSet, place: Int)
  let prediction: Prediction
  /// Whether the clip's subject trained the checkpoint.
  let isSeen: Bool
  let labels: [String]

  /// The predicted label.
  var label: String { labels[prediction.predicted] }

  /// One line of text.
  var line: String {
    let figures = labels.indices.map { place in
      let numbers = String(format: "%.4f (%.4f)", prediction.probabilities[place], prediction.scores[place])
      return "\(labels[place]) \(numbers)"
    }
    return ([name, label] + figures).joined(separator: "  ")
  }

  /// One object.
  var json: JSON {
    [
      "clip": .string(name), "predicted": .string(label),
      "probabilities": byLabel(prediction.probabilities.map { Double("\($0)") ?? Double($0) }),
      "scores": byLabel(prediction.scores), "trained_on": .bool(isSeen),
    ]
  }

  /// A row of the picture.
  var overlay: OverlayClip {
    OverlayClip(
      set: clip.set, clip: clip.place, name: name,
      labels: labels.indices.map { (labels[$0], prediction.probabilities[$0], Float(prediction.scores[$0])) },
      predicted: prediction.predicted,
      note: isSeen ? "this person trained the checkpoint: this is no test" : nil)
  }

  private func byLabel(_ values: [Double]) -> JSON {
    .object(Dictionary(zip(labels, values.map { .number($0) })) { first, _ in first })
  }
}
