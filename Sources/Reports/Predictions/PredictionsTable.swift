// Predictions of any tool, as comma-separated values: what is scored and compared.
//
// The columns fold, subject, clip, label and predicted must be there, in any order; configuration and seed may be; all
// others are passed over. So our own predictions.csv is one of many.

import Canonical
import Study

/// One prediction, as its row says it.
public struct PredictionRecord: Hashable, Sendable {
  /// The line of the file, counted from 1.
  public let line: Int
  /// The configuration; nil where the file has no such column.
  public let configuration: String?
  /// The seed; nil where the file has no such column.
  public let seed: String?
  /// The fold that held the clip out.
  public let fold: String
  /// The clip's subject.
  public let subject: String
  /// The clip's name.
  public let clip: String
  /// The true label.
  public let label: String
  /// The predicted label.
  public let predicted: String

  /// The clip as people name it.
  var name: String { "\(subject)/\(clip)" }
}

/// The rows of a file of predictions: whole, every clip once for each configuration, seed and fold.
public struct PredictionsTable: Sendable {
  /// The columns that must be there.
  public static let columns = ["fold", "subject", "clip", "label", "predicted"]
  /// The most rows of a file.
  public static let rowLimit = 1_000_000
  /// The most bytes of a file.
  public static let byteLimit = 256 << 20
  /// The most different labels of a file; more of them are no labels but another column.
  public static let labelLimit = 64

  /// The file as the user named it.
  public let path: String
  /// The rows in the order of the file.
  public let records: [PredictionRecord]

  /// Rows that were checked.
  init(path: String, records: [PredictionRecord]) {
    self.path = path
    self.records = records
  }

  /// Reads a file's bytes.
  /// - Throws: At the first line that breaks the grammar, lacks a value, repeats a clip or contradicts another line.
  public init(parsing bytes: [UInt8], path: String) throws(PredictionsError) {
    self.path = path
    let table: CSVTable
    do {
      table = try CSVTable(parsing: bytes, rowLimit: Self.rowLimit)
    } catch {
      throw PredictionsError(path: path, line: error.line, what: "\(error.what); write it as comma-separated values")
    }
    for column in Self.columns where !table.columns.contains(column) {
      let wanted = Self.columns.joined(separator: ",")
      throw PredictionsError(
        path: path, line: 1, what: "the column \"\(column)\" is missing; the header must name \(wanted)")
    }
    guard !table.rows.isEmpty else {
      throw PredictionsError(path: path, what: "there is no prediction behind the header; nothing can be scored")
    }
    records = Self.records(of: table)
    var check = RecordCheck(path: path)
    for record in records { try check.add(record) }
  }

  private static func records(of table: CSVTable) -> [PredictionRecord] {
    func place(_ column: String) -> Int? { table.columns.firstIndex(of: column) }
    let wanted = columns.compactMap(place)
    let (configuration, seed) = (place("configuration"), place("seed"))
    return table.rows.map { row in
      let fields = wanted.map { row.fields[$0] }
      return PredictionRecord(
        line: row.line, configuration: configuration.map { row.fields[$0] }, seed: seed.map { row.fields[$0] },
        fold: fields[0], subject: fields[1], clip: fields[2], label: fields[3], predicted: fields[4])
    }
  }

  /// The labels that occur, true or predicted, in the order of their UTF-8 bytes.
  public var labels: [String] {
    Set(records.map(\.label)).union(records.map(\.predicted)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The rows as clips over the given labels, or those of the rows; in the order (fold, subject, clip).
  public func clips(labels wanted: [String]? = nil) -> PredictedClips {
    let labels = wanted ?? labels
    let places = Dictionary(zip(labels, labels.indices)) { first, _ in first }
    let clips = records.map { record -> PredictedClip in
      guard let truth = places[record.label], let predicted = places[record.predicted] else {
        preconditionFailure("clips over labels that are not theirs")
      }
      return PredictedClip(
        fold: record.fold, subject: record.subject, clip: record.clip, truth: truth, predicted: [predicted])
    }
    return PredictedClips(labels: labels, clips: clips.sorted(by: PredictedClip.precedes))
  }

  /// How many clips stand in more than one fold, as they do where a protocol is repeated.
  public var repeatedClips: Int {
    var folds: [[String]: Int] = [:]
    for record in records { folds[[record.subject, record.clip], default: 0] += 1 }
    return folds.values.count { $0 > 1 }
  }
}

/// What every row must be beside the rows before it.
private struct RecordCheck {
  let path: String
  private var lines: [[String?]: Int] = [:]
  private var truths: [[String]: (label: String, line: Int)] = [:]
  private var labels: Set<String> = []

  init(path: String) { self.path = path }

  mutating func add(_ record: PredictionRecord) throws(PredictionsError) {
    let fields = [
      ("subject", record.subject), ("clip", record.clip), ("label", record.label), ("predicted", record.predicted),
    ]
    for (column, text) in fields where text.isEmpty {
      throw error(record, "the column \"\(column)\" is empty; every prediction needs one")
    }
    let key = [record.configuration, record.seed, record.fold, record.subject, record.clip]
    if let line = lines.updateValue(record.line, forKey: key) {
      throw error(record, "clip \(record.name) stands twice in fold \"\(record.fold)\", first on line \(line)")
    }
    let truth = truths[[record.subject, record.clip]] ?? (record.label, record.line)
    truths[[record.subject, record.clip]] = truth
    guard truth.label == record.label else {
      throw error(
        record,
        "clip \(record.name) has the label \"\(record.label)\" here and \"\(truth.label)\" on line \(truth.line)")
    }
    labels.formUnion([record.label, record.predicted])
    guard labels.count <= PredictionsTable.labelLimit else {
      throw error(
        record, "more than \(PredictionsTable.labelLimit) different labels; are the columns label and predicted right?")
    }
  }

  private func error(_ record: PredictionRecord, _ what: String) -> PredictionsError {
    PredictionsError(path: path, line: record.line, what: what)
  }
}

extension PredictedClip {
  /// The order (fold, subject, clip); text by its UTF-8 bytes.
  static func precedes(_ left: PredictedClip, _ right: PredictedClip) -> Bool {
    if left.fold != right.fold { return left.fold.utf8.lexicographicallyPrecedes(right.fold.utf8) }
    if left.subject != right.subject { return left.subject.utf8.lexicographicallyPrecedes(right.subject.utf8) }
    return left.clip.utf8.lexicographicallyPrecedes(right.clip.utf8)
  }
}
