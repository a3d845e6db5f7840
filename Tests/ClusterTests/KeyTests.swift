// Keys over real sockets: who has the right one works; everybody else gets a line and 78.

import Access
import Canonical
import Cluster
import Coordination
import Foundation
import Ledger
import TestSupport
import Testing

/// A coordinator's folder of keys, and folders of those who come.
struct Keys: Sendable {
  let root: TemporaryFolder
  var door: KeyFolder { KeyFolder(root.file("door")) }

  init() throws {
    root = try TemporaryFolder()
    _ = try door.make(KeyFolder.coordinatorName)
  }

  /// A key in a folder of its own, with the coordinator's public key.
  func client(_ name: String) throws -> (folder: KeyFolder, key: PublicKey) {
    let folder = KeyFolder(root.file(name))
    return (folder, try folder.make(name, coordinator: door.path))
  }

  /// The same, let in.
  func guest(
    _ name: String, _ role: Role = .worker, from network: String? = nil, until: String? = nil
  ) throws -> ClientKeys {
    let (folder, key) = try client(name)
    _ = try door.authorise(
      KeyEntry(
        name: name, role: role, key: key, network: network.flatMap { Network($0) }, until: until.flatMap { Moment($0) })
    )
    return try folder.client()
  }
}

@Suite struct KeyTests {
  private let keys: Keys
  private let cluster: SmallCluster
  private let endpoint: Endpoint

  init() throws {
    keys = try Keys()
    cluster = try SmallCluster(count: 3)
    endpoint = try Endpoint("tcp://127.0.0.1:\(try freePort())")
  }

  private func coordinate() throws -> Running<Outcome> {
    let server = try keys.door.server()
    return cluster.coordinate(at: endpoint, change: { $0.keys = server })
  }

  private func work(_ client: ClientKeys?, delay_ms: Int = 0) -> Running<Int32> {
    cluster.work(SmallComputer(delay_ms: delay_ms)) { options in
      options.endpoint = endpoint
      options.keys = client
    }
  }

  private func ask(_ client: ClientKeys?, _ verb: String) throws(ControlError) -> Bool {
    _ = try ControlClient(endpoint: endpoint, keys: client).ask(["verb": .string(verb)])
    return true
  }

  private func says(_ parts: String...) -> Bool {
    eventually { cluster.log.contains { line in parts.allSatisfy { line.contains($0) } } }
  }

  @Test func theRightKeyWorksToTheEnd() throws {
    let coordinator = try coordinate()
    let worker = work(try keys.guest("lab07", from: "127.0.0.0/8", until: "2999-12-31"))
    #expect(try coordinator.value().exitStatus == 0)
    #expect(try worker.value() == 0)
    #expect(try cluster.results().count == 6)
    #expect(says("joined", "key \"lab07\""))
  }

  @Test func everyOtherKeyIsRefusedWith78AndALineThatSaysWhy() throws {
    let coordinator = try coordinate()
    let absent = try keys.client("absent")
    for client in [
      try absent.folder.client(), try keys.guest("late", until: "2001-01-01"),
      try keys.guest("far", from: "10.1.0.0/16"),
    ] {
      #expect(try work(client).value() == 78)
      #expect(says("worker:", "refuses the key \"\(client.name)\"", "keys authorise"))
    }
    #expect(says("no authorised key (from 127.0.0.1)", "'\(absent.key)'"))
    #expect(says("\"late\" held until 2001-01-01"))
    #expect(says("\"far\" comes from 127.0.0.1"))
    #expect(try work(nil).value() == 78)
    #expect(says("worker:", "wants a key", "--keys"))
    #expect(try work(try keys.guest("seer", .viewer)).value() == 78)
    #expect(says("worker:", "\"seer\" has role viewer"))
    let worker = work(try keys.guest("lab07"))
    #expect(try coordinator.value().exitStatus == 0)
    #expect(try worker.value() == 0)
  }

  @Test func anotherCoordinatorsKeyIsToldFromACoordinatorThatIsAway() throws {
    let other = try Keys()
    let wrong = try other.guest("lab07")
    let away = work(wrong)
    usleep(1_000_000)
    #expect(!away.isDone, "nobody listens yet")
    let coordinator = try coordinate()
    #expect(try away.value() == 78)
    #expect(says("worker:", "another key than", "lab07/coordinator.public"))
    let worker = work(try keys.guest("lab07"))
    #expect(try coordinator.value().exitStatus == 0)
    #expect(try worker.value() == 0)
  }

  @Test func aCoordinatorWithoutKeysIsNotMistakenForOneWithKeys() throws {
    let coordinator = cluster.coordinate(at: endpoint)
    #expect(try work(try keys.guest("lab07")).value() == 78)
    #expect(says("worker:", "uses no keys"))
    let worker = work(nil)
    #expect(try coordinator.value().exitStatus == 0)
    #expect(try worker.value() == 0)
  }

