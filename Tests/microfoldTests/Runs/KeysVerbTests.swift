// `keys` as a person types it: what it changes, what it leaves, what it prints.

import Canonical
import Foundation
import TestSupport
import Testing

@Suite("keys") struct KeysVerbTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try keys("new --keys k")
    try keys("new --keys w --name lab07 --coordinator k")
  }

  @discardableResult
  private func keys(_ words: String, status: Int32 = 0) throws -> Answer {
    let answer = try Child.run(["keys"] + words.split(separator: " ").map(String.init), in: folder)
    #expect(answer.status == status, "keys \(words): \(answer.errors)")
    return answer
  }

  private func entry() throws -> String {
    try keys("list --keys k").output.split(separator: " ").filter { $0.count != 40 }.joined(separator: " ")
  }

  @Test("authorising again changes what the flags say and nothing else")
  func again() throws {
    try keys("authorise --keys k lab07 w/lab07.public --role viewer --from 10.1.0.0/16")
    try keys("authorise --keys k lab07 w/lab07.public --until 2999-01-31")
    #expect(try entry() == "lab07 viewer from=10.1.0.0/16 until=2999-01-31\n")
    try keys("authorise --keys k lab07 w/lab07.public --role worker")
    #expect(try entry() == "lab07 worker from=10.1.0.0/16 until=2999-01-31\n")
    try keys("authorise --keys k lab07 w/lab07.public --from any")
    #expect(try entry() == "lab07 worker until=2999-01-31\n")
    try keys("authorise --keys k lab07 w/lab07.public --until never --from 10.2.0.0/16")
    #expect(try entry() == "lab07 worker from=10.2.0.0/16\n")
  }

  @Test("a list that is edited under a mask that lets the group write can still be read")
  func mask() throws {
    try keys("authorise --keys k lab07 w/lab07.public")
    for command in ["authorise --keys k lab07 w/lab07.public --role viewer", "revoke --keys k lab07"] {
      let words = ["-c", "umask 002; cd \(folder.path) && exec \(Child.product) keys \(command)"]
      #expect(try ChildProcess.run("/bin/sh", words).status == 0)
      try keys("list --keys k")
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("k/authorised-keys"))
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o644)
    }
  }

  @Test("with --json each prints one object")
  func objects() throws {
    func object(_ words: String) throws -> JSON {
      let lines = try keys(words + " --json").output.split(separator: "\n")
      #expect(lines.count == 1, "keys \(words): \(lines)")
      return try JSON(parsing: Array((lines.first ?? "").utf8))
    }
    let made = try object("new --keys x --name lab08 --coordinator k")
    #expect(made["name"]?.string == "lab08" && made["key"]?.string?.count == 40 && made["folder"]?.string == "x")
    let added = try object("authorise --keys k lab08 x/lab08.public --from 10.1.0.0/16")
    #expect(added["was_there"]?.bool == false && added["authorised"]?["from"]?.string == "10.1.0.0/16")
    #expect(added["authorised"]?["key"] == made["key"] && added["authorised"]?["until"] == .null)
    #expect(try object("authorise --keys k lab08 x/lab08.public")["was_there"]?.bool == true)
    #expect(try object("list --keys k")["keys"]?.array?.count == 1)
    #expect(try object("revoke --keys k lab08")["revoked"]?.string == "lab08")
  }

  @Test("a refused key is told from a coordinator that is away")
  func refusedStatus() throws {
    let folder = try TinyStudy.folder()
    for words in ["new --keys k", "new --keys w --name lab07 --coordinator k"] {
      #expect(try Child.run(["keys"] + words.split(separator: " ").map(String.init), in: folder).status == 0)
    }
    let place = "tcp://127.0.0.1:\(try freePort())"
    let coordinator = try Child(
      ["coordinate", "study.yaml", "--data", "target=ok.set", "--run-dir", "r", "--listen", place, "--keys", "k"],
      in: folder)
    try Child.eventually("the coordinator") {
      try coordinator.ending != nil || Child.run(["pause", "r"], in: folder).status == 0
    }
    let refused = try Child.run(["status", "r", "--keys", "w"], in: folder)
    #expect(refused.status == 78, "\(refused.output)")
    #expect(refused.output == "" && refused.errors.contains("refuses the key \"lab07\""), "\(refused.errors)")
    #expect(try Child.run(["cancel", "r"], in: folder).status == 0)
    #expect(try coordinator.wait().status == 130)
    let away = try Child.run(["status", "r", "--keys", "w"], in: folder)
    #expect(away.status == 0 && away.output.contains("away"), "\(away.errors)")
  }
}
