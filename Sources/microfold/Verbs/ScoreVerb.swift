// `score`: every figure of a file of predictions, whichever tool wrote it.

import Reports

enum ScoreVerb: Verb {
  static let name = "score"
  static let summary = "accuracy, UF1, UAR and their intervals of any tool's predictions"
  static let flags = Flags(
    values: ["--configuration", "--seed"], switches: ["--json"], words: ["PREDICTIONS.csv"])
  static let help = """
    microfold score PREDICTIONS.csv [--configuration NAME] [--seed N] [--json]

    PREDICTIONS.csv has a header and the columns fold, subject, clip, label and predicted, in any order; others are
    passed over. The report's predictions.csv is such a file.

    Prints accuracy, UF1, UAR, Cohen's kappa, every class, the confusion matrix and every subject, all folds pooled, and
    95 % intervals by a bootstrap over subjects. UF1 and UAR are means over the labels that occur as truth.

      --configuration NAME   scores this configuration alone, of a file that holds several
      --seed N               scores this seed alone, of a file that holds several
      --json                 one object on one line
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let path = arguments.words[0]
    let choice = PredictionsChoice(
      configuration: arguments.value("--configuration"), seed: arguments.value("--seed"))
    let table = try PredictionsFile.read(path).choosing(choice)
    table.noteRepeats()
    let score = Score(table.clips())
    if arguments.has("--json") {
      Output.json(score.json)
    } else {
      for line in score.lines { Output.line(line) }
    }
    return 0
  }
}

extension PredictionsTable {
  /// Tells the person of clips that count more than once.
  func noteRepeats() {
    let repeated = repeatedClips
    guard repeated > 0 else { return }
    let stand = repeated == 1 ? "1 clip stands" : "\(repeated) clips stand"
    Output.note("\(path): \(stand) in several folds and count\(repeated == 1 ? "s" : "") in each of them")
  }
}
