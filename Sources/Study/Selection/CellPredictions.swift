// From the results of stages to what a cell says of its clips, once: a race, a report and a choice read the same.

import Canonical

extension ScoredClip {
  /// The predictions in a stage's result: those of a network, or of the one ridge among a fold's baselines that
  /// averages take; nil where something is missing or is not of the study.
  /// - Parameters:
  ///   - kind: the stage's kind.
  ///   - labels: the study's labels, in the order of every list of scores.
  public static func list(result: JSON?, of kind: StageKind, labels: [String]) -> [ScoredClip]? {
    let list = kind == .baseline ? result?["methods"]?[Plan.averagedRidge] : result?["predictions"]
    guard let rows = list?.array else { return nil }
    let clips = rows.compactMap { row -> ScoredClip? in
      guard let subject = row["subject"]?.string, let clip = row["clip"]?.string,
        let label = row["label"]?.string.flatMap({ labels.firstIndex(of: $0) }),
        let scores = row["scores"]?.array?.compactMap(\.number), scores.count == labels.count
      else { return nil }
      return ScoredClip(subject: subject, clip: clip, label: label, scores: scores)
    }
    return clips.count == rows.count ? clips : nil
  }
}

extension Cell {
  /// What the cell says of its clips: the mean of its networks and its ridge; nil where their lists are not of the same
  /// clips.
  /// - Parameter clips: what a stage says of them.
  public func predictions(_ clips: (_ stage: Int) throws -> [ScoredClip]) rethrows -> [ScoredClip]? {
    try Averaging.mean(networks: networks.map(clips), ridge: ridge.map(clips))
  }
}
