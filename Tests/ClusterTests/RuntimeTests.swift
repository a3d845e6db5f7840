import Canonical
import Cluster
import Coordination
import Foundation
import Glibc
import Ledger
import Messages
import Synchronization
import TestSupport
import Testing

@Suite struct RuntimeTests {
  /// What one undisturbed worker computes.
  private func expected(count: Int) throws -> [[UInt8]] {
    let cluster = try SmallCluster(count: count)
    let coordinator = cluster.coordinate()
    let worker = cluster.work(SmallComputer())
    #expect(try coordinator.value().exitStatus == 0)
    #expect(try worker.value() == 0)
    return try cluster.results()
  }

  @Test func oneWorkerAndThreeGiveTheSameBytes() throws {
    let cluster = try SmallCluster(count: 8)
    let reports = Mutex<[Int]>([])
    let coordinator = cluster.coordinate { outcome in
      let committed = try cluster.results().count
      reports.withLock { $0.append(outcome.failed.count + committed) }
    }
    let computers = (0..<3).map { _ in SmallComputer(delay_ms: 20) }
    // One that comes when everything is done finds nobody, and may give up.
    let workers = computers.map { cluster.work($0, slots: 2) { $0.patience_ms = 15_000 } }
    #expect(try coordinator.value().exitStatus == 0)
    let statuses = try workers.map { try $0.value() }
    #expect(statuses.contains(0) && statuses.allSatisfy { [0, 75].contains($0) })
    let results = try cluster.results()
    #expect(results.count == 16)
    #expect(results == (try expected(count: 8)))
    #expect(reports.withLock { $0 } == [16], "the report is written once, when everything is in the ledger")
    #expect(computers.flatMap(\.computed.values).reduce(0, +) == 16)
    let attempts = try cluster.contents().attempts
    #expect(attempts.count == 16 && attempts.allSatisfy { $0.state == .committed }, "\(attempts)")
  }

