// A small plan, a computer for it, and runtimes on threads of one process.

import Canonical
import Cluster
import Coordination
import Foundation
import Ledger
import Messages
import Synchronization
import TestSupport

/// What a thread returned, or will.
final class Running<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, any Error>?>(nil)

  init(_ body: @escaping @Sendable () throws -> Value) {
    Thread.detachNewThread { [self] in
      let result = Result { try body() }
      outcome.withLock { $0 = result }
    }
  }

  var isDone: Bool { outcome.withLock { $0 != nil } }

  /// Waits for the end; a bound that only a hang reaches, however busy the machine.
  func value() throws -> Value {
    for _ in 0..<30_000 {
      if let result = outcome.withLock({ $0 }) { return try result.get() }
      usleep(10_000)
    }
    throw StillRunning()
  }
}

struct StillRunning: Error {}

/// Waits until something is so, at most two minutes.
func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<12_000 {
    if condition() { return true }
    usleep(10_000)
  }
  return condition()
}

/// A plan of `count` roots with artifacts and `count` stages that read two of them each.
struct SmallPlan: Sendable {
  static let firstArtifactBytes = Limits.chunkBytes + 1_000

  let graph: StageGraph
  let identity: RunIdentity
  let sets = [SetName(name: "target", digest: Digest(of: [3]))]
  let probe = Digest(of: [4])

  init(count: Int) throws {
    var descriptions = (0..<count).map { JSON.object(["kind": "pretrain", "n": .integer($0)]) }
    var parents = [[Int]](repeating: [], count: count)
    for number in 0..<count {
      let pair = [number, (number + 1) % count].sorted()
      descriptions.append(
        ["kind": "fit", "n": .integer(number), "parents": .array(pair.map { .string(descriptions[$0].digest.hex) })])
      parents.append(pair)
    }
    graph = try StageGraph(
      digests: descriptions.map(\.digest), descriptions: descriptions.map(\.bytes), parents: parents,
      provenance: parents.map { _ in [] }, heldOut: parents.map { _ in [] })
    identity = RunIdentity(
      studyText: [], study: Digest(of: [1]), plan: Digest(of: [2]),
      sets: [RunSet(name: "target", path: "/nowhere", digest: Digest(of: [3]))], numericClass: "avx2.1",
      stages: descriptions.enumerated().map { index, description in
        StageRow(
          index: index, digest: description.digest, kind: description["kind"]?.string ?? "",
          description: description.text, heldOut: [])
      })
  }

  func configuration(lease_ms: Int = 4_000, beat_ms: Int = 200) -> CoordinatorConfiguration {
    var configuration = CoordinatorConfiguration(
      buildVersion: BuildVersion.current, numericClass: "avx2.1", probe: probe, sets: sets)
    configuration.lease_ms = lease_ms
    configuration.beat_ms = beat_ms
    configuration.grace_ms = lease_ms
    return configuration
  }

  func hello(instance: UInt64) -> Hello {
    Hello(
      buildVersion: BuildVersion.current, numericClass: "avx2.1", probe: probe, sets: sets, host: "ghost", process: 1,
      instance: instance, slots: 1, held: [])
  }
}

/// Computes the stages of a small plan: the digest of the description and of all inputs.
final class SmallComputer: StageComputing {
  private let counts = Mutex<[Digest: Int]>([:])
  private let delay_ms: Int

  init(delay_ms: Int = 0) { self.delay_ms = delay_ms }

  /// How often each stage was computed to its end.
  var computed: [Digest: Int] { counts.withLock { $0 } }

  func compute(
    _ task: StageTask, progress: @escaping (Int, Int, Float) -> Void, isCancelled: @escaping () -> Bool
  ) throws(StageFailure) -> StageProduct {
    for step in 0..<delay_ms / 10 {
      progress(step, delay_ms / 10, 1)
      if isCancelled() { throw StageFailure(.cancelled, "cancelled") }
      usleep(10_000)
    }
    var input = task.description.bytes
    for (_, path) in task.artifacts.sorted(by: { $0.key < $1.key }) {
      guard let bytes = FileManager.default.contents(atPath: path) else { throw StageFailure(.artifact, path) }
      input += bytes
    }
    counts.withLock { $0[task.stage, default: 0] += 1 }
    let result: JSON = ["digest": .string(Digest(of: input).hex)]
    guard task.description["kind"]?.string == "pretrain" else {
      return StageProduct(result: result.bytes, artifact: nil)
    }
    // The first is larger than a piece, so that fetching is more than one message.
    let count = task.index == 0 ? SmallPlan.firstArtifactBytes : 1_000
    return StageProduct(result: result.bytes, artifact: Self.artifact(of: task, count: count))
  }

  /// So many bytes that begin with a safetensors header, which names the stage.
  private static func artifact(of task: StageTask, count: Int) -> [UInt8] {
    let header: JSON = ["__metadata__": ["stage": .string(task.stage.hex), "subjects": "[]"]]
    let length = withUnsafeBytes(of: UInt64(header.bytes.count).littleEndian) { Array($0) }
    let head = length + header.bytes
    return head + [UInt8](repeating: UInt8(task.index), count: count - head.count)
  }
}

/// A run directory, an endpoint, and what runs there.
final class SmallCluster: Sendable {
  let plan: SmallPlan
  let folder: TemporaryFolder
  let endpoint: Endpoint
  let logged = Mutex<[String]>([])
  let interruption = Mutex<Interruption?>(nil)

  init(count: Int) throws {
    plan = try SmallPlan(count: count)
    folder = try TemporaryFolder()
    endpoint = try Endpoint("ipc://" + folder.file("c.sock"))
  }

  var runPath: String { folder.file("run") }
  var log: [String] { logged.withLock { $0 } }

  func contents() throws -> LedgerContents { try LedgerReader(path: RunPaths(root: runPath).ledger).contents() }

  /// The results' bytes, in the order of the plan.
  func results() throws -> [[UInt8]] { try contents().results.map(\.bytes) }

  func coordinate(
    _ configuration: CoordinatorConfiguration? = nil, at endpoint: Endpoint? = nil,
    onFinished: @escaping @Sendable (Outcome) throws -> Void = { _ in },
    change: @escaping @Sendable (inout CoordinatorOptions) -> Void = { _ in }
  ) -> Running<Outcome> {
    Running { [self] in
      let directory = try RunDirectory(path: runPath, identity: plan.identity)
      var options = CoordinatorOptions(
        endpoint: endpoint ?? self.endpoint, configuration: configuration ?? plan.configuration())
      options.handlesSignals = false
      options.log = { line in self.logged.withLock { $0.append(line) } }
      change(&options)
      let runtime = try CoordinatorRuntime(directory: directory, graph: plan.graph, options: options)
      let handle = runtime.interruption
      interruption.withLock { $0 = handle }
      return try runtime.run(onFinished: onFinished)
    }
  }

  func work(
    _ computer: any StageComputing, slots: Int = 1, cache: String? = nil,
    change: @escaping @Sendable (inout WorkerOptions) -> Void = { _ in }
  ) -> Running<Int32> {
    Running { [self] in
      var options = WorkerOptions(endpoint: endpoint, sets: plan.sets, numericClass: "avx2.1", probe: plan.probe)
      options.slots = slots
      options.cache = cache
      options.handlesSignals = false
      options.beat_ms = 200
      options.log = { line in self.logged.withLock { $0.append("worker: " + line) } }
      change(&options)
      return try WorkerRuntime(options: options, computing: computer).run()
    }
  }
}
