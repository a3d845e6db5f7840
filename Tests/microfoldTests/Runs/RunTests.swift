// Whole runs of a tiny study over real processes: the same bytes whoever computes what, and whoever is killed when.

import Canonical
import Foundation
import Ledger
import TestSupport
import Testing

/// A study of 39 stages, long enough to be hit in its middle, and what it gives undisturbed.
enum LongStudy {
  /// Stages: for each of 4 seeds and 3 folds a pretraining, an extraction and a fit; 3 baselines.
  static let stages = 39

  static let words = ["run", "long.yaml"] + TinyStudy.data + ["--run-dir", "r"]

  /// report.json of a run that nobody disturbed, with one worker.
  private static let undisturbed: Result<[UInt8], any Error> = Result {
    let folder = try LongStudy.folder()
    let result = try Child.run(words + ["--workers", "1"], in: folder)
    guard result.status == 0 else { throw TooLate(description: "no undisturbed run: \(result.errors)") }
    let run = Run(folder: folder, name: "r")
    try run.expectNothingLostOrDoubled()
    return run.report
  }

  /// What every disturbed run must give in the end.
  static func report() throws -> [UInt8] { try undisturbed.get() }

  /// A folder with the study in it.
  static func folder() throws -> TemporaryFolder {
    let folder = try TinyStudy.folder()
    try folder.write(TinyStudy.frozen(epochs: 3000, seeds: [1, 2, 3, 4]).utf8, to: "long.yaml")
    return folder
  }

  /// A run in its middle: some stages are committed and most are not.
  static func begin(workers: Int = 2) throws -> (folder: TemporaryFolder, run: Run, child: Child) {
    let folder = try folder()
    let child = try Child(words + ["--workers", "\(workers)"], in: folder)
    let run = Run(folder: folder, name: "r")
    try Child.eventually("some stages") { run.committed >= 4 || child.ending != nil }
    try #require(child.ending == nil, "the run ended before it could be disturbed: \(child.errors)")
    return (folder, run, child)
  }
}

/// Goal: any process of a run may end at any time, and the report has the same bytes.
@Suite("whole runs", .serialized) struct RunTests {
  /// Gives the same command again and compares all that is promised.
  private func resume(_ folder: TemporaryFolder, _ run: Run, workers: Int = 2) throws {
    let result = try Child.run(LongStudy.words + ["--workers", "\(workers)"], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    try expectUndisturbed(run)
  }

  private func expectUndisturbed(_ run: Run) throws {
    #expect(run.report == (try LongStudy.report()))
    try run.expectNothingLostOrDoubled()
  }

  @Test("three workers give the bytes of one")
  func workers() throws {
    let folder = try LongStudy.folder()
    try resume(folder, Run(folder: folder, name: "r"), workers: 3)
    let report = try JSON(parsing: Run(folder: folder, name: "r").report)
    #expect(report["stages"]?["plan"]?.integer == LongStudy.stages)
    #expect(report["configurations"]?.array?.count == 1)
    #expect(report["configurations"]?.array?[0]["folds"]?.array?.count == 3)
  }

  @Test("the last line is the path of the page, and lines for people go to standard error")
  func output() throws {
    let folder = try TinyStudy.folder()
    let result = try Child.run(["run", "study.yaml", "--data", "target=ok.set", "--run-dir", "r"], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.split(separator: "\n").last == "r/report/report.html")
    #expect(!result.output.contains("computing"))
    #expect(!result.errors.contains("UF1"))
    for name in ["report.html", "report.md", "report.json", "folds.csv", "predictions.csv", "run.json"] {
      #expect(!folder.bytes("r/report/\(name)").isEmpty, "\(name)")
    }
    let json = folder.text("r/report/report.json")
    #expect(
      !json.contains(folder.path) && !json.contains("\"\(ProcessInfo.processInfo.hostName)\""), "no path, no host")
  }

  @Test("what a shell has set for OpenBLAS changes nothing")
  func variables() throws {
    let folder = try LongStudy.folder()
    let result = try Child.run(
      LongStudy.words, in: folder, environment: ["OPENBLAS_CORETYPE": "Nehalem", "OPENBLAS_NUM_THREADS": "7"])
    #expect(result.status == 0, "\(result.errors)")
    try expectUndisturbed(Run(folder: folder, name: "r"))
  }

