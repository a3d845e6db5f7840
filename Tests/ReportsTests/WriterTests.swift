import Foundation
import Glibc
import Reports
import TestSupport
import Testing

@Suite("writing the report folder")
struct WriterTests {
  @Test("files are written whole into a folder that need not exist, and replace older ones")
  func written() throws {
    let folder = try TemporaryFolder()
    let target = folder.file("a/b/report")
    try writeReport([("x.txt", Array("old and longer".utf8))], to: target)
    try writeReport([("x.txt", Array("new".utf8)), ("y.txt", [])], to: target)
    #expect(try String(contentsOfFile: target + "/x.txt", encoding: .utf8) == "new")
    #expect(try FileManager.default.contentsOfDirectory(atPath: target).sorted() == ["x.txt", "y.txt"])
  }

  @Test("a folder that cannot be made is an error that names it")
  func notAFolder() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "file")
    let path = folder.file("file/report")
    #expect(throws: ReportError.notWritable(path: path, why: "Not a directory")) {
      try writeReport([("x.txt", [])], to: path)
    }
    #expect(throws: ReportError.notWritable(path: folder.file("file"), why: "Not a directory")) {
      try writeReport([("x.txt", [])], to: folder.file("file"))
    }
  }

  @Test("a file that cannot be replaced stays, and no temporary one is left beside it")
  func leftAlone() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "report/x.txt/inside")
    #expect(throws: ReportError.self) { try writeReport([("x.txt", [2])], to: folder.file("report")) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("report")) == ["x.txt"])
    #expect(FileManager.default.contents(atPath: folder.file("report/x.txt/inside")) == Data([1]))
  }

  /// `/dev/full` answers every write as a full disk does.
  @Test("a full disk is an error of its own")
  func fullDisk() {
    #expect(FolderWriter.write([1], to: "/dev/full") == ENOSPC)
    #expect(FolderWriter.error(ENOSPC, "r") == .diskFull(path: "r"))
    #expect(FolderWriter.error(EDQUOT, "r") == .diskFull(path: "r"))
    #expect(FolderWriter.error(EROFS, "r") == .notWritable(path: "r", why: "Read-only file system"))
  }
}
