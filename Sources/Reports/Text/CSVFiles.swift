// folds.csv and predictions.csv: one header line, RFC 4180 quoting, lines that end in LF as most tools write them.
//
// Numbers are the shortest text that reads back to the same bits.

/// One field: quoted where it holds a comma, a quotation mark or a line end, or where spaces at its ends would be lost.
func csvField(_ text: String) -> String {
  let special = text.utf8.contains { byte in [0x22, 0x2c, 0x0a, 0x0d].contains(byte) }
  guard special || text.hasPrefix(" ") || text.hasSuffix(" ") else { return text }
  return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}

private func csvLine(_ fields: [String]) -> String { fields.map(csvField).joined(separator: ",") + "\n" }

extension Summary {
  /// `configuration,seed,fold,subject,clip,label,predicted,score_<label>…`, one line per predicted clip.
  var predictionsCSV: String {
    let columns = ["configuration", "seed", "fold", "subject", "clip", "label", "predicted"]
    var text = csvLine(columns + input.labels.map { "score_\($0)" } + stampHead)
    for row in input.rows {
      let place = [
        input.configurations[row.configuration].name, String(row.seed), input.folds[row.fold].name, row.subject,
        row.clip,
      ]
      text += csvLine(place + [row.label, row.predicted] + row.scores.map { "\($0)" } + stampField)
    }
    return text
  }

  /// `configuration,seed,fold,subjects,clips,correct,accuracy,state`, one line per cell; baselines have no seed.
  ///
  /// `state` is `done` or `incomplete`; a cell without a result has empty figures. Subjects are joined by spaces.
  var foldsCSV: String {
    let columns = ["configuration", "seed", "fold", "subjects", "clips", "correct", "accuracy", "state"]
    var text = csvLine(columns + stampHead)
    for configuration in configurations {
      for (place, seed) in configuration.seeds.enumerated() {
        for fold in configuration.folds {
          text += csvLine(fold.fields(configuration.name, String(seed), place) + stampField)
        }
      }
    }
    for baseline in baselines {
      for fold in baseline.folds { text += csvLine(fold.fields(baseline.name, "", 0) + stampField) }
    }
    return text
  }

  /// A last column where the study allowed something on purpose, so that a row that is copied away still says it.
  private var stampHead: [String] { stamps.isEmpty ? [] : ["stamp"] }

  private var stampField: [String] { stamps.isEmpty ? [] : [stamps.joined(separator: "; ")] }
}

extension FoldSummary {
  fileprivate func fields(_ method: String, _ seed: String, _ place: Int) -> [String] {
    let start = [method, seed, fold.name, fold.subjects.joined(separator: " "), String(fold.clips)]
    guard let hits = correct[place] else { return start + ["", "", "incomplete"] }
    let accuracy = fold.clips > 0 ? "\(Double(hits) / Double(fold.clips))" : ""
    return start + [String(hits), accuracy, "done"]
  }
}
