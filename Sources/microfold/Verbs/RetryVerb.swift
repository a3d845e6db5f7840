// `retry`: lets stages that were given up be tried again, and finishes the run.

import Canonical
import Cluster
import Foundation
import Ledger

enum RetryVerb: Verb {
  static let name = "retry"
  static let summary = "try stages again that were given up, and finish the run"
  static let flags = Flags(
    values: ["--workers", "--connect", "--keys"], lists: ["--data"],
    switches: ["--failed", "--quarantined"], words: ["RUN-DIR", "STAGE"], optionalWords: 2)
  static let help = """
    microfold retry RUN-DIR [STAGE] [--data NAME=FILE]… [--workers N]
    microfold retry --connect ENDPOINT [STAGE] [--failed | --quarantined] [--keys DIR]

    Forgets what went wrong with the stages that were given up (or with one of them) and computes what is missing, on
    this machine. With --connect it asks a running coordinator, whose workers go on.

      --failed           every stage that was given up (the default)
      --quarantined      the same, and hosts that were quarantined are trusted again
      --data NAME=FILE   a set that is not where it was when the run began; the same bytes
      --workers N        worker processes (2)
      --keys DIR         a key of role admin: needed where the coordinator has keys
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    if arguments.value("--connect") != nil {
      guard arguments.words.count <= 1 else {
        throw Failure("retry: unexpected \"\(arguments.words[1])\"; with --connect one STAGE or none was expected")
      }
      let answer = try arguments.controlClient().ask(request(arguments))
      Output.line(answer.text)
      return 0
    }
    guard let path = arguments.words.first else {
      throw Failure("retry: give a RUN-DIR or --connect ENDPOINT")
    }
    guard !arguments.has("--quarantined") else {
      throw Failure("retry: --quarantined is for a running coordinator: --connect ENDPOINT; without one nobody is")
    }
    let workers = try arguments.whole("--workers", or: 2, in: 1...256)
    let run = try RunFile(path: path)
    let file = try run.study(data: arguments.dataFiles())
    let data = file.sets.keys.sorted().map { name in
      (name: name, path: arguments.dataPath(name) ?? run.contents.meta[RunMeta.path(ofSet: name)] ?? "")
    }
    var failed = run.contents.failures.map(\.stage)
    if arguments.words.count == 2 {
      let stage = try run.stage(arguments.words[1])
      guard failed.contains(stage.index) else {
        throw Failure("stage \(stage.index) was not given up; see: microfold why \(path) \(stage.index)")
      }
      failed = [stage.index]
    }
    try forget(failed, path: path, file: file, data: data)
    Output.note("\(failed.count) stages are tried again")
    return try EmbeddedStudy(
      study: run.paths.study, data: data, seeds: run.contents.meta[RunFile.seedsKey], runDirectory: path,
      workers: workers, numericClass: file.study.kernelClass
    ).run()
  }

  private static func request(_ arguments: Arguments) -> JSON {
    var request: [String: JSON] = ["verb": "retry"]
    if let word = arguments.words.first { request["stages"] = [Int(word).map(JSON.integer) ?? .string(word)] }
    if arguments.has("--quarantined") { request["quarantined"] = true }
    return .object(request)
  }

  /// Takes the stages' failures out of the ledger, under the lock of the run directory.
  private static func forget(
    _ stages: [Int], path: String, file: StudyFile, data: [(name: String, path: String)]
  ) throws {
    let text = Array(FileManager.default.contents(atPath: RunPaths(root: path).study) ?? Data())
    let directory = try RunDirectory(path: path, identity: file.identity(text: text, data: data))
    try directory.ledger.append(stages.map { .retry(stage: $0) })
  }
}

extension Arguments {
  /// The file that `--data` gives for a set, or nil.
  fileprivate func dataPath(_ name: String) -> String? {
    (try? dataFiles())?.first { $0.name == name }?.path
  }
}