  @Test func aKeyThatIsRevokedWhileItWorksGoesAndAnotherFinishes() throws {
    let coordinator = try coordinate()
    let first = work(try keys.guest("lab07"), delay_ms: 100_000)
    #expect(says("joined", "lab07"))
    #expect(eventually { (try? holds()) == true })
    try keys.door.revoke("lab07")
    #expect(try first.value() == 78)
    #expect(says("worker:", "no authorised key"))
    #expect(says("\"lab07\"", "must go"))
    let second = work(try keys.guest("lab08"))
    #expect(try coordinator.value().exitStatus == 0)
    #expect(try second.value() == 0)
    #expect(try cluster.contents().failures.isEmpty, "nobody is blamed")
  }

  /// Whether some worker holds a stage, asked by a viewer.
  private func holds() throws -> Bool {
    let name = "seer\(UInt32.random(in: 0 ... .max))"
    let answer = try ControlClient(endpoint: endpoint, keys: keys.guest(name, .viewer)).ask(["verb": "status"])
    #expect(answer["workers"]?.array?.first?["key"]?.string == "lab07")
    return answer["workers"]?.array?.first?["holds"]?.array?.isEmpty == false
  }

  @Test func onlyAdminsGiveOrdersAndWorkersDoNotAsk() throws {
    let coordinator = try coordinate()
    #expect(says("stages"))
    let (worker, viewer) = (try keys.guest("lab07"), try keys.guest("seer", .viewer))
    let admin = try keys.guest("boss", .admin)
    #expect(try ask(viewer, "status"))
    for (client, verb) in [
      (viewer, "retry"), (viewer, "pause"), (viewer, "dance"), (worker, "status"), (worker, "retry"),
    ] {
      let error = #expect(throws: ControlError.self) { try ask(client, verb) }
      #expect(error?.exitStatus == 78)
      #expect(error?.description.contains("\"\(client.name)\" has role") == true)
    }
    let stranger = #expect(throws: ControlError.self) { try ask(try keys.client("x").folder.client(), "status") }
    #expect(stranger?.exitStatus == 78)
    let nobody = #expect(throws: ControlError.self) { try ask(nil, "status") }
    #expect(nobody?.description.contains("--keys") == true && nobody?.exitStatus == 78)
    #expect(try ask(admin, "retry") && ask(admin, "status"))
    #expect(try ask(admin, "cancel"))
    #expect(try coordinator.value().exitStatus == 130)
  }

  @Test func whoeverOpensTheSocketInTheRunDirectoryNeedsNoKey() throws {
    let coordinator = try coordinate()
    let path = RunPaths(root: cluster.runPath).control
    #expect(eventually { access(path, F_OK) == 0 })
    let client = ControlClient(endpoint: try Endpoint("ipc://" + path))
    #expect(try client.ask(["verb": "retry"])["ok"]?.bool == true)
    #expect(try client.ask(["verb": "status"])["stages"]?["total"]?.integer == 6)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
    #expect(mode?.intValue == 0o600)
    #expect(throws: ControlError.self) { try ask(nil, "status") }
    #expect(try client.ask(["verb": "cancel"])["ok"]?.bool == true)
    #expect(try coordinator.value().exitStatus == 130)
  }

  /// Goal: who does not speak, or not to its end, holds nothing for long and hinders nobody. Method: 200 connections
  /// that say nothing or give a greeting without keys, each read until the coordinator closes it; as many again while
  /// a worker does all that there is.
  @Test func connectionsThatNeverProveAKeyAreClosedAndHinderNobody() throws {
    let coordinator = try coordinate()
    #expect(says("stages"))
    let port = try #require(UInt16(endpoint.text.split(separator: ":").last ?? ""))
    var peers = (0..<200).compactMap { knock(port, kind: $0.isMultiple(of: 2) ? 4 : 1, seed: $0, isHeld: true) }
    #expect(peers.count == 200)
    // HANDSHAKE_IVL is 5 s, and without it libzmq waits 30 s.
    let closed = closings(of: peers, within_ms: 15_000)
    #expect(closed == 200)
    for peer in peers { close(peer) }
    peers = (0..<200).compactMap { knock(port, kind: $0.isMultiple(of: 2) ? 4 : 1, seed: $0, isHeld: true) }
    defer { for peer in peers { close(peer) } }
    let worker = work(try keys.guest("lab07"))
    #expect(try worker.value() == 0)
    #expect(try coordinator.value().exitStatus == 0)
  }

  /// How many connections the other end closes.
  private func closings(of peers: [Int32], within_ms: Int) -> Int {
    let end = ContinuousClock.now + .milliseconds(within_ms)
    var open = peers
    var bytes = [UInt8](repeating: 0, count: 4_096)
    while !open.isEmpty, ContinuousClock.now < end {
      open.removeAll { peer in
        var count = 0
        repeat { count = recv(peer, &bytes, bytes.count, Int32(MSG_DONTWAIT)) } while count > 0
        return count == 0 || errno == ECONNRESET
      }
      usleep(20_000)
    }
    return peers.count - open.count
  }
}
