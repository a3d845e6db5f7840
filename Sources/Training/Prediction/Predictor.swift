// Predictions of clips by a checkpoint: of its one network, or the average of several and perhaps a ridge.

import Canonical
import ChebNet
import Clips
import Kernels

/// A checkpoint that was opened and found whole.
public final class Predictor {
  /// The labels that are told apart, in the order of the scores.
  public var labels: [String] { facts.labels }
  /// Pixels along each side of the images that it takes.
  public var side: Int { facts.side }
  /// The most frames that were stored of a clip of the set that trained it.
  public var frames: Int { facts.frames }
  /// Between which frames the flow of that set was computed.
  public var flow: FlowPairs { facts.flow }
  /// The name and the digest of its study.
  public var study: (name: String, digest: Digest) { (facts.studyName, facts.studyDigest) }
  /// "set/subject" of everyone whose data changed it.
  public let subjects: [String]
  /// "set/subject" of who was held out of it; nobody where it was trained on all subjects.
  public let heldOut: [String]

  private let path: String
  private let facts: PredictionFacts
  private let networks: [NetworkPredictor]
  private let ridge: AveragedRidge?

  /// Opens a checkpoint. The process must have entered its numeric class (`CheckpointHeader`).
  /// - Parameter threads: how many threads share the work; never changes a bit.
  /// - Throws: `PredictionError`: unreadable, truncated, without a recipe, of another class, tensors that do not fit.
  public init(path: String, threads: Int = 1) throws(PredictionError) {
    self.path = path
    let file: SafeTensors.File
    do { file = try SafeTensors.read(path: path) } catch { throw PredictionError(error.description) }
    guard let text = file.metadata["recipe"] else { throw PredictionError("\(path) \(CheckpointHeader.noRecipe)") }
    do throws(StageError) {
      guard let json = try? JSON(parsing: text.utf8) else { throw StageError.description("its recipe is not JSON") }
      if json["kind"]?.string == AverageRecipe.kind {
        let recipe = try AverageRecipe(json)
        facts = recipe.facts
        try Self.checkClass(facts)
        var networks: [NetworkPredictor] = []
        for (place, network) in recipe.networks.enumerated() {
          let part = file.part(AverageRecipe.prefix(place))
          networks.append(try NetworkPredictor(network, file: part, threads: threads))
        }
        self.networks = networks
        ridge = try recipe.ridge.map { kind throws(StageError) in
          try AveragedRidge(file.part(AverageRecipe.ridgePrefix), kind: kind, facts: recipe.facts)
        }
      } else {
        let recipe = try PredictionRecipe(json)
        facts = recipe.facts
        try Self.checkClass(facts)
        networks = [try NetworkPredictor(recipe, file: file, threads: threads)]
        ridge = nil
      }
      subjects = try file.provenance()
      let names = file.metadata[CheckpointParts.heldOutKey].flatMap { try? JSON(parsing: $0.utf8) }?.array ?? []
      heldOut = names.compactMap(\.string)
    } catch {
      throw PredictionError(path, error)
    }
  }

  private static func checkClass(_ facts: PredictionFacts) throws(StageError) {
    guard facts.numericClass == NumericClass.selected.name else {
      throw .description(
        "it is of numeric class \(facts.numericClass) and this process computes in \(NumericClass.selected.name)")
    }
  }

  /// Predicts clips of a set.
  /// - Parameter clips: places in `set.clips`, ascending.
  /// - Throws: `PredictionError` where the set's images or a clip are not what the checkpoint looks at.
  public func predictions(of set: PreparedSet, clips: [Int]) throws(PredictionError) -> [Prediction] {
    do throws(StageError) {
      try check(set, clips)
      var answers: [[Prediction]] = []
      for network in networks {
        answers.append(try network.scores(set, clips: clips).map { Prediction(scores: $0) })
      }
      let ofRidge = try ridge?.scores(set, clips: clips).map { Prediction(scores: $0) }
      if answers.count == 1, ofRidge == nil { return answers[0] }
      return clips.indices.map { place in
        Prediction(average: answers.map { $0[place] }, ridge: ofRidge?[place])
      }
    } catch {
      throw PredictionError(path, error)
    }
  }

  private func check(_ set: PreparedSet, _ clips: [Int]) throws(StageError) {
    let branches = networks.flatMap(\.recipe.rows.branches)
    let ridgeLooksAtFlow = ridge.map { $0.kind == .flow }
    try facts.check(
      set, clips, looksAtFlow: branches.contains(.temporal) || ridgeLooksAtFlow == true,
      looksAtFrames: branches.contains(.spatial) || ridgeLooksAtFlow == false)
  }

  /// Whether the clip lies in one of the sets that trained the checkpoint, and some data of its subject did.
  public func hasSeen(_ set: PreparedSet, clip: Int) -> Bool {
    facts.sets.contains { name, digest in
      digest == set.digest && subjects.contains { Self.names($0, "\(name)/\(set.clips[clip].subject)") }
    }
  }

  /// Whether an entry of "subjects" is of a person: alone, with a clip behind, or in sets joined as "one+two".
  private static func names(_ entry: String, _ person: String) -> Bool {
    let parts = entry.split(separator: "/", maxSplits: 1)
    let own = parts.count == 2 && parts[0].contains("+") ? String(parts[1]) : entry
    return own == person || own.hasPrefix(person + "/")
  }
}