  @Test func aWorkerThatVanishesInTheMiddleOfAStageIsReplaced() throws {
    let cluster = try SmallCluster(count: 3)
    let coordinator = cluster.coordinate(cluster.plan.configuration(lease_ms: 800, beat_ms: 100))
    do {
      let ghost = try DealerSocket(connect: cluster.endpoint)
      let hello = Envelope(epoch: 0, session: 0, sequence: 1, message: .hello(cluster.plan.hello(instance: 5)))
      ghost.send(Codec.encode(hello), isBulk: false)
      var granted: Grant?
      #expect(
        eventually {
          ghost.flush()
          while let frames = ghost.receive() {
            for case .grant(let grant) in ((try? Codec.decodeAll(frames)) ?? []).map(\.message) { granted = grant }
          }
          return granted != nil
        })
    }
    let worker = cluster.work(SmallComputer())
    #expect(try coordinator.value().exitStatus == 0)
    #expect(try worker.value() == 0)
    #expect(try cluster.results() == (try expected(count: 3)))
    #expect(cluster.log.contains { $0.contains("was silent") })
  }

  @Test func aCoordinatorThatIsKilledGoesOnWithoutComputingAnythingAgain() async throws {
    let cluster = try SmallCluster(count: 6)
    let computers = [SmallComputer(delay_ms: 100), SmallComputer(delay_ms: 100)]
    let workers = computers.map { cluster.work($0) }
    let (path, endpoint) = (cluster.runPath, cluster.endpoint.text)
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, endpoint = endpoint as String] in
      let plan = try SmallPlan(count: 6)
      let directory = try RunDirectory(path: path, identity: plan.identity)
      var options = CoordinatorOptions(endpoint: try Endpoint(endpoint), configuration: plan.configuration())
      options.handlesSignals = false
      options.progress = { if $0.committed >= 3 { kill(getpid(), SIGKILL) } }
      _ = try CoordinatorRuntime(directory: directory, graph: plan.graph, options: options).run { _ in }
    }
    let before = try cluster.contents().results
    #expect(before.count >= 3 && before.count < 12)
    let coordinator = cluster.coordinate()
    #expect(try coordinator.value().exitStatus == 0)
    for worker in workers { #expect(try worker.value() == 0) }
    #expect(try cluster.results() == (try expected(count: 6)))
    let after = try cluster.contents()
    #expect(Array(after.results.filter { row in before.contains { $0.stage == row.stage } }) == before)
    for stage in cluster.plan.graph.digests {
      #expect(computers.compactMap { $0.computed[stage] }.reduce(0, +) == 1)
    }
    #expect(after.meta["epoch"] == "2")
  }

  /// Goal: nothing that was kept is computed again. Method: the first worker keeps its state at epoch 6 and is told to
  /// go; the second one begins there, and the bytes are those of a worker that was left alone.
  @Test func aStageGoesOnInAnotherWorkerFromItsEpochCheckpoint() throws {
    let cluster = try SmallCluster(count: 1)
    let coordinator = cluster.coordinate(cluster.plan.configuration(lease_ms: 4_000, beat_ms: 100))
    let stops = KeepingComputer(stopsAfter: 6)
    let first = cluster.work(stops) { $0.checkpoint_ms = 0 }
    #expect(eventually { stops.isWaiting })
    #expect(eventually { (try? cluster.contents().meta["checkpoint.0"]?.hasPrefix("6 ")) == true })
    stops.fails()
    let goesOn = KeepingComputer(stopsAfter: nil)
    let second = cluster.work(goesOn) { $0.checkpoint_ms = 0 }
    #expect(try coordinator.value().exitStatus == 0)
    #expect(try first.value() == 0)
    #expect(try second.value() == 0)
    #expect((stops.begun + goesOn.begun).contains(6), "\(stops.begun), \(goesOn.begun)")
    #expect(try cluster.results() == (try expected(count: 1)))
    #expect(try cluster.contents().meta["checkpoint.0"] == "")
  }

  @Test func aStageThatAlwaysFailsEndsTheRunWith1AndRetryFinishesIt() throws {
    let cluster = try SmallCluster(count: 2)
    var configuration = cluster.plan.configuration()
    configuration.grace_ms = 0
    let coordinator = cluster.coordinate(configuration)
    let worker = cluster.work(FailingComputer(kind: "fit", number: 1))
    let outcome = try coordinator.value()
    #expect(outcome.exitStatus == 1)
    #expect(outcome.failed == [3])
    #expect(try worker.value() == 0)
    let contents = try cluster.contents()
    #expect(contents.failures.map(\.stage) == [3])
    #expect(contents.failures.map(\.text) == ["on purpose"])
    #expect(contents.attempts.filter { $0.stage == 3 }.map(\.state) == [.failed, .failed, .failed])
    #expect(try RunRetry.retry(at: cluster.runPath) == [3])
    let again = cluster.coordinate()
    let good = cluster.work(SmallComputer())
    #expect(try again.value().exitStatus == 0)
    #expect(try good.value() == 0)
    #expect(try cluster.results() == (try expected(count: 2)))
  }

  @Test func workersThatDoNotFitAreRefusedWhileAGoodOneWorks() throws {
    let cluster = try SmallCluster(count: 3)
    let coordinator = cluster.coordinate()
    let strangers = [
      cluster.work(SmallComputer()) { $0.sets = [SetName(name: "target", digest: Digest(of: [99]))] },
      cluster.work(SmallComputer()) { $0.buildVersion = "9.9.9" },
      cluster.work(SmallComputer()) { $0.numericClass = "avx512.1" },
    ]
    for stranger in strangers { #expect(try stranger.value() == 78) }
    let worker = cluster.work(SmallComputer())
    #expect(try coordinator.value().exitStatus == 0)
    #expect(try worker.value() == 0)
    for word in ["prepared set", "9.9.9", "avx512.1"] {
      #expect(cluster.log.contains { $0.hasPrefix("worker: ") && $0.contains(word) })
    }
  }

  @Test func anInterruptedRunTellsItsWorkersAndGoesOnLater() throws {
    let cluster = try SmallCluster(count: 4)
    let coordinator = cluster.coordinate()
    let worker = cluster.work(SmallComputer(delay_ms: 50))
    #expect(eventually { (try? cluster.results().count) ?? 0 >= 2 })
    cluster.interruption.withLock { $0?.ask() }
    #expect(try coordinator.value().exitStatus == 130)
    _ = try worker.value()
    let again = cluster.coordinate()
    let other = cluster.work(SmallComputer())
    #expect(try again.value().exitStatus == 0)
    #expect(try other.value() == 0)
    #expect(try cluster.results() == (try expected(count: 4)))
  }

  @Test func aReportThatCannotBeWrittenIsTheRunsError() throws {
    let cluster = try SmallCluster(count: 1)
    let coordinator = cluster.coordinate { _ in throw StillRunning() }
    let worker = cluster.work(SmallComputer())
    #expect(throws: StillRunning.self) { try coordinator.value() }
    #expect(try worker.value() == 0)
  }

  @Test func aDamagedArtifactThatIsStillNeededIsComputedAgain() throws {
    let cluster = try SmallCluster(count: 2)
    let coordinator = cluster.coordinate()
    let worker = cluster.work(FailingComputer(kind: "fit", number: 1))
    #expect(try coordinator.value().exitStatus == 1)
    _ = try worker.value()
    let root = try #require(try cluster.contents().results.first?.artifact)
    let store = try ArtifactStore(root: cluster.runPath + "/artifacts")
    store.remove(root)
    #expect(try RunRetry.retry(at: cluster.runPath) == [3])
    let again = cluster.coordinate()
    let good = cluster.work(SmallComputer())
    #expect(try again.value().exitStatus == 0)
    _ = try good.value()
    #expect(store.size(of: root) == SmallPlan.firstArtifactBytes)
    #expect(try cluster.results() == (try expected(count: 2)))
  }

  /// Damages an artifact of a finished run in that way, runs it again, and gives what the second run said.
  private func repair(_ cluster: SmallCluster, by computer: any StageComputing, removes: Bool) throws -> Int32 {
    let coordinator = cluster.coordinate()
    let worker = cluster.work(SmallComputer())
    #expect(try coordinator.value().exitStatus == 0)
    _ = try worker.value()
    let root = try #require(try cluster.contents().results.first?.artifact)
    let store = try ArtifactStore(root: cluster.runPath + "/artifacts")
    if removes { store.remove(root) } else { truncate(store.path(of: root), 10) }
    let again = cluster.coordinate()
    let good = cluster.work(computer)
    let status = try again.value().exitStatus
    _ = try good.value()
    #expect(cluster.log.contains { $0 == "1 artifact is damaged or missing and is computed again" })
    return status
  }

  @Test(arguments: [true, false]) func anArtifactOfAFinishedRunIsRepaired(removes: Bool) throws {
    let cluster = try SmallCluster(count: 2)
    #expect(try repair(cluster, by: SmallComputer(), removes: removes) == 0)
    let root = try #require(try cluster.contents().results.first?.artifact)
    try ArtifactStore(root: cluster.runPath + "/artifacts").check(root)
    #expect(try cluster.contents().twins.isEmpty)
    #expect(try cluster.results() == (try expected(count: 2)))
  }

  @Test func anArtifactThatIsComputedAgainWithOtherBytesIsAnAlarm() throws {
    let cluster = try SmallCluster(count: 2)
    #expect(try repair(cluster, by: OtherArtifacts(), removes: true) == 3)
    #expect(try cluster.contents().twins.map(\.stage) == [0])
    #expect(cluster.log.contains { $0.hasPrefix("ALARM: stage 0") })
  }
}

