// Baselines of one fold: what a network must beat before it has shown anything.

import Canonical
import Clips
import Kernels

extension StageContext {
  /// Predicts the held-out clips by every method asked for.
  func baseline(_ recipe: BaselineRecipe) throws(StageError) -> StageOutput {
    let train = try ClipSelection(recipe.train, in: inputs.sets)
    let test = try ClipSelection(recipe.test, in: inputs.sets)
    var answers: [String: JSON] = [:]
    var chosen: [String: JSON] = [:]
    for method in recipe.methods {
      try checkCancelled()
      let scores: [[Float]]
      switch method {
      case .majority: scores = Majority.scores(train: train, test: test)
      case .nearestMeanPixels: scores = try NearestMean.scores(train: train, test: test)
      case .patternsSVM: scores = try HandCrafted.patterns.scores(train: train, test: test)
      case .directionsSVM: scores = try HandCrafted.directions.scores(train: train, test: test)
      case .ridgeRaw: scores = try Ridge(.raw, lambda: recipe.ridgeLambda).scores(train: train, test: test)
      case .ridgeImage: scores = try Ridge(.image, lambda: recipe.ridgeLambda).scores(train: train, test: test)
      case .ridgePixel: scores = try Ridge(.pixel, lambda: recipe.ridgeLambda).scores(train: train, test: test)
      case .ridgeInner, .ridgeBalanced:
        let ridge = InnerRidge(balanced: method == .ridgeBalanced)
        let answer = try ridge.scores(train: train, test: test, context: self)
        scores = answer.scores
        chosen[method.rawValue] = answer.choice.json
      }
      answers[method.rawValue] = test.predictions(scores)
    }
    var members: [String: JSON] = ["methods": .object(answers)]
    if !chosen.isEmpty { members["chosen"] = .object(chosen) }
    let result: JSON = .object(members)
    return StageOutput(result: result.bytes, artifact: nil)
  }
}

/// The class that most training clips have, for everyone.
enum Majority {
  /// Scores: the logarithm of each class's share, one clip added to each so that none is zero.
  static func scores(train: ClipSelection, test: ClipSelection) -> [[Float]] {
    let counts = train.clipsOfLabel
    let all = Float(counts.reduce(0, +) + counts.count)
    let shares = counts.map { naturalLog(Float($0 + 1) / all) }
    return test.clips.map { _ in shares }
  }
}
