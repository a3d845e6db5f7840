// Training on everybody: the stages of one configuration and seed with no fold, for predicting clips of new people.
//
// Nothing is held out, so no score of these stages on their own clips is a test of anything.

import Canonical

/// The stages that train one network on all subjects of a study's sets.
public struct FitAllPlan: Sendable, Equatable {
  /// The one configuration.
  public let configuration: Configuration
  /// The one seed.
  public let seed: Int
  /// What the whole study asks, as `Plan.studyDigest`.
  public let studyDigest: Digest
  /// Parents stand before children; the last one is the fit.
  public let stages: [PlannedStage]
  /// The pretraining of each graph, as places in `stages`; none without a transfer.
  public let pretrainings: [Int]

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
    guard study.pretrained == nil else {
      throw StudyError(
        file: study.file, key: "data.pretrained", what: "fit-all pretrains by itself; give a source set instead")
    }
    guard configuration.values.average == .one else {
      throw StudyError(
        file: study.file, key: "average",
        what: "fit-all writes one network; give a configuration with networks: 1 and ridge: false")
    }
    var expansion = try Expansion(study: study, sets: sets, numericClass: numericClass)
    studyDigest = study.digest(labels: expansion.labels)
    let repetition = study.repetition(self.seed, of: configuration.values)
    pretrainings = expansion.pretrainings(repetition.values, seed: repetition.seed, split: .everybody)
    _ = expansion.fit(repetition.values, seed: repetition.seed, split: .everybody)
    stages = expansion.stages
  }

  /// The fit, whose network predicts.
  public var fit: PlannedStage { stages[stages.count - 1] }
}

extension Study {
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

  /// The chosen seed, or the only one.
  fileprivate func seed(chosen seed: Int?) throws(StudyError) -> Int {
    if let seed { return seed }
    guard seeds.count == 1 else {
      let list = seeds.prefix(8).map(String.init).joined(separator: ", ")
      throw StudyError(file: file, key: "seeds", what: "\(seeds.count) seeds (\(list)); choose one by --seed N")
    }
    return seeds[0]
  }
}
