// A coordinator and workers as separate processes on loopback, as a person starts them in three terminals.

import Foundation
import Ledger
import TestSupport
import Testing

/// A coordinator of the long study on a port of its own.
private struct Cluster {
  let folder: TemporaryFolder
  let endpoint: String
  let coordinator: Child
  let run: Run

  init(lease_ms: Int = 15_000) throws {
    folder = try LongStudy.folder()
    endpoint = "tcp://127.0.0.1:\(try Port().number)"
    coordinator = try Child(
      ["coordinate", "long.yaml"] + TinyStudy.data
        + ["--run-dir", "r", "--listen", endpoint, "--lease-ms", "\(lease_ms)", "--beat-ms", "100"], in: folder)
    run = Run(folder: folder, name: "r")
    let (coordinator, run) = (coordinator, run)
    try Child.eventually("the coordinator") {
      coordinator.ending != nil || run.contents?.meta["endpoint"]?.isEmpty == false
    }
    try #require(coordinator.ending == nil, "\(coordinator.errors)")
  }

  func work(_ words: [String] = TinyStudy.data, environment: [String: String] = [:]) throws -> Child {
    try Child(["work", "--connect", endpoint, "--patience-s", "30"] + words, in: folder, environment: environment)
  }

  /// Waits for the coordinator's end and checks what it leaves.
  func expectUndisturbed() throws {
    let result = try coordinator.wait()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.hasSuffix("r/report/report.html\n"), "\(result.output)")
    #expect(run.report == (try LongStudy.report()))
    try run.expectNothingLostOrDoubled()
  }
}

/// A port of loopback that nobody uses, held until this value is gone or `release` is called.
private final class Port {
  private var descriptor: Int32
  let number: UInt16

  init(held: Bool = false) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) + listen(descriptor, 5) + getsockname(descriptor, $0, &size)
      }
    }
    guard code == 0 else { throw TooLate(description: "no port") }
    number = UInt16(bigEndian: address.sin_port)
    if !held { release() }
  }

  deinit { release() }

  func release() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// Connects to a port, sends bytes and hangs up.
  static func knock(_ number: UInt16, _ bytes: [UInt8]) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = number.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else { return }
    _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }
}

/// Goal: separate processes give what an embedded run gives; who does not fit is refused and disturbs nobody.
@Suite("coordinator and workers by hand", .serialized) struct SeparateProcessTests {
  @Test("two workers, of which one is killed and another comes late")
  func threeTerminals() throws {
    let cluster = try Cluster(lease_ms: 1_000)
    let (first, second) = (try cluster.work(), try cluster.work())
    try Child.eventually("a lease of the first worker") { cluster.run.leases(of: first).isEmpty == false }
    first.send(SIGKILL)
    let third = try cluster.work()
    try cluster.expectUndisturbed()
    #expect(try second.wait().status == 0)
    #expect(try third.wait().status == 0)
  }

  @Test("what a killed worker had trained is not trained again")
  func epochCheckpoint() throws {
    let cluster = try Cluster(lease_ms: 1_000)
    let first = try cluster.work(TinyStudy.data + ["--checkpoint-s", "0"])
    try Child.eventually("an epoch checkpoint") {
      cluster.run.contents?.meta.contains { $0.key.hasPrefix("checkpoint.") && !$0.value.isEmpty } == true
    }
    first.send(SIGKILL)
    _ = try first.wait()
    let held = cluster.run.contents?.meta.filter { $0.key.hasPrefix("checkpoint.") && !$0.value.isEmpty } ?? [:]
    try #require(!held.isEmpty, "it was killed between two stages")
    let second = try cluster.work()
    try cluster.expectUndisturbed()
    #expect(try second.wait().status == 0)
    for key in held.keys {
      #expect(second.errors.contains("stage \(key.dropFirst(11)) goes on from an epoch checkpoint"), "\(second.errors)")
    }
    let left = cluster.run.contents?.meta.filter { $0.key.hasPrefix("checkpoint.") && !$0.value.isEmpty }
    #expect(left == [:])
  }

  @Test("a person pauses a run, lets it go on, empties a host and opens it again")
  func orders() throws {
    let cluster = try Cluster()
    let worker = try cluster.work()
    try Child.eventually("some stages") { cluster.run.committed >= 2 }
    func order(_ words: String..., is status: Int32 = 0) throws -> Answer {
      let answer = try Child.run(words, in: cluster.folder)
      #expect(answer.status == status, "\(words): \(answer.errors)")
      return answer
    }
    _ = try order("pause", "r")
    try Child.eventually("an idle worker") { cluster.run.leases(of: worker).allSatisfy { $0.state != .granted } }
    let committed = cluster.run.committed
    #expect(try order("status", "r").output.contains("running, paused for"))
    #expect(cluster.run.committed == committed)
    let host = try #require(cluster.run.contents?.attempts.first?.host)
    #expect(try order("drain", "r", host).output == "\(host) is drained: 1 workers\n")
    #expect(try worker.wait().status == 0, "\(worker.errors)")
    let late = try cluster.work()
    let refused = try late.wait()
    #expect(refused.status == 75 && refused.errors.contains("host: \(host) is drained"), "\(refused.errors)")
    #expect(try order("resume", "r", "--host", "nobody", is: 2).errors.contains("the host nobody is not closed"))
    _ = try order("resume", "r", "--host", host)
    _ = try order("resume", "--connect", cluster.endpoint)
    let again = try cluster.work()
    try cluster.expectUndisturbed()
    #expect(try again.wait().status == 0)
    #expect(try order("pause", "r", is: 75).errors.contains("no coordinator holds this run directory"))
  }

