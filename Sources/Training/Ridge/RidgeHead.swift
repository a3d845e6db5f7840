// The closed-form head: a balanced ridge on what the trained network's head reads (before its hidden layer, where it
// has one), with the standardised image beside it where asked, each of the two blocks over its own scale. λ and the
// factor of the log-probabilities are chosen by inner folds of the training clips. Held-out rows are scored by the
// primal weights as they are stored (floats), so whoever has the artifact has the scores.
//
// Limit: the network has learned from the clips of every inner group, so the inner figures are too high; they only
// order the candidates.

import Canonical
import ChebNet
import Clips

/// What a fit answers with instead of its trained classifier.
struct HeadRecipe: Equatable {
  enum Kind: String, CaseIterable { case ridge }

  /// Whether the image stands beside the features.
  let input: Bool

  init(_ value: JSON?, path: String) throws(StageError) {
    let fields = try Fields(value, path: path, keys: ["kind", "input"])
    _ = try fields.choice("kind", Kind.self)
    input = try fields.bool("input")
  }
}

/// One block of columns of rows: [rows, width], each row followed by its mirror where rows have mirrors.
struct HeadBlock {
  let values: [Float]
  let width: Int
}

/// Rows of some clips as a head reads them: features, then the image where asked.
struct HeadRows {
  let blocks: [HeadBlock]
  let clipOfRow: [Int]
}

/// A solved head.
struct RidgeHead {
  /// What inner folds chose; nil of a head that was read from a file.
  let choice: RidgeChoice?
  private let factor: Double
  private let labels: Int
  /// Of each block [width, labels].
  private let weights: [[Float]]
  private let bias: [Float]

  /// Solves the head of training rows.
  /// - Parameter image: the products of the second block, where there is one, and the entry of each row in them.
  init(
    _ rows: HeadRows, image: RidgeTable.Block?, clips: ClipSelection, context: StageContext
  ) throws(StageError) {
    var builder = GramBuilder(count: rows.clipOfRow.count)
    builder.add(rows.blocks[0].values, width: rows.blocks[0].width)
    let features = RidgeTable.Block(gram: builder.finish(), entries: Array(rows.clipOfRow.indices))
    labels = clips.labels.count
    let table = RidgeTable(
      blocks: [features] + [image].compactMap { $0 }, clipOfRow: rows.clipOfRow, labels: labels)
    let known = RidgeClips(clips)
    let choice = try RidgeChoice(table, clips: known, balanced: true, check: context.checkCancelled)
    self.choice = choice
    factor = choice.factor
    let problem = RidgeProblem(
      table, rows: Array(rows.clipOfRow.indices), classes: rows.clipOfRow.map { known.classes[$0] }, balanced: true)
    let solution = try problem.solve(lambda: choice.lambda)
    var (weights, bias): ([[Float]], [Double]) = ([], problem.shares)
    for (place, block) in rows.blocks.enumerated() {
      let found = Self.primal(block, problem.primal(solution, block: place), parts: problem.parts, labels: labels)
      weights.append(found.weights)
      for label in bias.indices { bias[label] -= found.ofMean[label] }
    }
    self.weights = weights
    self.bias = bias.map { Float($0) }
    guard self.bias.allSatisfy(\.isFinite), weights.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw .numeric("the closed-form head has weights that are not finite; try a smaller optimiser.rate")
    }
  }

  /// The weights of a block as floats, and what they say of the mean row.
  private static func primal(
    _ block: HeadBlock, _ ofRow: [Double], parts: [Double], labels: Int
  ) -> (weights: [Float], ofMean: [Double]) {
    var sums = [Double](repeating: 0, count: block.width * labels)
    var means = [Double](repeating: 0, count: block.width)
    for row in parts.indices {
      for column in 0..<block.width {
        let value = Double(block.values[row * block.width + column])
        means[column] += parts[row] * value
        for label in 0..<labels { sums[column * labels + label] += ofRow[row * labels + label] * value }
      }
    }
    let weights = sums.map { Float($0) }
    var ofMean = [Double](repeating: 0, count: labels)
    for column in 0..<block.width {
      for label in 0..<labels { ofMean[label] += means[column] * Double(weights[column * labels + label]) }
    }
    return (weights, ofMean)
  }

  /// Log-probabilities of clips: of the factor times the mean score over a clip's rows and their mirrors.
  func scores(_ rows: HeadRows, clips: Int) -> [[Float]] {
    var sums = ClipScores(clips: clips, labels: labels)
    for (row, clip) in rows.clipOfRow.enumerated() {
      var scores = bias.map { Double($0) }
      for (block, weights) in zip(rows.blocks, weights) {
        for column in 0..<block.width {
          let value = Double(block.values[row * block.width + column])
          for label in 0..<labels { scores[label] += Double(weights[column * labels + label]) * value }
        }
      }
      sums.add(scores, clips: [clip])
    }
    return sums.means.map { RidgeChoice.logProbabilities($0, factor: factor) }
  }

  private static let names = ["ridge.features.weight", "ridge.input.weight"]

  /// The names and shapes of a head's tensors.
  static func shapes(features: Int, image: Int?, labels: Int) -> [(name: String, shape: [Int])] {
    zip(names, [features, image].compactMap { $0 }).map { ($0, [$1, labels]) }
      + [("ridge.bias", [labels]), ("ridge.factor", [1])]
  }

  /// The head that a checkpoint holds.
  init(_ file: SafeTensors.File, input: Bool) throws(StageError) {
    do {
      bias = try file.tensor("ridge.bias").values
      factor = Double(try file.tensor("ridge.factor").values.first ?? 1)
      var weights: [[Float]] = []
      for name in Self.names.prefix(input ? 2 : 1) { weights.append(try file.tensor(name).values) }
      self.weights = weights
    } catch {
      throw .artifact("a checkpoint holds no closed-form head: \(error)")
    }
    labels = bias.count
    choice = nil
  }

  /// The head as tensors of the fit's artifact: scores are log softmax(factor · (features W + image W + bias)).
  var tensors: [SafeTensors.Named] {
    zip(Self.names, weights).map { name, values in
      SafeTensors.Named(name: name, shape: [values.count / labels, labels], values: values)
    } + [
      SafeTensors.Named(name: "ridge.bias", shape: [labels], values: bias),
      SafeTensors.Named(name: "ridge.factor", shape: [1], values: [Float(factor)]),
    ]
  }
}
