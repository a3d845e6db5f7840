// The processes of `bench schedule`: a coordinator and workers as in a study, but for stages that compute nothing.
//
//   bench schedule-coordinator FOLDER STAGES ENDPOINT KEYS SPAWNED   a real coordinator over a real run directory
//   bench schedule-worker ENDPOINT KEYS                              a real worker
//   bench schedule-echo ENDPOINT KEYS                                sends back what comes: the wire alone
//
// KEYS is a folder of keys, or - for connections in the clear.

import CZeroMQ
import Canonical
import Cluster
import Coordination
import Glibc
import Messages

/// What the children of a schedule benchmark do.
enum ScheduleChild {
  static let numericClass = "none"
  static let probe = Digest(of: [])

  /// Becomes a child where the command line says so; returns where it does not.
  static func enterIfAsked() {
    let words = CommandLine.arguments.dropFirst()
    guard let verb = words.first, verb.hasPrefix("schedule-") else { return }
    _ = microfold_die_with_parent()
    let rest = Array(words.dropFirst())
    do {
      switch (verb, rest.count) {
      case ("schedule-coordinator", 5): try coordinate(rest)
      case ("schedule-worker", 2): exit(try work(rest[0], rest[1]))
      case ("schedule-idle", 3): try ScheduleIdle.run(rest[0], rest[1], count: Int(rest[2]) ?? 1)
      case ("schedule-echo", 2): try echo(rest[0], rest[1])
      default: fail("\(verb) is a part of bench schedule")
      }
    } catch { fail("\(error)") }
    exit(0)
  }

  /// The canonical description of a stage.
  @Sendable static func description(of stage: Int) -> [UInt8] {
    Array("{\"kind\":\"none\",\"n\":\(stage)}".utf8)
  }

  private static func coordinate(_ words: [String]) throws {
    guard let stages = Int(words[1]), let spawned_s = Double(words[4]) else { fail("wrong words") }
    let start_s = now_s()
    let graph = try StageGraph(count: stages, description: description)
    let planning_s = now_s() - start_s
    let identity = RunIdentity(
      studyText: [], study: Digest(of: [1]), plan: Digest(of: [2]), sets: [], numericClass: numericClass, stages: [])
    let directory = try RunDirectory(path: words[0], identity: identity)
    var options = CoordinatorOptions(
      endpoint: try Endpoint(words[2]),
      configuration: CoordinatorConfiguration(
        buildVersion: BuildVersion.current, numericClass: numericClass, probe: probe, sets: []))
    options.log = { _ in }
    if words[3] != "-" { options.keys = try KeyFolder(words[3]).server() }
    let runtime = try CoordinatorRuntime(directory: directory, graph: graph, options: options)
    let opened_s = now_s()
    let outcome = try runtime.run { _ in }
    guard outcome.exitStatus == 0, let granted_s = runtime.firstGrant_s, let ended_s = runtime.finished_s else {
      fail("the run ended badly: \(outcome)")
    }
    let answer: JSON = [
      "planning_s": .number(planning_s), "opening_s": .number(opened_s - start_s - planning_s),
      "first_grant_s": .number(granted_s - spawned_s), "run_s": .number(ended_s - granted_s),
      "rss_mib": .number(memory("VmRSS:")), "peak_rss_mib": .number(memory("VmHWM:")), "cpu_s": .number(cpu_s),
    ]
    print(answer.text)
  }

  private static func work(_ endpoint: String, _ keys: String) throws -> Int32 {
    var options = WorkerOptions(
      endpoint: try Endpoint(endpoint), sets: [], numericClass: numericClass, probe: probe)
    options.log = { _ in }
    options.keys = try clientKeys(keys)
    let status = try WorkerRuntime(options: options, computing: Nothing()).run()
    print(JSON.object(["cpu_s": .number(cpu_s), "rss_mib": .number(memory("VmHWM:"))]).text)
    return status
  }

  private static func clientKeys(_ folder: String) throws -> ClientKeys? {
    folder == "-" ? nil : try KeyFolder("\(folder)/\(ScheduleKeys.worker).secret").client()
  }

  private static func echo(_ endpoint: String, _ keys: String) throws {
    let dealer = try DealerSocket(connect: try Endpoint(endpoint), keys: try clientKeys(keys))
    dealer.send([[0]], isBulk: false)
    while true {
      dealer.flush()
      guard let frames = dealer.receive() else {
        dealer.wait(timeout_ms: 100)
        continue
      }
      if frames[0].count == 1 { return }
      dealer.send(frames, isBulk: false)
    }
  }

  /// Processor time of this process so far, in seconds.
  private static var cpu_s: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// A figure of /proc/self/status in MiB.
  private static func memory(_ name: String) -> Double {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = fread(&bytes, 1, bytes.count, file)
    let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
    let words = lines.first { $0.hasPrefix(name) }?.split { $0 == " " || $0 == "\t" } ?? []
    return (words.dropFirst().first.flatMap { Double($0) } ?? 0) / 1024
  }
}

/// Computes nothing: the result says which stage it was.
private struct Nothing: StageComputing {
  func compute(
    _ task: StageTask, progress: @escaping (Int, Int, Float) -> Void, isCancelled: @escaping () -> Bool
  ) throws(StageFailure) -> StageProduct {
    StageProduct(result: Array("{\"n\":\(task.index)}".utf8), artifact: nil)
  }
}
