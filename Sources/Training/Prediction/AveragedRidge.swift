// The balanced ridge that a prediction averages, as a member of a checkpoint: the ridge of a baseline stage by its
// primal weights, so that no picture of anybody lies in the file.
//
// A baseline stage scores by inner products with its training images. Both sums are of Doubles, so the scores agree
// to about 1e-12 before they are rounded to floats: nearly always they are the same floats. For that the weights are
// kept as two floats each, whose sum is the weight to 48 bits.
//
// Tensors (columns are [channel, pixel] of the mean of an image and its mirror):
//   weight, weight_rest  [columns, labels]
//   bias, bias_rest      [labels]
//   factor               [1]    scores are log softmax(factor · mean over images of (image W + bias))

import Canonical
import ChebNet
import Clips

/// A ridge on images, trained and ready to answer.
public struct AveragedRidge: Sendable {
  let kind: RidgeImages.Kind
  /// Whose data changed it.
  let provenance: [String]
  private let weights: [Double]
  private let bias: [Double]
  private let factor: Double

  /// Trains the ridge that a baseline stage of the same clips has.
  ///
  /// - Parameters:
  ///   - train: the clips, as a stage's description names them.
  ///   - sets: the prepared sets by the names that descriptions use.
  ///   - isCancelled: asked before each inner fold.
  /// - Throws: `StageError` where the clips are not those of the set, or where they have nothing that a ridge reads.
  public init(
    train: JSON, sets: [String: PreparedSet], isCancelled: @escaping () -> Bool = { false }
  ) throws(StageError) {
    let recipe = try ClipsRecipe(train, path: "ridge.train")
    let clips = try ClipSelection(recipe, in: sets)
    let context = StageContext(digest: train.digest, inputs: StageInputs(sets: sets), isCancelled: isCancelled)
    let solved = try InnerRidge(balanced: true).solve(train: clips, others: [], context: context)
    let images = try RidgeImages(clips.set, labels: clips.labels)
    let ofRow = solved.problem.primal(solved.solution, block: 0)
    let labels = clips.labels.count
    let columns = RidgeImages.channels(images.kind).count * clips.set.side * clips.set.side
    var weights = [Double](repeating: 0, count: columns * labels)
    var mean = [Double](repeating: 0, count: columns)
    for (row, image) in clips.clips.flatMap({ images.means(of: $0) }).enumerated() {
      for column in 0..<columns {
        let value = Double(image[column])
        mean[column] += solved.problem.parts[row] * value
        for label in 0..<labels { weights[column * labels + label] += ofRow[row * labels + label] * value }
      }
    }
    var bias = solved.problem.shares
    for column in 0..<columns {
      for label in 0..<labels { bias[label] -= mean[column] * weights[column * labels + label] }
    }
    guard bias.allSatisfy(\.isFinite), weights.allSatisfy(\.isFinite) else {
      throw .numeric("the averaged ridge has weights that are not finite")
    }
    kind = images.kind
    provenance = recipe.provenance
    factor = solved.choice.factor
    (self.weights, self.bias) = (weights, bias)
  }

  /// Reads the ridge of a checkpoint.
  /// - Parameter file: its tensors, without a prefix.
  init(_ file: SafeTensors.File, kind: RidgeImages.Kind, facts: PredictionFacts) throws(StageError) {
    let labels = facts.labels.count
    let columns = RidgeImages.channels(kind).count * facts.side * facts.side
    self.kind = kind
    provenance = []
    weights = try Self.sum(file, "weight", [columns, labels])
    bias = try Self.sum(file, "bias", [labels])
    try file.require("factor", [1])
    factor = Double(try Self.values(file, "factor")[0])
  }

  private static func sum(_ file: SafeTensors.File, _ name: String, _ shape: [Int]) throws(StageError) -> [Double] {
    try file.require(name, shape)
    try file.require("\(name)_rest", shape)
    return zip(try values(file, name), try values(file, "\(name)_rest")).map { Double($0) + Double($1) }
  }

  private static func values(_ file: SafeTensors.File, _ name: String) throws(StageError) -> [Float] {
    do { return try file.tensor(name).values } catch { throw .artifact("an averaged ridge: \(error)") }
  }

  /// The ridge as tensors.
  /// - Parameter prefix: before each name.
  func tensors(prefix: String) -> [SafeTensors.Named] {
    var tensors: [SafeTensors.Named] = []
    let labels = bias.count
    for (name, shape, values) in [("weight", [weights.count / labels, labels], weights), ("bias", [labels], bias)] {
      let floats = values.map { Float($0) }
      let rests = zip(values, floats).map { Float($0 - Double($1)) }
      tensors.append(SafeTensors.Named(name: prefix + name, shape: shape, values: floats))
      tensors.append(SafeTensors.Named(name: prefix + name + "_rest", shape: shape, values: rests))
    }
    return tensors + [SafeTensors.Named(name: prefix + "factor", shape: [1], values: [Float(factor)])]
  }

  /// Log-probabilities of clips.
  func scores(_ set: PreparedSet, clips: [Int]) throws(StageError) -> [[Float]] {
    let images = RidgeImages(set, kind: kind)
    var sums = ClipScores(clips: clips.count, labels: bias.count)
    for (position, clip) in clips.enumerated() {
      try check(set.clips[clip])
      for image in images.means(of: clip) {
        var scores = bias
        for (column, value) in image.enumerated() {
          for label in scores.indices { scores[label] += weights[column * scores.count + label] * Double(value) }
        }
        sums.add(scores, clips: [position])
      }
    }
    return sums.means.map { RidgeChoice.logProbabilities($0, factor: factor) }
  }

  private func check(_ clip: PreparedClip) throws(StageError) {
    switch kind {
    case .flow where clip.apexFlow == nil:
      throw .data(
        "its ridge looks at the flow from onset to apex and \(clip.name) has none; prepare it with --flow onset")
    case .difference where clip.frame(.apex) == nil || clip.frame(.onset) == nil:
      throw .data(
        "its ridge looks at onset and apex and \(clip.name) does not store both; prepare it with --frames 3")
    default: return
    }
  }
}
