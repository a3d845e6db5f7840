// `coordinate`: hands the stages of a study to workers and writes the report.

import Canonical
import Cluster
import Coordination
import Foundation
import Kernels
import Reports
import Study

enum CoordinateVerb: Verb {
  static let name = "coordinate"
  static let summary = "hand the stages of a study to workers, keep their results, write the report"
  static let flags = Flags(
    values: ["--run-dir", "--listen", "--seeds", "--beat-ms", "--lease-ms", "--keys"], lists: ["--data"],
    switches: [KeptCheckpoints.flag], words: ["STUDY"])
  static let help = """
    microfold coordinate STUDY [--data NAME=FILE]… --run-dir DIR --listen ENDPOINT [--keys DIR]

    Ends by itself when every stage is done or given up, after the report is written and the workers were told.
    Killed or interrupted, it goes on where it was when the same command is given again; workers re-attach by
    themselves.

      --listen ENDPOINT   tcp://127.0.0.1:7719 or ipc:///path; with --keys any address, tcp://0.0.0.0:7719
      --keys DIR          a folder of keys (microfold keys): connections are encrypted, and only authorised keys come in
      --seeds LIST        other seeds than the study's
      --keep-checkpoints  after the last stage, a file that `predict` reads for every fold, in DIR/checkpoints
      --beat-ms N         how often workers tell that they live (3000, or a third of the lease)
      --lease-ms N        silence after which a worker's stages go to others, at least three beats (15000)
    """

  static func run(_ arguments: Arguments) throws -> Int32 {
    EmbeddedChild.enter()
    let keys = try arguments.value("--keys").map { try KeyFolder($0).server() }
    let endpoint = try Endpoint(arguments.required("--listen"), hasKeys: keys != nil)
    let runDirectory = try arguments.required("--run-dir")
    let path = arguments.words[0]
    let data = try arguments.dataFiles()
    let file = try StudyFile(path: path, data: data, seeds: arguments.seeds())
    let probe = try file.study.kernelClass.enter()
    var configuration = CoordinatorConfiguration(
      buildVersion: BuildVersion.current, numericClass: file.study.kernelClass.name, probe: probe, sets: file.setNames)
    configuration.plan = file.plan.digest
    // Workers of their own go on without us and re-attach; those of `run` end with it.
    configuration.drainsOnInterrupt = EmbeddedChild.isEmbedded
    try readTimes(arguments, into: &configuration)
    let text = Array(FileManager.default.contents(atPath: path) ?? Data())
    let directory = try RunDirectory(path: runDirectory, identity: file.identity(text: text, data: data))
    try file.importPretrained(into: directory)
    var options = CoordinatorOptions(endpoint: endpoint, configuration: configuration)
    options.keys = keys
    let runtime = try CoordinatorRuntime(
      directory: directory, graph: file.stageGraph(), options: options,
      referee: RaceReferee(plan: file.plan))
    let outcome = try runtime.run { [keeps = arguments.has(KeptCheckpoints.flag)] _ in
      let run = try Self.writeReport(runDirectory, of: file)
      if keeps { Output.line(try KeptCheckpoints(run: run, file: file).write()) }
    }
    if !EmbeddedChild.isEmbedded, !outcome.isInterrupted { try RunSummary.show(folder: runDirectory + "/report") }
    return outcome.exitStatus
  }

  /// A lease is at least three beats, so that one lost beat moves no stage.
  private static func readTimes(_ arguments: Arguments, into configuration: inout CoordinatorConfiguration) throws {
    configuration.lease_ms = try arguments.whole("--lease-ms", or: configuration.lease_ms, in: 200...3_600_000)
    let fitting = min(configuration.beat_ms, configuration.lease_ms / 3)
    configuration.beat_ms = try arguments.whole("--beat-ms", or: fitting, in: 50...60_000)
    guard configuration.lease_ms >= 3 * configuration.beat_ms else {
      throw Failure("coordinate: --lease-ms \(configuration.lease_ms): at least three times --beat-ms was expected")
    }
    configuration.grace_ms = configuration.lease_ms
  }

  private static func writeReport(_ runDirectory: String, of file: StudyFile) throws -> RunFile {
    let run = try RunFile(path: runDirectory)
    let files = try run.reportFiles(of: file, processor: NumericClass.processorName)
    try Reports.writeReport(files, to: run.paths.report)
    return run
  }
}
