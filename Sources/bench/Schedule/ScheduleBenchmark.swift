// bench schedule: stages that compute nothing through a real coordinator, real worker processes, real sockets and a
// real ledger: what a stage costs beside its computation. Beside it stand the floors of this machine.
//
// The clock runs from the first grant to the moment at which every result is durable. Then the coordinator is started
// again over the same ledger with one stage more, and the time from its start to its first grant is measured.

import Canonical
import Cluster
import Glibc
import Kernels
import Ledger

/// One run of a coordinator over a run directory.
private struct ScheduleRun {
  let coordinator: JSON
  let workersCPU_s: Double

  func number(_ name: String) -> Double { coordinator[name]?.number ?? .nan }
}

/// Measures a schedule.
func scheduleBenchmark(_ options: Options) throws -> Answer {
  let folder = try ScratchFolder()
  defer { withExtendedLifetime(folder) {} }
  let keys = try ScheduleKeys(in: folder)
  let run = try schedule(options.stages, options, folder, keys)
  let ledger_bytes = try checkedSize(of: folder.file("run"), stages: options.stages)
  let floors = try ScheduleFloors.measured(options, keys, in: folder)
  let first = answer(run, options, ledger_bytes: ledger_bytes)
  var (json, text) = (first.json.adding(floors.json), first.text)
  if !options.isBrief {
    let again = try schedule(options.stages + 1, options, folder, keys)
    _ = try checkedSize(of: folder.file("run"), stages: options.stages + 1)
    let idle = try ScheduleIdle.share(options, keys, folder)
    json = json.adding([
      "restart_to_first_grant_ms": rounded(again.number("first_grant_s") * 1e3),
      "restart_peak_rss_mib": rounded(again.number("peak_rss_mib")),
      "idle_sessions": .integer(options.idleSessions), "idle_core_share": .number(idle),
    ])
    text += """

      restart to first grant: \(digits(again.number("first_grant_s") * 1e3)) ms, \
      \(digits(again.number("peak_rss_mib"))) MiB at most
      \(options.idleSessions) sessions without work: \(percent(idle)) of one core
      """
  }
  return Answer(json: json, text: text + "\n" + floors.text)
}

/// The figures of the first run.
private func answer(_ run: ScheduleRun, _ options: Options, ledger_bytes: Int) -> Answer {
  let stages = Double(options.stages)
  let each_us = run.number("run_s") / stages * 1e6
  let json: JSON = [
    "processor": .string(NumericClass.processorName), "stages": .integer(options.stages),
    "workers": .integer(options.workers), "us_per_stage": rounded(each_us), "stages_per_s": rounded(1e6 / each_us),
    "run_s": rounded(run.number("run_s")), "planning_s": .number(run.number("planning_s")),
    "start_to_first_grant_ms": rounded(run.number("first_grant_s") * 1e3),
    "coordinator_rss_mib": rounded(run.number("rss_mib")),
    "coordinator_peak_rss_mib": rounded(run.number("peak_rss_mib")),
    "coordinator_cpu_us_per_stage": rounded(run.number("cpu_s") / stages * 1e6),
    "workers_cpu_us_per_stage": rounded(run.workersCPU_s / stages * 1e6),
    "ledger_bytes_per_stage": rounded(Double(ledger_bytes) / stages),
  ]
  func figure(_ name: String, _ unit: Double = 1, _ places: Int = 1) -> String {
    digits(run.number(name) * unit, places)
  }
  let text = """
    \(Options.Verb.schedule.question)
    \(options.stages) stages, \(options.workers) worker processes, CURVE over tcp on the loopback
    \(NumericClass.processorName)
    a stage: \(digits(each_us, 2)) us (\(digits(1e6 / each_us, 0)) a second), every result durable once
    processor time of a stage: coordinator \(figure("cpu_s", 1e6 / stages)) us, workers \
    \(digits(run.workersCPU_s / stages * 1e6)) us
    planning: \(figure("planning_s", 1, 3)) s; start to first grant: \(figure("first_grant_s", 1e3)) ms
    coordinator: \(figure("peak_rss_mib")) MiB at most; ledger: \(digits(Double(ledger_bytes) / stages)) bytes a stage
    """
  return Answer(json: json, text: text)
}

/// Runs a coordinator and workers until every stage is in the ledger.
private func schedule(
  _ stages: Int, _ options: Options, _ folder: ScratchFolder, _ keys: ScheduleKeys
) throws -> ScheduleRun {
  let children = try ScheduleProcesses(folder)
  let endpoint = "tcp://127.0.0.1:\(try freePort())"
  // Workers are there first and try to connect, as they do where a coordinator is started again.
  for worker in 0..<options.workers {
    try children.start("worker-\(worker)", ["schedule-worker", endpoint, keys.path])
  }
  usleep(500_000)
  try children.start(
    "coordinator",
    ["schedule-coordinator", folder.file("run"), String(stages), endpoint, keys.path, "\(now_s())"])
  let answer = try children.answer("coordinator", limit_s: 60 + Double(stages) * 1e-3)
  var cpu_s = 0.0
  // One that never reached the coordinator does not know that all is done.
  for worker in 0..<options.workers { children.send("worker-\(worker)", SIGTERM) }
  for worker in 0..<options.workers {
    cpu_s += try children.answer("worker-\(worker)", limit_s: 30)["cpu_s"]?.number ?? 0
  }
  return ScheduleRun(coordinator: answer, workersCPU_s: cpu_s)
}

/// The bytes of a ledger that holds each stage's result once, and the right one.
private func checkedSize(of run: String, stages: Int) throws -> Int {
  let paths = RunPaths(root: run)
  let contents = try LedgerReader(path: paths.ledger).contents(events: 0)
  let isRight = contents.results.enumerated().allSatisfy { place, row in
    row.stage == place && row.bytes == Array("{\"n\":\(place)}".utf8)
  }
  guard contents.results.count == stages, isRight, contents.damaged.isEmpty, contents.twins.isEmpty else {
    throw ChildError(line: "the ledger holds \(contents.results.count) results of \(stages), or wrong ones")
  }
  var size = 0
  for suffix in ["", "-wal"] {
    var status = stat()
    if lstat(paths.ledger + suffix, &status) == 0 { size += Int(status.st_size) }
  }
  return size
}
