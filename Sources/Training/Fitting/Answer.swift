// The canonical result objects: predictions and numbers, written so that equal floats are equal text.

import Canonical
import Clips

extension JSON {
  /// A float by its own shortest decimal form (0.1, not 0.10000000149).
  static func float(_ value: Float) -> JSON { .number(Double("\(value)") ?? Double(value)) }
}

extension ClipSelection {
  /// One prediction for each clip, in the selection's order.
  func predictions(_ scores: [[Float]]) -> JSON {
    .array(
      clips.indices.map { position in
        let clip = set.clips[clips[position]]
        return .object([
          "subject": .string(clip.subject), "clip": .string(clip.name), "label": .string(clip.label),
          "predicted": .string(labels[Scoring.predicted(scores[position])]),
          "scores": .array(scores[position].map(JSON.float)),
        ])
      })
  }
}
