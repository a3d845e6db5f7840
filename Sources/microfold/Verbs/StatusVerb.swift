// `status`: how far a run is, from its coordinator where one answers, else from the run directory.

import Canonical
import Cluster
import Ledger

enum StatusVerb: Verb {
  static let name = "status"
  static let summary = "how far a run is, and who holds what"
  static let flags = Flags(values: ["--connect", "--keys"], switches: ["--json"], words: ["RUN-DIR"], optionalWords: 1)
  static let help = """
    microfold status RUN-DIR | --connect ENDPOINT [--keys DIR] [--json]

    Never waits longer than two seconds. Asks the coordinator; when none answers, reads the run directory.

      --keys DIR   a key of role viewer or admin: needed where the coordinator has keys
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    if arguments.value("--connect") != nil {
      show(try arguments.controlClient().ask(["verb": "status"]), arguments)
      return 0
    }
    guard let path = arguments.words.first else {
      throw Failure("status: give a RUN-DIR or --connect ENDPOINT")
    }
    let run = try RunFile(path: path)
    if let answer = try live(run, keys: arguments.clientKeys()) {
      show(answer, arguments)
    } else {
      show(stored(run), arguments)
    }
    return 0
  }

  /// The coordinator's own answer, where one holds the run directory.
  private static func live(_ run: RunFile, keys: ClientKeys?) -> JSON? {
    guard let holder = run.contents.meta[RunMeta.holder], !holder.isEmpty,
      let text = run.contents.meta[RunMeta.endpoint],
      let endpoint = try? Endpoint(text, hasKeys: keys != nil).here
    else { return nil }
    guard let answer = try? ControlClient(endpoint: endpoint, keys: keys).ask(["verb": "status"], timeout_ms: 1000)
    else {
      return nil
    }
    // Another run's coordinator may listen there now.
    return answer["plan"]?.string == run.contents.meta[RunMeta.plan] ? answer : nil
  }

  private static func stored(_ run: RunFile) -> JSON {
    [
      "coordinator": "away", "stages": .integer(run.contents.stages.count),
      "committed": .integer(run.contents.results.count), "failed": .integer(run.contents.failures.count),
      "twins": .integer(run.contents.twins.count),
    ]
  }

  private static func show(_ status: JSON, _ arguments: Arguments) {
    if arguments.has("--json") { return Output.json(status) }
    for (key, value) in (status.object ?? [:]).sorted(by: { $0.key < $1.key }) where key != "ok" {
      guard let list = value.array else {
        Output.line("\(key)  \(value.string ?? value.text)")
        continue
      }
      Output.line(key)
      for element in list { Output.line("  \(element.text)") }
    }
  }
}
