// Training on everybody: the stages of one configuration and seed with no fold, for predicting clips of new people.
//
// Nothing is held out, so no score of these stages on their own clips is a test of anything.

import Canonical

/// The stages that train what one configuration predicts with on all subjects of a study's sets.
public struct FitAllPlan: Sendable, Equatable {
  /// The one configuration.
  public let configuration: Configuration
  /// The one seed.
  public let seed: Int
  /// What the whole study asks, as `Plan.studyDigest`.
  public let studyDigest: Digest
  /// The classes that are told apart, sorted.
  public let labels: [String]
  /// Parents stand before children.
  public let stages: [PlannedStage]
  /// The fits whose scores are averaged, as places in `stages`; none where a ridge answers alone.
  public let networks: [Int]
  /// The clips that the averaged ridge is trained on, as a stage's description names them; nil where none is averaged.
  public let ridge: JSON?
  /// `set/subject` of everyone whose data changed a number.
  public let provenance: [String]

  /// Expands a study without folds.
  ///
  /// - Parameters:
  ///   - whole: The checked study.
  ///   - configuration: The name of the configuration; nil where the study has one.
  ///   - seed: The seed; nil where the study has one.
  ///   - sets: The prepared sets by the names that the study uses.
  ///   - numericClass: The class with its revision, such as `avx2.1`.
  /// - Throws: `StudyError` where the choice is open, or where the sets cannot give what the study asks for.
  public init(
    study whole: Study, configuration name: String?, seed: Int?, sets: [String: SetIndex], numericClass: String
  ) throws(StudyError) {
    let study = try whole.fitting(sets)
    configuration = try study.configuration(named: name)
    self.seed = try study.seed(chosen: seed)
    try study.checkTrainsAlone()
    var expansion = try Expansion(study: study, sets: sets, numericClass: numericClass)
    studyDigest = study.digest(labels: expansion.labels)
    labels = expansion.labels
    networks = expansion.networks(configuration.values, seed: self.seed, split: .everybody)
    let everybody = expansion.training(.everybody)
    ridge = configuration.values.average.ridge ? everybody.json : nil
    stages = expansion.stages
    let touched = networks.flatMap { expansion.stages[$0].provenance } + (ridge == nil ? [] : everybody.provenance)
    provenance = Set(touched).sorted()
  }
}

extension Study {
  /// Refuses what only a run can read.
  func checkTrainsAlone() throws(StudyError) {
    guard pretrained == nil else {
      throw StudyError(
        file: file, key: "data.pretrained", what: "fit-all pretrains by itself; give a source set instead")
    }
  }

  /// The chosen seed, or the only one.
  func seed(chosen seed: Int?) throws(StudyError) -> Int {
    if let seed { return seed }
    guard seeds.count == 1 else {
      let list = seeds.prefix(8).map(String.init).joined(separator: ", ")
      throw StudyError(file: file, key: "seeds", what: "\(seeds.count) seeds (\(list)); choose one by --seed N")
    }
    return seeds[0]
  }

  /// The configuration of this name, or the only one.
  fileprivate func configuration(named name: String?) throws(StudyError) -> Configuration {
    let known = configurations.prefix(5).map { "\"\($0.name)\"" }.joined(separator: ", ")
    let names = configurations.count > 5 ? "\(known), …" : known
    guard let name else {
      guard configurations.count == 1 else {
        throw StudyError(
          file: file, key: "grid",
          what: "\(configurations.count) configurations; choose one by --configuration NAME: \(names)")
      }
      return configurations[0]
    }
    guard let found = configurations.first(where: { $0.name == name }) else {
      throw StudyError(file: file, key: "grid", what: "there is no configuration \"\(name)\"; it has: \(names)")
    }
    return found
  }
}
