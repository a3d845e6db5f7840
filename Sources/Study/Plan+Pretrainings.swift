// What a fit's network holds of its pretrainings, which a file that predicts must join with the fit.

import Canonical

extension Plan {
  /// `pretrainings(ofFit:)` of `stages`.
  public func pretrainings(ofFit fit: Int) -> [Int] { stages.pretrainings(ofFit: fit) }
}

extension [PlannedStage] {
  /// The pretraining of each graph of a fit, directly or through the features that were extracted with it.
  ///
  /// - Parameter fit: the fit's place.
  /// - Returns: places in the order of the graphs; none where nothing is transferred.
  public func pretrainings(ofFit fit: Int) -> [Int] {
    let stage = self[fit]
    precondition(stage.kind == .fit, "only a fit has pretrainings")
    let byDigest = Dictionary(stage.parents.map { (self[$0].digest.hex, $0) }) { first, _ in first }
    let direct = (stage.description["checkpoints"]?.array ?? []).compactMap { $0.string.flatMap { byDigest[$0] } }
    guard direct.isEmpty else { return direct }
    let features = stage.description["features"]?.array ?? []
    return (stage.description["graphs"]?.array ?? []).indices.compactMap { graph in
      let feature = features.first { $0["graph"]?.integer == graph }
      let extract = feature?["stage"]?.string.flatMap { byDigest[$0] }
      return extract.flatMap { self[$0].parents.first }
    }
  }
}
