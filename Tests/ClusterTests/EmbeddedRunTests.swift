// The parent of a run, with shell scripts in place of coordinator and workers.

import Cluster
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite struct EmbeddedRunTests {
  private let ready = #"echo '{"committed":0,"failed":0,"microfold_status":1,"total":2,"workers":0}'"#

  private struct Seen: Sendable {
    var status: Int32 = -1
    var progress: [RunProgress] = []
    var output: [String] = []
    var errors: [String] = []
  }

  private func run(coordinator: String, worker: String, in folder: TemporaryFolder, workers: Int = 2) throws -> Seen {
    let paths = RunPaths(root: folder.path)
    mkdir(paths.logs, 0o755)
    let seen = Mutex(Seen())
    var options = EmbeddedOptions(
      coordinate: ["-c", coordinator, "coordinator"], work: ["-c", worker, "worker"], workers: workers, paths: paths)
    options.executable = "/bin/sh"
    options.handlesSignals = false
    options.progress = { progress in seen.withLock { $0.progress.append(progress) } }
    options.output = { line in seen.withLock { $0.output.append(line) } }
    options.error = { line in seen.withLock { $0.errors.append(line) } }
    let status = try EmbeddedRun(options: options).run()
    return seen.withLock { seen in
      seen.status = status
      return seen
    }
  }

  @Test func theCoordinatorsStatusIsTheRunsAndItsLinesAreToldApart() throws {
    let folder = try TemporaryFolder()
    let seen = try run(
      coordinator: "\(ready); echo report.html; echo 'a log line' >&2; sleep 0.3; exit 1",
      worker: "echo \"$0 $1 $2 $3\" | cut -c1-24; exit 0", in: folder)
    #expect(seen.status == 1)
    #expect(seen.progress == [RunProgress(total: 2, committed: 0, failed: 0, workers: 0)])
    #expect(seen.output == ["report.html"])
    #expect(try text(folder.file("logs/coordinator.log")) == "a log line\n")
    #expect(try text(folder.file("logs/worker-1.log")).hasPrefix("worker --connect ipc:///"))
    #expect(try text(folder.file("logs/worker-2.log")).hasPrefix("worker --connect ipc:///"))
  }

  @Test func aCoordinatorThatRefusesItsInputSpeaksForTheRun() throws {
    let folder = try TemporaryFolder()
    let seen = try run(coordinator: "echo 'x.yaml: line 3: no such key' >&2; exit 2", worker: "exit 9", in: folder)
    #expect(seen.status == 2)
    #expect(seen.errors == ["x.yaml: line 3: no such key"])
    #expect(access(folder.file("logs/worker-1.log"), F_OK) != 0, "no worker was started")
  }

  @Test func aCoordinatorThatIsKilledEndsTheRunWith75() throws {
    let folder = try TemporaryFolder()
    let seen = try run(
      coordinator: "\(ready); sleep 0.3; kill -9 $$", worker: "echo $$ > \(folder.path)/pid; exec sleep 60", in: folder,
      workers: 1)
    #expect(seen.status == 75)
    #expect(seen.errors.last?.contains("signal 9") == true)
    #expect(seen.errors.last?.contains("same command again") == true)
    let worker = Int32(try text(folder.file("pid")).split(separator: "\n")[0]) ?? 0
    #expect(worker > 0 && kill(worker, 0) != 0, "the worker ended with the run")
  }

  @Test func aWorkerThatDiesIsStartedAgainButNotForEver() throws {
    let folder = try TemporaryFolder()
    let (died, done) = (folder.file("died"), folder.file("done"))
    let once = try run(
      coordinator: "\(ready); while [ ! -e \(done) ]; do sleep 0.05; done; exit 0",
      worker: "if [ -e \(died) ]; then touch \(done); else touch \(died); kill -9 $$; fi",
      in: folder, workers: 1)
    #expect(once.status == 0)
    #expect(once.errors.contains { $0.contains("signal 9") })
    let never = try run(
      coordinator: "\(ready); exec sleep 60", worker: "echo x >> \(folder.path)/tries; kill -9 $$", in: folder,
      workers: 1)
    #expect(never.status == 75)
    #expect(try text(folder.file("tries")).count == 2 * 6)
  }

  @Test func aWorkerThatEndsWellBeforeTheRunIsDoneIsStartedAgain() throws {
    let folder = try TemporaryFolder()
    let (ended, done) = (folder.file("ended"), folder.file("done"))
    let seen = try run(
      coordinator: "\(ready); for i in $(seq 200); do [ -e \(done) ] && exit 0; sleep 0.05; done; exit 1",
      worker: "if [ -e \(ended) ]; then touch \(done); exec sleep 60; else touch \(ended); exit 0; fi",
      in: folder, workers: 1)
    #expect(seen.status == 0)
    #expect(seen.errors.contains { $0.contains("before the run was done") })
  }

  @Test func workersThatAreLeftAtAnOrderlyEndAreAskedToGoBeforeTheyAreKilled() throws {
    let folder = try TemporaryFolder()
    let (up, asked) = (folder.file("up"), folder.file("asked"))
    let seen = try run(
      coordinator: "\(ready); while [ ! -e \(up) ]; do sleep 0.05; done; exit 0",
      worker: "trap 'touch \(asked); exit 0' TERM; touch \(up); while true; do sleep 0.1; done", in: folder, workers: 1)
    #expect(seen.status == 0)
    #expect(access(asked, F_OK) == 0, "the worker was told")
  }

  @Test func aRunThatWasStartedWithChildrenIgnoredSeesThemEnd() async {
    await #expect(processExitsWith: .exitCode(1)) {
      alarm(60)
      signal(SIGCHLD, SIG_IGN)
      exit(try EmbeddedRunTests().run(coordinator: "exit 1", worker: "exit 0", in: TemporaryFolder()).status)
    }
  }

  @Test func aChildThatSomebodyElseWaitedForCountsAsEnded() async {
    await #expect(processExitsWith: .exitCode(75)) {
      alarm(60)
      let folder = try TemporaryFolder()
      var options = EmbeddedOptions(
        coordinate: ["-c", EmbeddedRunTests().ready + "; sleep 0.3; exit 0", "coordinator"],
        work: ["-c", "exec sleep 60", "worker"], workers: 1, paths: RunPaths(root: folder.path))
      options.executable = "/bin/sh"
      options.handlesSignals = false
      options.progress = { _ in signal(SIGCHLD, SIG_IGN) }
      mkdir(options.paths.logs, 0o755)
      exit(try EmbeddedRun(options: options).run())
    }
  }

  @Test func whenEveryWorkerIsRefusedTheRunIsToo() throws {
    let folder = try TemporaryFolder()
    let seen = try run(
      coordinator: "\(ready); exec sleep 60", worker: "echo 'numeric class: avx2.1 here'; exit 78", in: folder)
    #expect(seen.status == 78)
    #expect(seen.errors.contains { $0.contains("numeric class: avx2.1 here") })
  }

  @Test func aChildOfADeadParentEndsAtOnce() async {
    await #expect(processExitsWith: .exitCode(75)) {
      setenv("MICROFOLD_EMBEDDED_PARENT", "1999999999", 1)
      EmbeddedChild.enter()
    }
  }

  private func text(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
