// All parameters of a configuration as one value, for reports and for the digest of a study.

import Canonical

extension Parameters {
  /// Every parameter by section, as a study file names them; `pretrain` only where something is transferred.
  public var json: JSON {
    let builder = DescriptionBuilder(numericClass: "", side: 0)
    let graphs = self.graphs.map { graph -> JSON in
      var members = builder.graph(graph).object ?? [:]
      members["side"] = nil
      return .object(members)
    }
    var members: [String: JSON] = [
      "graphs": .array(graphs), "network": builder.network(network, isTarget: true), "rows": builder.rows(rows),
      "fusion": .string(fusion.rawValue), "transfer": .string(transfer.rawValue),
      "fit": .object(builder.training(fit, labels: nil)),
    ]
    if let head = builder.head(head) { members["head"] = head }
    if transfer != .scratch { members["pretrain"] = .object(builder.training(pretrain, labels: nil)) }
    if average != .one {
      members["average"] = ["networks": .integer(average.networks), "ridge": .bool(average.ridge)]
    }
    return .object(members)
  }
}