/// The same results with other artifacts.
private struct OtherArtifacts: StageComputing {
  let inner = SmallComputer()

  func compute(
    _ task: StageTask, progress: @escaping (Int, Int, Float) -> Void, isCancelled: @escaping () -> Bool
  ) throws(StageFailure) -> StageProduct {
    let product = try inner.compute(task, progress: progress, isCancelled: isCancelled)
    return StageProduct(result: product.result, artifact: product.artifact.map { $0 + [7] })
  }
}

/// Computes all but one stage.
private struct FailingComputer: StageComputing {
  let kind: String
  let number: Int
  let inner = SmallComputer()

  init(kind: String, number: Int) {
    self.kind = kind
    self.number = number
  }

  func compute(
    _ task: StageTask, progress: @escaping (Int, Int, Float) -> Void, isCancelled: @escaping () -> Bool
  ) throws(StageFailure) -> StageProduct {
    if task.description["kind"]?.string == kind && task.description["n"]?.integer == number {
      throw StageFailure(.task, "on purpose")
    }
    return try inner.compute(task, progress: progress, isCancelled: isCancelled)
  }
}

/// Computes as `SmallComputer`, in ten epochs whose number is all of the state; may wait after one, and lose the stage.
private final class KeepingComputer: StageComputing {
  private let state = Mutex<(begun: [Int], isWaiting: Bool, fails: Bool)>(([], false, false))
  private let stopsAfter: Int?

  init(stopsAfter: Int?) { self.stopsAfter = stopsAfter }

  /// The epochs from which stages were begun, but those from the first.
  var begun: [Int] { state.withLock { $0.begun } }
  var isWaiting: Bool { state.withLock { $0.isWaiting } }
  func fails() { state.withLock { $0.fails = true } }

  func compute(
    _ task: StageTask, progress: @escaping (Int, Int, Float) -> Void, isCancelled: @escaping () -> Bool
  ) throws(StageFailure) -> StageProduct {
    let header = task.epochCheckpoint.flatMap { FileManager.default.contents(atPath: $0) }
    let begin = header.flatMap { $0.last }.map(Int.init) ?? 0
    if begin > 0 { state.withLock { $0.begun.append(begin) } }
    for epoch in begin..<10 {
      progress(epoch + 1, 10, 0)
      task.keep(epoch + 1) { Self.bytes(task, epoch + 1) }
      guard epoch + 1 == stopsAfter, !state.withLock({ $0.fails }) else { continue }
      state.withLock { $0.isWaiting = true }
      while !state.withLock({ $0.fails }) {
        if isCancelled() { throw StageFailure(.cancelled, "cancelled") }
        usleep(10_000)
      }
      throw StageFailure(.host, "the host is going down")
    }
    return try SmallComputer().compute(task, progress: progress, isCancelled: isCancelled)
  }

  private static func bytes(_ task: StageTask, _ epoch: Int) -> [UInt8] {
    let header: JSON = ["__metadata__": ["stage": .string(task.stage.hex), "subjects": "[]"]]
    return withUnsafeBytes(of: UInt64(header.bytes.count).littleEndian) { Array($0) } + header.bytes + [UInt8(epoch)]
  }
}
