// Predictions as selection and averaging see them, and what is done with them. Pure arithmetic on results: whoever
// holds the ledger gets the same answer.

/// One predicted clip.
public struct ScoredClip: Sendable, Equatable {
  /// The subject.
  public let subject: String
  /// The clip's name, unique within its subject.
  public let clip: String
  /// The true label's place among the labels.
  public let label: Int
  /// One score per label: log-probabilities.
  public let scores: [Double]

  /// A predicted clip.
  public init(subject: String, clip: String, label: Int, scores: [Double]) {
    self.subject = subject
    self.clip = clip
    self.label = label
    self.scores = scores
  }

  /// The place of the largest score; the first on ties.
  public var predicted: Int {
    scores.indices.reduce(0) { best, label in scores[label] > scores[best] ? label : best }
  }
}

/// The mean of several predictions of the same clips.
public enum Averaging {
  /// The mean log-probability over networks, then the mean of that and a ridge's, where there is one.
  ///
  /// - Parameters:
  ///   - networks: what each network says of the clips, in one order.
  ///   - ridge: what a ridge says of them.
  /// - Returns: nil where the lists are not of the same clips, or where there is no list at all.
  public static func mean(networks: [[ScoredClip]], ridge: [ScoredClip]?) -> [ScoredClip]? {
    let ofNetworks = mean(networks)
    guard let ridge else { return ofNetworks }
    guard !networks.isEmpty else { return ridge }
    return ofNetworks.flatMap { mean([$0, ridge]) }
  }

  private static func mean(_ lists: [[ScoredClip]]) -> [ScoredClip]? {
    guard let first = lists.first else { return nil }
    guard lists.allSatisfy({ $0.count == first.count }) else { return nil }
    var means: [ScoredClip] = []
    for (place, clip) in first.enumerated() {
      let same = lists.map { $0[place] }
      guard same.allSatisfy({ $0.isOf(clip) }) else { return nil }
      let scores = clip.scores.indices.map { label in
        same.reduce(0) { $0 + $1.scores[label] } / Double(same.count)
      }
      means.append(ScoredClip(subject: clip.subject, clip: clip.clip, label: clip.label, scores: scores))
    }
    return means
  }
}

extension ScoredClip {
  fileprivate func isOf(_ other: ScoredClip) -> Bool {
    subject == other.subject && clip == other.clip && label == other.label && scores.count == other.scores.count
  }
}
