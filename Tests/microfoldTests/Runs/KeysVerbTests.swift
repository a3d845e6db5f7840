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
