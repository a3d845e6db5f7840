// Thousands of stages that take no time: given ahead, answered together, written in groups, and lost by nobody.

import Canonical
import Cluster
import Coordination
import Glibc
import Ledger
import Messages
import TestSupport
import Testing

@Suite struct BriefStageTests {
  private static let count = 3_000

  /// Says which stage it was, after a while.
  private struct Nothing: StageComputing {
    var pause_us: UInt32 = 0

    func compute(
      _ task: StageTask, progress: @escaping (Int, Int, Float) -> Void, isCancelled: @escaping () -> Bool
    ) throws(StageFailure) -> StageProduct {
      if pause_us > 0 { usleep(pause_us) }
      return StageProduct(result: Array("{\"n\":\(task.index)}".utf8), artifact: nil)
    }
  }

  private static func coordinator(_ path: String, _ endpoint: String) throws -> CoordinatorRuntime {
    let identity = RunIdentity(
      studyText: [], study: Digest(of: [1]), plan: Digest(of: [2]), sets: [], numericClass: "none", stages: [])
    let directory = try RunDirectory(path: path, identity: identity)
    var configuration = CoordinatorConfiguration(
      buildVersion: BuildVersion.current, numericClass: "none", probe: Digest(of: [3]), sets: [])
    configuration.grace_ms = 1_000
    var options = CoordinatorOptions(endpoint: try Endpoint(endpoint), configuration: configuration)
    options.handlesSignals = false
    options.log = { _ in }
    options.progress = {
      if getenv("KILLED_ON_THE_WAY") != nil, (1..<count).contains($0.committed) { kill(getpid(), SIGKILL) }
    }
    let graph = try StageGraph(count: count, description: { Array("{\"n\":\($0)}".utf8) })
    return try CoordinatorRuntime(directory: directory, graph: graph, options: options)
  }

  private func worker(_ endpoint: Endpoint, pause_us: UInt32 = 0) -> Running<Int32> {
    Running {
      var options = WorkerOptions(endpoint: endpoint, sets: [], numericClass: "none", probe: Digest(of: [3]))
      options.handlesSignals = false
      options.beat_ms = 200
      options.log = { _ in }
      return try WorkerRuntime(options: options, computing: Nothing(pause_us: pause_us)).run()
    }
  }

  private func check(_ path: String) throws {
    let contents = try LedgerReader(path: RunPaths(root: path).ledger).contents()
    #expect(contents.results.map(\.stage) == Array(0..<Self.count))
    #expect(contents.results.allSatisfy { $0.bytes == Array("{\"n\":\($0.stage)}".utf8) })
    #expect(contents.twins.isEmpty && contents.damaged.isEmpty && contents.failures.isEmpty)
    #expect(Set(contents.results.map(\.token)).count == Self.count)
    let committed = contents.attempts.filter { $0.state == .committed }
    #expect(committed.count >= Self.count, "each result tells of its lease")
  }

  @Test func everyResultIsInTheLedgerOnce() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let (path, endpoint) = (folder.file("run"), "ipc://" + folder.file("c.sock"))
    let workers = [worker(try Endpoint(endpoint)), worker(try Endpoint(endpoint))]
    let outcome = try Running { try Self.coordinator(path, endpoint).run { _ in } }.value()
    #expect(outcome.exitStatus == 0)
    for worker in workers { #expect(try worker.value() == 0) }
    try check(path)
  }

  /// Goal: an acknowledged result survives, and nothing stands in the ledger twice. Method: SIGKILL in the
  /// middle, and the same workers go on with the next start.
  @Test func aKillInTheMiddleLosesNothing() async throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let (path, endpoint) = (folder.file("run"), "ipc://" + folder.file("c.sock"))
    let local = try Endpoint(endpoint)
    let workers = (0..<2).map { _ in worker(local, pause_us: 400) }
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, endpoint = endpoint as String] in
      setenv("KILLED_ON_THE_WAY", "1", 1)
      _ = try BriefStageTests.coordinator(path, endpoint).run { _ in }
    }
    let before = try LedgerReader(path: RunPaths(root: path).ledger).contents().results
    #expect(before.count >= 1)
    let outcome = try Running { try Self.coordinator(path, endpoint).run { _ in } }.value()
    #expect(outcome.exitStatus == 0)
    for worker in workers { #expect(try worker.value() == 0) }
    try check(path)
    let after = try LedgerReader(path: RunPaths(root: path).ledger).contents().results
    #expect(Array(after.filter { row in before.contains { $0.stage == row.stage } }) == before)
  }
}
