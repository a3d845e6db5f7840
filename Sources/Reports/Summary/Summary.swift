// Facts in canonical order, checked and counted. Every file of the report is written from this, so none can disagree.

import Study

/// The whole report, counted.
struct Summary {
  /// The facts; rows and failed cells in canonical order.
  let input: ReportInput
  /// The points of the grid, in the study's order.
  let configurations: [MethodSummary]
  /// The baselines, in the order given.
  let baselines: [MethodSummary]
  /// Every complete configuration beside the strongest baseline, in the study's order.
  let comparisons: [BaselineComparison]
  /// The highest configuration beside every baseline.
  let besideBaselines: [BaselineComparison]
  /// Every complete configuration with transfer beside its twin from scratch, in the study's order.
  let transfers: [BaselineComparison]
  /// The highest configuration beside every other one.
  let besideConfigurations: [BaselineComparison]

  /// Sorts, checks and counts.
  /// - Throws: `ReportError.inconsistent` where a row or a cell does not fit the study.
  init(_ unsorted: ReportInput) throws(ReportError) {
    var input = unsorted
    input.rows.sort(by: PredictionRow.precedes)
    input.failed.sort(by: FailedCell.precedes)
    for place in input.baselines.indices { input.baselines[place].rows.sort(by: PredictionRow.precedes) }
    try Self.check(input)
    self.input = input
    configurations = try Self.configurations(of: input)
    baselines = try Self.baselines(of: input)
    comparisons = try BaselineComparison.all(configurations, Self.highest(baselines))
    let candidates = Self.candidates(configurations, input.race)
    besideBaselines = try BaselineComparison.each(
      Self.highest(configurations), pickedAmong: candidates, beside: baselines, known: comparisons)
    transfers = Self.transfers(input.configurations, configurations)
    besideConfigurations = Self.besideConfigurations(configurations, pickedAmong: candidates)
  }

  /// Configurations, then baselines: the lines of the headline table.
  var methods: [MethodSummary] { configurations + baselines }

  /// Whether any figure misses a fold that it should have.
  var isIncomplete: Bool { methods.contains { $0.isIncomplete && !isDropped($0) } }

  /// Whether a race over the folds dropped a configuration, which then has no figure on purpose.
  func isDropped(_ method: MethodSummary) -> Bool {
    input.race?.races.contains { $0.fold == nil && $0.dropped.contains { $0.name == method.name } } ?? false
  }

  /// Whether a configuration left a race over the folds because a computation of it failed for good.
  func isWithdrawn(_ method: MethodSummary) -> Bool {
    input.race?.races.contains { $0.fold == nil && $0.withdrawn.contains(method.name) } ?? false
  }

  /// Among how many configurations the highest was picked by scores of these clips: the complete ones, and those that a
  /// race over the folds had dropped by such scores before.
  private static func candidates(_ configurations: [MethodSummary], _ race: RaceFacts?) -> Int {
    let dropped = race?.races.filter { $0.fold == nil }.flatMap { $0.dropped.map(\.name) } ?? []
    return configurations.count { !$0.isIncomplete && $0.hasFigures || dropped.contains($0.name) }
  }

  /// The method with the highest mean UF1 among complete ones; the first of equals.
  static func highest(_ methods: [MethodSummary]) -> MethodSummary? {
    let complete = methods.filter { !$0.isIncomplete && $0.hasFigures }
    return complete.reduce(nil) { best, next in
      guard let best else { return next }
      return next.spread(\.uf1).mean > best.spread(\.uf1).mean ? next : best
    }
  }

  /// The text mark of the line with this place among `methods`: "highest", "highest configuration", or none.
  func mark(_ place: Int) -> String? {
    func isHighest(of group: [MethodSummary]) -> Bool {
      guard !methods[place].isIncomplete, methods[place].hasFigures, let best = Self.highest(group) else {
        return false
      }
      return methods[place].spread(\.uf1).mean == best.spread(\.uf1).mean
    }
    if isHighest(of: methods) { return "highest" }
    return place < configurations.count && isHighest(of: configurations) ? "highest configuration" : nil
  }

  /// What every table must say because the study allowed it.
  var stamps: [String] {
    var stamps: [String] = []
    if input.protocol.leakage != "strict" { stamps.append("leakage: \(input.protocol.leakage)") }
    if input.protocol.isByClip { stamps.append("held out by clip") }
    if ["test", "race"].contains(input.protocol.selection) { stamps.append("selected on test") }
    return stamps
  }

  private static func configurations(of input: ReportInput) throws(ReportError) -> [MethodSummary] {
    var summaries: [MethodSummary] = []
    var remaining = input.rows[...]
    for (place, configuration) in input.configurations.enumerated() {
      let rows = remaining.prefix { $0.configuration == place }
      remaining = remaining.dropFirst(rows.count)
      var counter = MethodCounter(name: configuration.name, seeds: configuration.seeds, input: input)
      try counter.add(rows)
      summaries.append(try counter.finish(failed: input.failed.filter { $0.configuration == place }))
    }
    return summaries
  }

  private static func baselines(of input: ReportInput) throws(ReportError) -> [MethodSummary] {
    var summaries: [MethodSummary] = []
    for baseline in input.baselines {
      var counter = MethodCounter(name: baseline.name, seeds: [0], input: input)
      try counter.add(baseline.rows[...])
      summaries.append(try counter.finish(failed: input.failed.filter { $0.configuration == nil }))
    }
    return summaries
  }

  private static func check(_ input: ReportInput) throws(ReportError) {
    for row in input.rows where !input.configurations.indices.contains(row.configuration) {
      throw .inconsistent("clip \(row.subject)/\(row.clip) names configuration \(row.configuration)")
    }
    for cell in input.failed where !input.folds.indices.contains(cell.fold) {
      throw .inconsistent("a failed cell names fold \(cell.fold) of \(input.folds.count)")
    }
    for configuration in input.configurations where configuration.seeds.isEmpty {
      throw .inconsistent("configuration \(configuration.name) has no seed")
    }
  }
}

// MARK: - Canonical order

extension PredictionRow {
  /// The order (configuration, seed, fold, subject, clip); text by its UTF-8 bytes.
  static func precedes(_ left: PredictionRow, _ right: PredictionRow) -> Bool {
    if (left.configuration, left.seed, left.fold) != (right.configuration, right.seed, right.fold) {
      return (left.configuration, left.seed, left.fold) < (right.configuration, right.seed, right.fold)
    }
    if left.subject != right.subject { return left.subject.utf8.lexicographicallyPrecedes(right.subject.utf8) }
    return left.clip.utf8.lexicographicallyPrecedes(right.clip.utf8)
  }
}

extension FailedCell {
  /// The order (configuration, seed, fold); baselines last.
  static func precedes(_ left: FailedCell, _ right: FailedCell) -> Bool {
    (left.configuration ?? .max, left.seed ?? .max, left.fold, left.stage)
      < (right.configuration ?? .max, right.seed ?? .max, right.fold, right.stage)
  }
}