  @Test("the whole group killed three times")
  func killAll() throws {
    let (folder, run, first) = try LongStudy.begin()
    first.send(SIGKILL, group: true)
    #expect(try first.wait().status == -SIGKILL)
    for _ in 0..<2 {
      let before = run.committed
      let child = try Child(LongStudy.words + ["--workers", "2"], in: folder)
      try Child.eventually("more stages") { run.committed >= before + 4 || child.ending != nil }
      child.send(SIGKILL, group: true)
      _ = try child.wait()
    }
    try resume(folder, run)
  }

  @Test("only the coordinator killed: the run ends with 75 and leaves no process")
  func killCoordinator() throws {
    let (folder, run, child) = try LongStudy.begin()
    let children = Processes.children(of: child.process)
    let coordinator = try #require(children.first { $0.words.contains("coordinate") })
    kill(coordinator.process, SIGKILL)
    let result = try child.wait()
    #expect(result.status == 75)
    #expect(result.errors.contains("signal 9") && result.errors.contains("same command again"), "\(result.errors)")
    for process in children { #expect(Processes.hasEnded(process.process), "\(process.words)") }
    try resume(folder, run)
  }

  @Test(
    "only a worker killed or told to stop: another takes its place and the run goes on", arguments: [SIGKILL, SIGTERM])
  func killWorker(signal: Int32) throws {
    let (_, run, child) = try LongStudy.begin()
    let worker = try #require(Processes.children(of: child.process).first { $0.words.contains("work") })
    kill(worker.process, signal)
    let result = try child.wait()
    #expect(result.status == 0, "\(result.errors)")
    let told = signal == SIGKILL ? "signal 9" : "status 130"
    #expect(result.errors.contains(told), "a person is told: \(result.errors)")
    try expectUndisturbed(run)
    let others = Set(run.contents?.results.map(\.process) ?? [])
    #expect(others.count == 3, "the dead worker, its neighbour and who took its place: \(others)")
    guard signal == SIGKILL else { return }
    let log = try String(contentsOfFile: run.folder.file("\(run.name)/logs/coordinator.log"), encoding: .utf8)
    #expect(log.contains("process \(worker.process) closed its connection and did not come back"), "\(log)")
    #expect(!log.contains("silent"), "nobody waited for its lease: \(log)")
  }

  @Test("only the parent killed: its children end, and the same command goes on")
  func killParent() throws {
    let (folder, run, child) = try LongStudy.begin()
    let children = Processes.children(of: child.process)
    #expect(children.count == 3)
    child.send(SIGKILL)
    #expect(try child.wait().status == -SIGKILL)
    try Child.eventually("the end of the children", within_s: 30) {
      children.allSatisfy { Processes.hasEnded($0.process) }
    }
    #expect(run.committed < LongStudy.stages, "they ended because the parent had, not because all was done")
    try resume(folder, run)
  }

  @Test("Ctrl-C ends with 130, in order, and the same command goes on", arguments: [SIGINT, SIGTERM])
  func interrupt(signal: Int32) throws {
    let (folder, run, child) = try LongStudy.begin()
    let children = Processes.children(of: child.process)
    // A terminal sends SIGINT to the whole group; who ends a service sends SIGTERM to the parent.
    child.send(signal, group: signal == SIGINT)
    let result = try child.wait()
    #expect(result.status == 130)
    #expect(result.errors.contains("the same command goes on"), "\(result.errors)")
    #expect(result.output == "", "no figures of a run that is not finished")
    for process in children { #expect(Processes.hasEnded(process.process), "\(process.words)") }
    #expect(run.committed < LongStudy.stages)
    try resume(folder, run)
  }

  @Test("a finished run computes nothing again and gives the same figures")
  func again() throws {
    let folder = try LongStudy.folder()
    let run = Run(folder: folder, name: "r")
    try resume(folder, run)
    let attempts = run.contents?.attempts
    try resume(folder, run)
    #expect(run.contents?.attempts == attempts)
  }
}
