// `keys` as a person types it: what it changes, what it leaves, what it prints.

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
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    }
  }
}
