// `compare`: whether two methods that predicted the same clips differ by more than luck.

import Reports

enum CompareVerb: Verb {
  static let name = "compare"
  static let summary = "paired tests of two methods that predicted the same clips"
  static let flags = Flags(
    values: [
      "--configuration", "--seed", "--configuration-a", "--seed-a", "--configuration-b", "--seed-b",
    ], switches: ["--json"], words: ["A.csv", "B.csv"])
  static let help = """
    microfold compare A.csv B.csv [--json]

    Both files have the form that `score` reads, and the same clips with the same labels. The differences are A less B.

    mcnemar_p is McNemar's exact test of accuracy: of the clips that only one of the two has right, two-sided.
    permutation_p swaps both methods' predictions subject by subject and counts how often UF1 then differs as much:
    every swap is tried up to 14 subjects, 10,000 are drawn above that. Both ask whether so few clips and subjects can
    show that difference; where several methods are compared, correct for their number.

      --configuration NAME, --seed N        choose out of files that hold several
      --configuration-a NAME, --seed-a N    choose out of A.csv alone
      --configuration-b NAME, --seed-b N    choose out of B.csv alone; A.csv and B.csv may be the same file
      --json                                one object on one line
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    let first = try table(arguments, word: 0, side: "a")
    let second = try table(arguments, word: 1, side: "b")
    first.noteRepeats()
    let (one, two) = try first.paired(with: second)
    let comparison = Comparison(
      one, named: title(arguments, word: 0, side: "a"), two, named: title(arguments, word: 1, side: "b"))
    if arguments.has("--json") {
      Output.json(comparison.json)
    } else {
      for line in comparison.lines { Output.line(line) }
    }
    return 0
  }

  private static func choice(_ arguments: Arguments, side: String) -> PredictionsChoice {
    PredictionsChoice(
      configuration: arguments.value("--configuration-\(side)") ?? arguments.value("--configuration"),
      seed: arguments.value("--seed-\(side)") ?? arguments.value("--seed"),
      configurationFlag: "--configuration-\(side)", seedFlag: "--seed-\(side)")
  }

  private static func table(_ arguments: Arguments, word: Int, side: String) throws -> PredictionsTable {
    try PredictionsFile.read(arguments.words[word]).choosing(choice(arguments, side: side))
  }

  /// The file, and what was chosen out of it.
  private static func title(_ arguments: Arguments, word: Int, side: String) -> String {
    let choice = choice(arguments, side: side)
    let parts = [choice.configuration, choice.seed.map { "seed \($0)" }].compactMap { $0 }
    return ([arguments.words[word]] + parts).joined(separator: ", ")
  }
}
