// The command: finds the verb, prints help, turns every error into one line and an exit status.

import Foundation

/// One verb of the command.
protocol Verb {
  /// The word.
  static var name: String { get }
  /// What it does, in a few words, for the list of verbs.
  static var summary: String { get }
  /// The whole help text.
  static var help: String { get }
  /// The flags and words that it knows.
  static var flags: Flags { get }
  /// Does it.
  /// - Returns: The exit status.
  static func run(_ arguments: Arguments) throws -> Int32
}

/// The command line of Microfold.
enum Command {
  private static var verbs: [any Verb.Type] {
    [
      SynthesizeVerb.self, PrepareVerb.self, InspectVerb.self, PlanVerb.self, RunVerb.self, CoordinateVerb.self,
      WorkVerb.self, StatusVerb.self, WhyVerb.self, RetryVerb.self, PauseVerb.self, ResumeVerb.self, DrainVerb.self,
      CancelVerb.self, DoctorVerb.self, ReportVerb.self, VerifyVerb.self, StageVerb.self,
      FitAllVerb.self, PredictVerb.self, ScoreVerb.self, CompareVerb.self, KeysVerb.self,
    ]
  }

  /// Runs the words behind the program's name and gives the exit status.
  static func main(_ words: [String]) -> Int32 {
    guard let first = words.first, !["--help", "-h", "help"].contains(first) else {
      words.isEmpty ? Output.note(overview) : Output.line(overview)
      return words.isEmpty ? 2 : 0
    }
    guard let verb = verbs.first(where: { $0.name == first }) else {
      Output.error("unknown verb \"\(first)\"; known: \(verbs.map { $0.name }.joined(separator: " "))")
      return 2
    }
    let rest = Array(words.dropFirst())
    guard !rest.contains("--help"), !rest.contains("-h") else {
      Output.line(verb.help)
      return 0
    }
    do {
      return try verb.run(Arguments(rest, verb: verb.name, flags: verb.flags))
    } catch {
      let failure = Failure(describing: error)
      Output.error(failure.line)
      return failure.status
    }
  }

  private static var overview: String {
    let width = verbs.map { $0.name.count }.max() ?? 0
    let lines = verbs.map { "  \($0.name.padding(toLength: width, withPad: " ", startingAt: 0))  \($0.summary)" }
    return """
      microfold — micro-expression recognition on graphs, fold by fold on many workers

      microfold VERB … ; microfold VERB --help

      \(lines.joined(separator: "\n"))

      Exit status: 0 done; 1 finished with failed stages; 2 usage or input; 3 twins differed; 75 try again later;
      78 refused; 130 interrupted.
      """
  }
}
