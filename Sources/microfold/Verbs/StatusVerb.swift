// `status`: how far a run is, from its coordinator where one answers, else from the run directory.

import Canonical
import Cluster
import Foundation
import Ledger

enum StatusVerb: Verb {
  static let name = "status"
  static let summary = "how far a run is, and who holds what"
  static let flags = Flags(values: ["--connect", "--keys"], switches: ["--json"], words: ["RUN-DIR"], optionalWords: 1)
  static let help = """
    microfold status RUN-DIR | --connect ENDPOINT [--keys DIR] [--json]

    Never waits longer than two seconds. Asks the coordinator; when none answers, reads the run directory. How far the
    run is, who holds what for how long, stages a minute and the time that is left.

      --keys DIR   a key of role viewer or admin: needed with --connect where the coordinator has keys
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

  /// The coordinator's own answer; nil where none is there. One that refuses the key is there.
  private static func live(_ run: RunFile, keys: ClientKeys?) throws(ControlError) -> JSON? {
    do throws(ControlError) {
      guard case .coordinator(_, let status) = try run.holder(keys: keys, timeout_ms: 1_000) else { return nil }
      return status
    } catch {
      switch error {
      case .away, .endpoint: return nil
      default: throw error
      }
    }
  }

  private static func stored(_ run: RunFile) -> JSON {
    let done = Set(run.contents.results.map(\.stage))
    let failed = run.contents.failures.filter { !done.contains($0.stage) }.count
    let now_s = Date().timeIntervalSince1970
    let holds = run.contents.attempts.filter { $0.state == .granted && !done.contains($0.stage) }.map { row -> JSON in
      [
        "index": .integer(row.stage), "host": .string(row.host), "process": .integer(row.process),
        "attempt": .integer(row.number), "since_s": .integer(Int(now_s - row.granted_s)),
      ]
    }
    return [
      "coordinator": "away", "conflicts": .integer(run.contents.twins.count), "holds": .array(holds),
      "stages": [
        "total": .integer(run.contents.stages.count), "committed": .integer(done.count), "failed": .integer(failed),
        "dropped": .integer(run.contents.meta[RunMeta.dropped].flatMap { Int($0) } ?? 0),
      ],
    ]
  }

  private static func show(_ status: JSON, _ arguments: Arguments) {
    if arguments.has("--json") { return Output.json(status) }
    for line in StatusText(status: status).lines { Output.line(line) }
  }
}