  @Test("cancel ends the coordinator in good order, and the same command goes on")
  func cancelled() throws {
    let cluster = try Cluster()
    let worker = try cluster.work()
    try Child.eventually("some stages") { cluster.run.committed >= 2 }
    #expect(try Child.run(["cancel", "r"], in: cluster.folder).status == 0)
    #expect(try cluster.coordinator.wait().status == 130)
    let again = try Child(
      ["coordinate", "long.yaml"] + TinyStudy.data + ["--run-dir", "r", "--listen", cluster.endpoint],
      in: cluster.folder)
    #expect(try again.wait().status == 0)
    #expect(try worker.wait().status == 0)
    #expect(cluster.run.report == (try LongStudy.report()))
  }

  @Test("a worker that is told to stop leaves in order, and its stages go to another")
  func leaving() throws {
    let cluster = try Cluster()
    let first = try cluster.work()
    try Child.eventually("a lease") { !cluster.run.leases(of: first).isEmpty }
    first.send(SIGINT)
    #expect(try first.wait().status == 130, "\(first.errors)")
    let second = try cluster.work()
    try cluster.expectUndisturbed()
    #expect(try second.wait().status == 0)
    #expect(cluster.coordinator.errors.contains("left: "), "\(cluster.coordinator.errors)")
  }

  @Test("a worker stopped for twice its lease and continued changes nothing")
  func stopped() throws {
    let cluster = try Cluster(lease_ms: 500)
    let sleeper = try cluster.work()
    defer { sleeper.send(SIGCONT) }
    let held = try stop(sleeper, cluster.run)
    let start = ContinuousClock.now
    let other = try cluster.work()
    try Child.eventually("the lease in other hands") {
      let moved = cluster.run.leases(of: other).map(\.stage)
      return ContinuousClock.now - start > .milliseconds(1_000) && Set(held).isSubset(of: moved)
    }
    sleeper.send(SIGCONT)
    try cluster.expectUndisturbed()
    #expect(cluster.coordinator.errors.contains("was silent for"), "\(cluster.coordinator.errors)")
    #expect(try other.wait().status == 0)
    // It is told that all is done; where the coordinator left before it could be, it goes when its patience ends.
    #expect([0, 75].contains(try sleeper.wait().status), "\(sleeper.errors)")
  }

  /// Stops a worker while it holds leases that it has not answered; returns their stages.
  private func stop(_ worker: Child, _ run: Run) throws -> [Int] {
    for _ in 0..<100 {
      try Child.eventually("a lease") { run.leases(of: worker).contains { $0.state == .granted } }
      worker.send(SIGSTOP)
      // What it had sent before is committed by then, and its lease is no more than half over.
      usleep(200_000)
      let held = run.leases(of: worker).filter { $0.state == .granted }.map(\.stage)
      if !held.isEmpty { return held }
      worker.send(SIGCONT)
    }
    throw TooLate(description: "the worker never held a lease when it was stopped")
  }

