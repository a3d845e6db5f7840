// One method out of a file of several, and two methods side by side. Nothing is chosen by itself: a score over several
// configurations would mean nothing, and one over several seeds would count each clip more than once.

import Study

/// What a user chose, and by which flags.
public struct PredictionsChoice: Sendable {
  /// The configuration, or nil.
  public let configuration: String?
  /// The seed, as it stands in the file, or nil.
  public let seed: String?
  /// The flag that chooses a configuration.
  public let configurationFlag: String
  /// The flag that chooses a seed.
  public let seedFlag: String

  /// A choice.
  public init(
    configuration: String? = nil, seed: String? = nil, configurationFlag: String = "--configuration",
    seedFlag: String = "--seed"
  ) {
    self.configuration = configuration
    self.seed = seed
    self.configurationFlag = configurationFlag
    self.seedFlag = seedFlag
  }
}

extension PredictionsTable {
  /// The rows of one configuration and one seed, as if the file held no others.
  /// - Throws: Where several are left, or what was chosen is not there; the line names what is.
  public func choosing(_ choice: PredictionsChoice) throws(PredictionsError) -> PredictionsTable {
    try one("configuration", choice.configuration, flag: choice.configurationFlag + " NAME", \.configuration)
      .one("seed", choice.seed, flag: choice.seedFlag + " N", \.seed)
  }

  private func one(
    _ word: String, _ chosen: String?, flag: String, _ value: (PredictionRecord) -> String?
  ) throws(PredictionsError) -> PredictionsTable {
    var seen: Set<String> = []
    let there = records.compactMap(value).filter { seen.insert($0).inserted }
    if let chosen {
      let flagName = flag.prefix { $0 != " " }
      guard !there.isEmpty else {
        throw PredictionsError(path: path, line: 1, what: "there is no column \"\(word)\"; leave \(flagName) away")
      }
      guard seen.contains(chosen) else {
        throw PredictionsError(path: path, what: "no \(word) \"\(chosen)\"; there is \(Self.list(there))")
      }
      return PredictionsTable(path: path, records: records.filter { value($0) == chosen })
    }
    guard there.count < 2 else {
      throw PredictionsError(
        path: path, what: "\(there.count) \(word)s (\(Self.list(there))); choose one with \(flag)")
    }
    return self
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(20).map { "\"\($0)\"" }.joined(separator: ", ")
    return names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
  }

  /// Two files as two methods on the same clips, in the same order over the labels of both.
  ///
  /// A clip is found again by its subject and name; by its fold too where a file has a clip in several folds.
  /// - Throws: Where a clip stands in one file alone, or has another label in the other.
  public func paired(
    with other: PredictionsTable
  ) throws(PredictionsError) -> (first: PredictedClips, second: PredictedClips) {
    let byFold = repeatedClips > 0 || other.repeatedClips > 0
    func key(_ record: PredictionRecord) -> [String] {
      byFold ? [record.fold, record.subject, record.clip] : [record.subject, record.clip]
    }
    let theirs = Dictionary(other.records.map { (key($0), $0) }) { first, _ in first }
    for record in records {
      guard let match = theirs[key(record)] else { throw Self.missing(record, byFold, self, from: other) }
      guard match.label == record.label else {
        throw PredictionsError(
          path: other.path, line: match.line,
          what: "clip \(record.name) has the label \"\(match.label)\" here and \"\(record.label)\" in "
            + "\(path):\(record.line); compare predictions of the same clips")
      }
    }
    let ours = Set(records.map(key))
    for record in other.records where !ours.contains(key(record)) {
      throw Self.missing(record, byFold, other, from: self)
    }
    let labels = Set(self.labels).union(other.labels).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let matched = records.compactMap { record in
      theirs[key(record)].map { match in
        PredictionRecord(
          line: match.line, configuration: match.configuration, seed: match.seed, fold: record.fold,
          subject: match.subject, clip: match.clip, label: match.label, predicted: match.predicted)
      }
    }
    return (clips(labels: labels), PredictionsTable(path: other.path, records: matched).clips(labels: labels))
  }

  private static func missing(
    _ record: PredictionRecord, _ byFold: Bool, _ holder: PredictionsTable, from other: PredictionsTable
  ) -> PredictionsError {
    let fold = byFold ? " of fold \"\(record.fold)\"" : ""
    return PredictionsError(
      path: holder.path, line: record.line,
      what: "clip \(record.name)\(fold) is not in \(other.path); compare predictions of the same clips")
  }
}
