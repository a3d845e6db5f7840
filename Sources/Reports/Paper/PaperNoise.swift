// How much the paper's own figures may mean: the interval of each, and how many of its rows are told apart at all.

import Study

extension PaperSet {
  /// The clips of one part, of which the paper's figures are shares.
  var clips: Int { self == .mmew ? 44 : 16 }
}

extension PaperTable {
  /// Whether a column holds accuracies on held-out clips, rather than on those trained on.
  func isTesting(_ column: String) -> Bool { !column.hasSuffix("pretraining") && !column.hasSuffix("fine-tuning") }

  /// The columns of a set: those that do not name the other one.
  func columns(of set: PaperSet?) -> [Int] {
    columns.indices.filter { place in
      !PaperSet.allCases.contains { $0 != (set ?? $0) && columns[place].hasPrefix($0.rawValue) }
    }
  }

  /// The set that a cell is of.
  func set(row: String, column: String) -> PaperSet? {
    if number == "IV" { return .mmew }
    if number == "V" { return .samm }
    return PaperSet.allCases.first { column.hasPrefix($0.rawValue) || row.contains($0.rawValue) }
  }

  /// The 95 % interval of a printed figure in percent; nil for rates on the clips trained on.
  func interval(_ value: Double, row: String, column: String) -> ClosedRange<Double>? {
    guard isTesting(column), let set = set(row: row, column: column) else { return nil }
    return Proportion.interval(value / 100, of: set.clips)
  }

  /// What the paper's figures say of each other, one sentence for each group of figures that stand beside each other.
  func noise(of set: PaperSet?) -> [String] {
    guard number != "III", let set else { return [] }
    let testing = columns(of: set).filter { isTesting(columns[$0]) }
    if number == "IV" || number == "V" {
      return [noise("Of the", rows.flatMap { row in testing.map { row.values[$0] } }, set)]
    }
    return testing.map { place in noise("\(columns[place]): of the", rows.map { $0.values[place] }, set) }
  }

  private func noise(_ start: String, _ values: [Double], _ set: PaperSet) -> String {
    let pairs = values.indices.flatMap { one in values[..<one].map { (values[one] / 100, $0 / 100) } }
    func apart(_ clips: Int) -> Int {
      pairs.count { !Proportion.difference($0, of: clips, $1, of: clips).contains(0) }
    }
    let (few, many) = (apart(set.clips), apart(10 * set.clips))
    let order = few == 0 ? "the paper's order is" : "the order of all others is"
    return
      "\(start) \(pairs.count) pairs of the paper's figures \(few) differ by more than chance when each is a share of "
      + "\(set.clips) clips (95 % interval of the difference, Newcombe 1998): \(order) inside its own noise. If each "
      + "were a share of \(10 * set.clips) independent clips, \(many) would."
  }
}
