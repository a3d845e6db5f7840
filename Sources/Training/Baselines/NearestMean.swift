// The nearest class mean of raw pixels: what can be told from faces alone, without any motion.

import Clips

/// Euclidean distance from the apex frame (grey, 0 to 1) to the mean apex frame of each class.
enum NearestMean {
  /// Scores: minus the distance; a class without training clips has the lowest float.
  static func scores(train: ClipSelection, test: ClipSelection) throws(StageError) -> [[Float]] {
    let pixels = train.set.side * train.set.side
    var means = [[Double]](repeating: [Double](repeating: 0, count: pixels), count: train.labels.count)
    for position in train.clips.indices {
      let image = try apex(train, position)
      for pixel in 0..<pixels { means[Int(train.classes[position])][pixel] += image[pixel] }
    }
    let counts = train.clipsOfLabel
    for label in means.indices where counts[label] > 0 {
      for pixel in 0..<pixels { means[label][pixel] /= Double(counts[label]) }
    }
    var scores: [[Float]] = []
    for position in test.clips.indices {
      let image = try apex(test, position)
      scores.append(
        means.indices.map { label in
          guard counts[label] > 0 else { return -Float.greatestFiniteMagnitude }
          let squares = (0..<pixels).reduce(0.0) { sum, pixel in
            let difference = image[pixel] - means[label][pixel]
            return sum + difference * difference
          }
          return -Float(squares.squareRoot())
        })
    }
    return scores
  }

  /// The apex frame; the only frame of a still.
  private static func apex(_ selection: ClipSelection, _ position: Int) throws(StageError) -> [Double] {
    let clip = selection.set.clips[selection.clips[position]]
    guard let frame = clip.frames.firstIndex(where: { $0.role == .apex }) ?? clip.frames.indices.first else {
      throw .data("\(selection.name(position)) has no frames, so nearest_mean_pixels cannot be asked of this set")
    }
    return selection.set.grey(clip: selection.clips[position], frame: frame).map { Double($0) / 255 }
  }
}
