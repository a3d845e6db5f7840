// The plan as the machines see it: stages by number, their parents, and whose data stands in them.
//
// Plain arrays, so that nothing here knows what a stage computes. Parents have smaller numbers than their children,
// so the order of the numbers is an order in which everything can be computed.

import Canonical
import Messages

/// Whether a shared parent may have seen the held-out subject.
public enum Leakage: Sendable {
  /// Never.
  case strict
  /// In parents, as the paper did; the stage's own training data still never may.
  case paper
}

/// Why arrays are not a stage graph.
public struct StageGraphError: Error, Equatable, CustomStringConvertible {
  /// What is wrong, in one line.
  public let description: String
}

/// A stage whose inputs have seen what it is tested on.
public struct Leak: Equatable, Sendable, CustomStringConvertible {
  /// The stage.
  public let stage: Int
  /// A held-out subject, `set/subject`.
  public let subject: String
  /// The parent that saw it; nil where the stage's own training data hold it.
  public let parent: Int?

  /// The leak in one line.
  public var description: String {
    let place = parent.map { "its input, stage \($0), has seen it" } ?? "its training data hold it"
    return "stage \(stage) is tested on \(subject), but \(place)"
  }
}

/// Stages and what each depends on.
public struct StageGraph: Sendable {
  /// The name of each stage.
  public let digests: [Digest]
  /// The smaller numbers of the stages whose artifacts a stage reads.
  public let parents: [[Int]]
  /// The larger numbers of the stages that read a stage's artifact.
  let children: [[Int]]
  private let descriptions: [[UInt8]]
  private let provenances: [[String]]
  private let heldOuts: [[String]]
  private let leakage: Leakage
  private let numbers: [Digest: Int]

  /// A graph; every array has one entry a stage.
  /// - Parameters:
  ///   - descriptions: canonical JSON, what a worker computes from.
  ///   - provenance: the subjects, `set/subject`, whose data changed a number in the stage, its parents' included.
  ///   - heldOut: the subjects that the stage is tested on.
  /// - Throws: `StageGraphError` where the arrays do not fit each other or break a limit of the wire.
  public init(
    digests: [Digest], descriptions: [[UInt8]], parents: [[Int]], provenance: [[String]], heldOut: [[String]],
    leakage: Leakage = .strict
  ) throws(StageGraphError) {
    guard [descriptions.count, parents.count, provenance.count, heldOut.count].allSatisfy({ $0 == digests.count })
    else { throw StageGraphError(description: "the arrays of a stage graph have different lengths") }
    var numbers: [Digest: Int] = [:]
    var children = [[Int]](repeating: [], count: digests.count)
    for stage in digests.indices {
      guard numbers.updateValue(stage, forKey: digests[stage]) == nil else {
        throw StageGraphError(description: "stage \(stage) is in the plan twice (\(digests[stage].short))")
      }
      guard parents[stage].allSatisfy({ (0..<stage).contains($0) }) else {
        throw StageGraphError(description: "stage \(stage) depends on a later stage")
      }
      guard parents[stage].count <= Limits.parents, descriptions[stage].count <= Limits.descriptionBytes else {
        throw StageGraphError(description: "stage \(stage) has more parents or a longer description than allowed")
      }
      for parent in parents[stage] { children[parent].append(stage) }
    }
    self.digests = digests
    self.descriptions = descriptions
    self.parents = parents
    self.children = children
    self.numbers = numbers
    self.leakage = leakage
    provenances = provenance
    heldOuts = heldOut
  }

  /// How many stages.
  public var count: Int { digests.count }

  /// The number of a stage, or nil where it is not in the plan.
  public func number(of digest: Digest) -> Int? { numbers[digest] }

  /// Canonical JSON of a stage.
  public func description(of stage: Int) -> [UInt8] { descriptions[stage] }

  /// The subjects whose data changed a number in a stage.
  public func provenance(of stage: Int) -> [String] { provenances[stage] }

  /// The leak of a stage, or nil.
  public func leak(of stage: Int) -> Leak? {
    for subject in heldOuts[stage] {
      let parent = parents[stage].first { provenances[$0].contains(subject) }
      if let parent, leakage == .strict { return Leak(stage: stage, subject: subject, parent: parent) }
      if parent == nil, provenances[stage].contains(subject) {
        return Leak(stage: stage, subject: subject, parent: nil)
      }
    }
    return nil
  }

  /// Every leak of the plan, for a refusal before anything is computed.
  public var leaks: [Leak] { digests.indices.compactMap { leak(of: $0) } }
}
