// `doctor` says what is there and what is wrong, a line each, and changes nothing.

import Canonical
import Foundation
import TestSupport
import Testing

@Suite("doctor") struct DoctorTests {
  private func doctor(_ words: [String], in folder: TemporaryFolder) throws -> (status: Int32, lines: [Substring]) {
    let result = try Child.run(["doctor"] + words, in: folder)
    #expect(result.errors == "", "\(result.errors)")
    return (result.status, result.output.split(separator: "\n"))
  }

  @Test("a machine that is fit is ok in every line")
  func fit() throws {
    let folder = try TinyStudy.folder()
    #expect(try Child.run(["keys", "new", "--keys", "k"], in: folder).status == 0)
    let worker = ["keys", "new", "--keys", "w", "--name", "lab07", "--coordinator", "k"]
    #expect(try Child.run(worker, in: folder).status == 0)
    #expect(try Child.run(["keys", "authorise", "--keys", "k", "lab07", "w/lab07.public"], in: folder).status == 0)
    let before = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }
    let found = try doctor(
      ["--data", "target=ok.set", "--run-dir", "a/b", "--keys", "k", "--listen", "tcp://127.0.0.1:7719"], in: folder)
    #expect(found.status == 0)
    #expect(found.lines.count == 6)
    #expect(found.lines.allSatisfy { $0.hasPrefix("ok  ") || $0.hasPrefix("careful  ") }, "\(found.lines)")
    #expect(found.lines[4] == "ok  authorised keys: 1: lab07")
    #expect(try doctor(["--keys", "w"], in: folder).lines.last?.hasPrefix("ok  keys: w: a worker's") == true)
    let after = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }
    #expect(after.sorted() == before.sorted())
  }

  @Test("what is wrong is named, and the status is 78")
  func unfit() throws {
    let folder = try TinyStudy.folder()
    #expect(try Child.run(["keys", "new", "--keys", "k"], in: folder).status == 0)
    #expect(chmod(folder.file("k/coordinator.secret"), 0o644) == 0)
    var bytes = folder.bytes("ok.set")
    bytes[bytes.count / 2] ^= 1
    try folder.write(bytes, to: "bad.set")
    let listener = "ipc://" + folder.file("nobody.sock")
    let found = try doctor(
      ["--data", "target=bad.set", "--data", "source=none.set", "--keys", "k", "--connect", listener, "--json"],
      in: folder)
    #expect(found.status == 78)
    let json = try JSON(parsing: Array((found.lines.first ?? "").utf8))
    #expect(json["ok"]?.bool == false)
    let bad = (json["findings"]?.array ?? []).filter { $0["grade"]?.string == "bad" }
    let named = Set(bad.compactMap { $0["what"]?.string })
    #expect(named.isSuperset(of: ["data target", "data source", "keys", "coordinator"]), "\(named)")
    #expect(bad.contains { $0["text"]?.string?.contains("chmod 600") == true })
  }
}
