// Which cells of the paper's tables a configuration answers for, from its parameters alone.

import Study

extension PaperReference {
  /// The cells of the study's tables in which a configuration stands; none for what the paper did not do.
  ///
  /// The paper's networks are all transferred and single, so one from scratch and an average stand nowhere.
  public func cells(of values: Parameters) -> [PaperCell] {
    guard let set, values.transfer != .scratch, values.average == .one else { return [] }
    return tables.flatMap { values.cells(in: $0, set: set.rawValue) }
  }
}

extension Parameters {
  fileprivate func cells(in table: String, set: String) -> [PaperCell] {
    switch table {
    case "II": isHeadline ? [PaperCell(table, "Ours", set)] : []
    case "III":
      isHeadline ? trained(table, PaperTables.sources(of: set), "", "pretraining", "fine-tuning", "testing") : []
    case "IV", "V":
      fit.loss.name == .focal
        ? [PaperCell(table, "α \(short(fit.loss.alpha))", "γ \(short(fit.loss.gamma))")] : []
    case "VI": graphCells(table, set)
    case "VII": branchRow.map { [PaperCell(table, $0, set)] } ?? []
    default: []
    }
  }

  /// The whole method: both branches, focal loss, 8+2 and 4+0.
  private var isHeadline: Bool { branchRow == "Spatial + Temporal + FL, 8+2 and 4+0" }

  private func trained(
    _ table: String, _ row: String, _ set: String, _ pretraining: String, _ fitting: String, _ testing: String
  ) -> [PaperCell] {
    [
      PaperCell(table, row, set + pretraining, .pretraining), PaperCell(table, row, set + fitting, .fitting),
      PaperCell(table, row, set + testing),
    ]
  }

  private func graphCells(_ table: String, _ set: String) -> [PaperCell] {
    guard fit.loss.name == .crossEntropy, rows.branches.count == 1,
      let row = graphNames.first(where: { name in PaperTables.tableVI.rows.contains { $0.name == name } })
    else { return [] }
    let branch = rows.branches[0].rawValue
    return trained(table, row, "\(set) ", "pretraining", "\(branch) fine-tuning", "\(branch) testing")
  }

  /// The row of Table VII; nil where it has none for these branches, this loss and these graphs.
  private var branchRow: String? {
    let branches = rows.branches.map { $0.rawValue.capitalisedFirst }.joined(separator: " + ")
    let loss = fit.loss.name == .focal ? "FL" : "CE"
    return graphNames.map { "\(branches) + \(loss), \($0)" }.first { name in
      PaperTables.tableVII.rows.contains { $0.name == name }
    }
  }

  /// The graphs as the tables name them: "8+2", "8+2 and 4+0"; a dual network has no first and second.
  private var graphNames: [String] {
    let names = graphs.map { "\($0.nearest)+\($0.stochastic)" }
    return [names.joined(separator: " and "), names.reversed().joined(separator: " and ")]
  }

  /// A parameter as the tables print it: "1", "0.5".
  private func short(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e6 ? String(Int(value)) : String(value)
  }
}
