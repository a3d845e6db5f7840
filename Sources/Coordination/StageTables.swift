// What the coordinator remembers of every stage and every token, in flat arrays: a million of each are some tens of MB.

import Canonical
import Messages

/// Results that the ledger has.
struct CommittedTable: Sendable {
  /// One more than the token, so that 0 is none.
  private var tokens: [UInt64]
  private var results: [Digest]
  private var artifacts: [Int: ArtifactName] = [:]
  private var owners: [Digest: Int] = [:]

  init(count: Int) {
    tokens = Array(repeating: 0, count: count)
    results = Array(repeating: Digest(bytes: Array(repeating: 0, count: 32)), count: count)
  }

  /// The result of a stage; nil while it has none.
  subscript(stage: Int) -> CommittedStage? {
    guard tokens[stage] != 0 else { return nil }
    return CommittedStage(
      stage: stage, token: tokens[stage] &- 1, result: results[stage], artifact: artifacts[stage])
  }

  /// Notes a result.
  mutating func insert(_ result: CommittedStage) {
    tokens[result.stage] = result.token &+ 1
    results[result.stage] = result.result
    if let old = artifacts.removeValue(forKey: result.stage) { owners[old.digest] = nil }
    guard let artifact = result.artifact else { return }
    artifacts[result.stage] = artifact
    owners[artifact.digest] = result.stage
  }

  /// Forgets a result that was withdrawn.
  mutating func remove(_ stage: Int) {
    tokens[stage] = 0
    if let artifact = artifacts.removeValue(forKey: stage), owners[artifact.digest] == stage {
      owners[artifact.digest] = nil
    }
  }

  /// The artifact of a stage; nil where it has none, or no result.
  func artifact(of stage: Int) -> ArtifactName? { artifacts[stage] }

  /// The stage that an artifact belongs to.
  func owner(of artifact: Digest) -> Int? { owners[artifact] }
}

/// The stage of every token that this start of the coordinator knows of.
struct TokenTable: Sendable {
  /// The first token that this start may give.
  private let base: UInt64
  /// Stages of the tokens that this start gave, in their order; -1 where one was passed over.
  private var given: [Int32] = []
  /// Tokens of earlier starts, ascending, and their stages.
  private var earlier: [(token: UInt64, stage: Int32)] = []
  private var others: [UInt64: Int32] = [:]

  /// - Parameter base: smaller tokens belong to earlier starts.
  init(base: UInt64) { self.base = base }

  /// Takes over what the ledger knows.
  mutating func recover(_ tokens: [(token: UInt64, stage: Int32)]) {
    earlier = tokens
    let isInOrder = tokens.indices.dropFirst().allSatisfy { tokens[$0 - 1].token <= tokens[$0].token }
    if !isInOrder { earlier.sort { $0.token < $1.token } }
  }

  /// The stage of a token, where it is known.
  func stage(of token: UInt64) -> Int? {
    if token >= base, token - base < UInt64(given.count) {
      let stage = given[Int(token - base)]
      return stage < 0 ? nil : Int(stage)
    }
    if let stage = others[token] { return Int(stage) }
    var (low, high) = (0, earlier.count)
    while low < high {
      let middle = (low + high) / 2
      if earlier[middle].token < token { low = middle + 1 } else { high = middle }
    }
    return low < earlier.count && earlier[low].token == token ? Int(earlier[low].stage) : nil
  }

  /// Notes a token.
  mutating func note(_ token: UInt64, _ stage: Int) {
    if token >= base, token - base < UInt64(given.count) {
      given[Int(token - base)] = Int32(stage)
    } else if token >= base, token - base < UInt64(given.count) + Self.gapLimit {
      while token - base > UInt64(given.count) { given.append(-1) }
      given.append(Int32(stage))
    } else if self.stage(of: token) != stage {
      others[token] = Int32(stage)
    }
  }

  /// Tokens are given one after the other; a gap comes only from one that was never used.
  private static let gapLimit: UInt64 = 1_024
}
