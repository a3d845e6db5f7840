// The door of a running coordinator: what a change of the file of keys does to who is in, and when.

import Access
import Cluster
import Foundation
import TestSupport
import Testing

@Suite struct AccessGateTests {
  private let keys: Keys

  init() throws { keys = try Keys() }

  private func isIn(_ gate: AccessGate, _ key: PublicKey) -> Bool {
    if case .success = gate.caller(key, from: "127.0.0.1") { true } else { false }
  }

  /// Ten looks a second, as a coordinator's.
  private func look(_ gate: AccessGate, from_ms: Int, to_ms: Int) {
    for now_ms in stride(from: from_ms, through: to_ms, by: 100) { _ = gate.look(now_ms: now_ms) }
  }

  private func write(_ text: String) throws {
    let handle = try #require(FileHandle(forWritingAtPath: keys.door.authorisedPath))
    try handle.truncate(atOffset: 0)
    try handle.write(contentsOf: Data(text.utf8))
  }

  @Test func anEditorThatEmptiesTheFileFirstThrowsNobodyOut() throws {
    let key = try keys.guest("lab07").publicKey
    let gate = try AccessGate(folder: keys.door)
    let text = try String(contentsOfFile: keys.door.authorisedPath, encoding: .utf8)
    try write("")
    look(gate, from_ms: 0, to_ms: 300)
    #expect(isIn(gate, key))
    try write(text + "# more\n")
    look(gate, from_ms: 400, to_ms: 5_000)
    #expect(isIn(gate, key))
    try write("")
    look(gate, from_ms: 5_100, to_ms: 7_000)
    #expect(isIn(gate, key))
    look(gate, from_ms: 7_100, to_ms: 7_100)
    #expect(!isIn(gate, key))
  }

  @Test func aFileThatCannotBeReadChangesNothingAndIsSaidOnce() throws {
    let key = try keys.guest("lab07").publicKey
    let gate = try AccessGate(folder: keys.door)
    try write("lab07 worker \(key)\nlab08 wroker \(key)\n")
    #expect(gate.look(now_ms: 0).notices.first?.contains("authorised-keys:2: the role \"wroker\"") == true)
    #expect(gate.look(now_ms: 100).notices.isEmpty)
    #expect(isIn(gate, key))
    try write("lab08 worker \(key)\n")
    #expect(gate.look(now_ms: 200).notices == ["the file of keys is whole again"])
    #expect(gate.caller(key, from: "x") == .success(Caller(key: key, name: "lab08", role: .worker, address: "x")))
    try FileManager.default.removeItem(atPath: keys.door.authorisedPath)
    look(gate, from_ms: 300, to_ms: 2_300)
    #expect(!isIn(gate, key), "no file lets nobody in")
  }

  @Test func aKeyGoesWithinABeatThoughTheFileChangesAllTheTime() throws {
    let key = try keys.guest("lab07").publicKey
    let gate = try AccessGate(folder: keys.door)
    for now_ms in stride(from: 0, through: 2_000, by: 100) {
      #expect(isIn(gate, key))
      try write("# at \(now_ms)\n")
      _ = gate.look(now_ms: now_ms)
    }
    #expect(!isIn(gate, key))
    #expect(AccessGate.leaving_ms + 100 + 500 < 3_000, "with a look and a check of the sessions: less than a beat")
  }

  @Test func aNewLimitCountsAtOnce() throws {
    let key = try keys.guest("lab07").publicKey
    let gate = try AccessGate(folder: keys.door)
    try write("lab07 worker \(key) until=2001-01-01\n")
    _ = gate.look(now_ms: 0)
    #expect(!isIn(gate, key))
  }

  @Test func aFolderThatVanishesThrowsNobodyOutAndIsReadAgainWhenItIsBack() throws {
    let key = try keys.guest("lab07").publicKey
    let gate = try AccessGate(folder: keys.door)
    let away = keys.root.file("away")
    #expect(rename(keys.door.path, away) == 0)
    #expect(gate.look(now_ms: 0).notices.first?.contains("the keys stay as they were") == true)
    look(gate, from_ms: 100, to_ms: 10_000)
    #expect(isIn(gate, key))
    #expect(rename(away, keys.door.path) == 0)
    #expect(gate.look(now_ms: 10_100).notices == ["the file of keys is whole again"])
    chmod(keys.door.path, 0o777)
    #expect(gate.look(now_ms: 10_200).notices.isEmpty, "the file itself did not change")
    chmod(keys.door.authorisedPath, 0o666)
    #expect(gate.look(now_ms: 10_300).notices.first?.contains("chmod go-w") == true)
    chmod(keys.door.path, 0o700)
    chmod(keys.door.authorisedPath, 0o600)
    #expect(gate.look(now_ms: 10_400).notices == ["the file of keys is whole again"])
    #expect(isIn(gate, key))
  }
}
