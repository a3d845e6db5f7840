// The results of a ledger for a coordinator that starts: what a million of them need, and nothing else.

import Canonical
import Messages

/// Stages that the ledger has results of: 48 bytes each and no boxes.
public struct CommittedStages: Sequence, Sendable {
  private var stages: [Int32] = []
  private var tokens: [UInt64] = []
  private var results: [Digest] = []
  private var artifacts: [Int32: ArtifactName] = [:]
  private var hosts: [UInt32] = []
  private var names: [String] = []
  private var numbers: [String: UInt32] = [:]

  /// None.
  public init() {}

  /// How many.
  public var count: Int { stages.count }

  /// One more.
  public mutating func append(_ result: CommittedStage) {
    stages.append(Int32(result.stage))
    tokens.append(result.token)
    results.append(result.result)
    if let artifact = result.artifact { artifacts[Int32(result.stage)] = artifact }
    // Results of one host follow each other more often than not.
    if let last = hosts.last, names[Int(last)] == result.host { return hosts.append(last) }
    let number = numbers[result.host] ?? UInt32(names.count)
    if number == names.count {
      names.append(result.host)
      numbers[result.host] = number
    }
    hosts.append(number)
  }

  /// One of them.
  private subscript(place: Int) -> CommittedStage {
    CommittedStage(
      stage: Int(stages[place]), token: tokens[place], result: results[place], artifact: artifacts[stages[place]],
      host: names[Int(hosts[place])])
  }

  /// One after the other, in the order in which they came.
  public struct Iterator: IteratorProtocol {
    fileprivate let all: CommittedStages
    fileprivate var place = 0

    /// The next one.
    public mutating func next() -> CommittedStage? {
      guard place < all.count else { return nil }
      defer { place += 1 }
      return all[place]
    }
  }

  /// One after the other, in the order in which they came.
  public func makeIterator() -> Iterator { Iterator(all: self) }
}
