// The plan as the machines see it: stages by number, their parents, and whose data stands in them.
//
// Flat arrays, so that a million stages are no million objects, and nothing here knows what a stage computes. Parents
// have smaller numbers than their children, so the order of the numbers is one in which everything can be computed.

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
  public let parents: Adjacency
  /// The larger numbers of the stages that read a stage's artifact.
  let children: Adjacency
  private let descriptions: Descriptions
  private let numbers: DigestIndex
  private let kinds: [UInt8]
  private let subjects: SubjectLists
  private let leakage: Leakage

  /// Where the canonical JSON of a stage comes from.
  private enum Descriptions: Sendable {
    case kept([[UInt8]])
    case made(@Sendable (Int) -> [UInt8])

    subscript(stage: Int) -> [UInt8] {
      switch self {
      case .kept(let all): all[stage]
      case .made(let make): make(stage)
      }
    }
  }

  /// A graph; every array has one entry a stage.
  /// - Parameters:
  ///   - descriptions: canonical JSON, what a worker computes from.
  ///   - provenance: the subjects, `set/subject`, whose data changed a number in the stage, its parents' included.
  ///   - heldOut: the subjects that the stage is tested on.
  ///   - kinds: stages of one kind take about as long as each other; empty: all are of one kind.
  /// - Throws: `StageGraphError` where the arrays do not fit each other or break a limit of the wire.
  public init(
    digests: [Digest], descriptions: [[UInt8]], parents: [[Int]], provenance: [[String]], heldOut: [[String]],
    kinds: [UInt8] = [], leakage: Leakage = .strict
  ) throws(StageGraphError) {
    guard [descriptions.count, parents.count, provenance.count, heldOut.count].allSatisfy({ $0 == digests.count }),
      kinds.isEmpty || kinds.count == digests.count
    else { throw StageGraphError(description: "the arrays of a stage graph have different lengths") }
    for stage in digests.indices {
      guard descriptions[stage].count <= Limits.descriptionBytes else {
        throw StageGraphError(description: "stage \(stage) has a longer description than allowed")
      }
    }
    var lists = SubjectLists()
    for stage in digests.indices { lists.add(provenance[stage], heldOut[stage]) }
    try self.init(
      digests: digests, descriptions: .kept(descriptions), parents: { parents[$0] }, kinds: kinds, subjects: lists,
      leakage: leakage)
  }

  /// A graph whose descriptions are made when they are needed, and in which nobody is held out.
  /// - Parameters:
  ///   - description: canonical JSON of a stage, always the same; the stage is named by its digest.
  ///   - parents: the smaller numbers of a stage's inputs.
  /// - Throws: `StageGraphError` where two stages are the same, or a parent is no earlier stage.
  public init(
    count: Int, description: @escaping @Sendable (Int) -> [UInt8], parents: (Int) -> [Int] = { _ in [] }
  ) throws(StageGraphError) {
    try self.init(
      digests: (0..<count).map { Digest(of: description($0)) }, descriptions: .made(description), parents: parents,
      kinds: [], subjects: SubjectLists(), leakage: .strict)
  }

  private init(
    digests: [Digest], descriptions: Descriptions, parents: (Int) -> [Int], kinds: [UInt8], subjects: SubjectLists,
    leakage: Leakage
  ) throws(StageGraphError) {
    let numbers = DigestIndex(digests)
    if let twice = numbers.repeated {
      throw StageGraphError(description: "stage \(twice) is in the plan twice (\(digests[twice].short))")
    }
    var rows = Adjacency()
    for stage in digests.indices {
      let row = parents(stage)
      guard row.allSatisfy({ (0..<stage).contains($0) }) else {
        throw StageGraphError(description: "stage \(stage) depends on a later stage")
      }
      guard row.count <= Limits.parents else {
        throw StageGraphError(description: "stage \(stage) has more parents than allowed")
      }
      rows.append(row)
    }
    self.digests = digests
    self.descriptions = descriptions
    self.parents = rows
    children = rows.reversed
    self.numbers = numbers
    self.kinds = kinds
    self.subjects = subjects
    self.leakage = leakage
  }

  /// How many stages.
  public var count: Int { digests.count }

  /// The number of a stage, or nil where it is not in the plan.
  public func number(of digest: Digest) -> Int? { numbers.number(of: digest, in: digests) }

  /// Canonical JSON of a stage.
  public func description(of stage: Int) -> [UInt8] { descriptions[stage] }

  /// What kind of stage it is: others of it take about as long.
  func kind(of stage: Int) -> UInt8 { kinds.isEmpty ? 0 : kinds[stage] }

  /// The subjects whose data changed a number in a stage.
  public func provenance(of stage: Int) -> [String] { subjects.provenance(of: stage) }

  /// The leak of a stage, or nil.
  public func leak(of stage: Int) -> Leak? {
    for subject in subjects.heldOut(of: stage) {
      let parent = parents[stage].first { subjects.provenance(of: $0).contains(subject) }
      if let parent, leakage == .strict { return Leak(stage: stage, subject: subject, parent: parent) }
      if parent == nil, subjects.provenance(of: stage).contains(subject) {
        return Leak(stage: stage, subject: subject, parent: nil)
      }
    }
    return nil
  }

  /// Every leak of the plan, for a refusal before anything is computed.
  public var leaks: [Leak] { digests.indices.compactMap { leak(of: $0) } }
}