  @Test("a coordinator that is killed and started again finds its workers again")
  func coordinatorAgain() throws {
    let cluster = try Cluster(lease_ms: 2_000)
    let workers = [try cluster.work(), try cluster.work()]
    try Child.eventually("some stages") { cluster.run.committed >= 4 }
    cluster.coordinator.send(SIGKILL)
    #expect(try cluster.coordinator.wait().status == -SIGKILL)
    let again = try Child(
      ["coordinate", "long.yaml"] + TinyStudy.data + [
        "--run-dir", "r", "--listen", cluster.endpoint, "--beat-ms", "100",
      ],
      in: cluster.folder)
    let result = try again.wait()
    #expect(result.status == 0, "\(result.errors)")
    for worker in workers { #expect(try worker.wait().status == 0, "\(worker.errors)") }
    #expect(cluster.run.report == (try LongStudy.report()))
    try cluster.run.expectNothingLostOrDoubled()
  }

  @Test("workers that do not fit are refused with the difference, while two good ones work on")
  func refused() throws {
    let cluster = try Cluster()
    // They come first, so that the plan cannot be finished before they were heard.
    let source = ["--data", "source=source.set"]
    let strangers: [(what: String, child: Child, words: [String])] = [
      (
        "other data", try cluster.work(source + ["--data", "target=source.set"]),
        ["prepared set \"target\": the coordinator has ", ", the worker "]
      ),
      ("no data", try cluster.work([]), ["prepared set \"target\"", "prepared set \"source\"", "the worker none"]),
      (
        "another version", try cluster.work(environment: ["MICROFOLD_TEST_VERSION": "9.9"]),
        ["build version: the coordinator has ", ", the worker 9.9"]
      ),
      (
        "another numeric class", try cluster.work(TinyStudy.data + ["--class", "generic"]),
        ["numeric class: the coordinator has avx2.", ", the worker generic."]
      ),
    ]
    let good = [try cluster.work(), try cluster.work()]
    for (what, child, words) in strangers {
      let result = try child.wait()
      #expect(result.status == 78, "\(what): \(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(what): \(result.errors)")
      #expect(result.errors.contains("the coordinator refused this worker"), "\(what): \(result.errors)")
      for word in words {
        #expect(result.errors.contains(word), "\(what): \(result.errors)")
        #expect(cluster.coordinator.errors.contains(word), "\(what): \(cluster.coordinator.errors)")
      }
    }
    try cluster.expectUndisturbed()
    for worker in good { #expect(try worker.wait().status == 0, "\(worker.errors)") }
    let computed = Set(cluster.run.contents?.results.map(\.process) ?? [])
    #expect(computed.isSubset(of: good.map { Int($0.process) }))
  }

  @Test("garbage on the port is counted and changes nothing")
  func garbage() throws {
    let cluster = try Cluster()
    let port = try #require(UInt16(cluster.endpoint.split(separator: ":").last ?? ""))
    let worker = try cluster.work()
    let half: [UInt8] =
      [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("NULL".utf8) + [UInt8](repeating: 0, count: 48)
    var number = 0
    while cluster.coordinator.ending == nil, number < 20_000 {
      let noise = GradientCheck.numbers(200, seed: number).map { UInt8(truncatingIfNeeded: Int($0 * 1e6)) }
      Port.knock(port, [half + noise, noise, Array("GET / HTTP/1.1\r\n\r\n".utf8), []][number % 4])
      number += 1
      usleep(5_000)
    }
    try cluster.expectUndisturbed()
    #expect(try worker.wait().status == 0, "\(worker.errors)")
    #expect(cluster.coordinator.errors.contains("do not speak the protocol"), "\(cluster.coordinator.errors)")
    #expect(cluster.coordinator.errors.utf8.count < 20_000, "a flood does not fill the log")
  }

  @Test("a run directory has one coordinator, a port one listener")
  func oneOfEach() throws {
    let cluster = try Cluster()
    let other = try Port(held: true)
    defer { other.release() }
    let data = TinyStudy.data.joined(separator: " ")
    let coordinate = "coordinate long.yaml \(data) --run-dir"
    let holder = "held by process \(cluster.coordinator.process)"
    let cases = [
      BadInput(
        "two coordinators on one run directory", "\(coordinate) r --listen tcp://127.0.0.1:\(try Port().number)", "r:",
        holder, status: 75, leaves: ["r"]),
      BadInput(
        "run on a directory that is held", "run long.yaml \(data) --run-dir r", "r:", holder, status: 75,
        leaves: ["r"]),
      BadInput("retry on a directory that is held", "retry r", "r:", holder, status: 75, leaves: ["r"]),
      BadInput(
        "a port of another coordinator", "\(coordinate) q --listen \(cluster.endpoint)", "already in use", status: 75,
        leaves: ["r", "q"]),
      BadInput(
        "a port in use", "\(coordinate) q --listen tcp://127.0.0.1:\(other.number)", "\(other.number)",
        "already in use", status: 75, leaves: ["r", "q"]),
    ]
    for input in cases { try input.check(in: cluster.folder) }
    let worker = try cluster.work()
    try cluster.expectUndisturbed()
    #expect(try worker.wait().status == 0)
  }

  @Test("status of a run whose coordinator runs comes from it, and from the ledger where none does")
  func status() throws {
    let cluster = try Cluster()
    for place in [["r"], ["--connect", cluster.endpoint]] {
      let result = try Child.run(["status", "--json"] + place, in: cluster.folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("\"total\":\(LongStudy.stages)"), "\(result.output)")
    }
    cluster.coordinator.send(SIGKILL)
    _ = try cluster.coordinator.wait()
    // The coordinator of another run at the same address does not speak for this one.
    let other = try Child(
      ["coordinate", "study.yaml", "--data", "target=ok.set", "--run-dir", "q", "--listen", cluster.endpoint],
      in: cluster.folder)
    let second = Run(folder: cluster.folder, name: "q")
    try Child.eventually("the other coordinator") {
      other.ending != nil || second.contents?.meta["endpoint"]?.isEmpty == false
    }
    let result = try Child.run(["status", "--json", "r"], in: cluster.folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("\"coordinator\":\"away\""), "\(result.output)")
  }
}

extension Run {
  /// The leases that a worker was ever given.
  fileprivate func leases(of worker: Child) -> [AttemptRow] {
    contents?.attempts.filter { $0.process == Int(worker.process) } ?? []
  }
}
