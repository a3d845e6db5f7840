// Writing: all or nothing, and errors that say whether trying again can help.

import Clips
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Writing prepared sets")
struct OutputTests {
  @Test("a set replaces an older one and leaves no other file")
  func replaces() throws {
    let folder = try TemporaryFolder()
    try folder.writeFolders()
    try folder.write([1, 2, 3], to: "out.set")
    _ = try folder.prepareSet()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["out.set", "set"])
    #expect(try PreparedSet(path: folder.file("out.set")).clips.count == 4)
  }

  @Test("a refused import leaves an older set as it was")
  func keeps() throws {
    let folder = try TemporaryFolder()
    try folder.writeFolders()
    _ = try folder.prepareSet()
    let before = try Data(contentsOf: URL(fileURLWithPath: folder.file("out.set")))
    try folder.write([], to: "set/S02/happiness/happiness-1/img2.png")
    #expect(throws: ImportError.self) { try folder.prepareSet() }
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("out.set"))) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["out.set", "set"])
  }

  @Test("a place that is a folder, a device or in no folder is refused, and trying again does not help")
  func places() throws {
    let folder = try TemporaryFolder()
    try folder.writeFolders()
    for (out, why) in [
      (folder.path, "it is a folder"), ("/dev/null", "not a regular file"), (folder.file("no/x"), "does not exist"),
    ] {
      let error = #expect(throws: ImportError.self) {
        try prepare(layout: .folders, root: folder.file("set"), out: out)
      }
      #expect(error?.description.contains(why) == true && error?.isWorthRetrying == false)
    }
  }

  @Test("a full disk leaves nothing and is worth trying again")
  func full() async {
    // A limit on the size of files stands for the full disk; it holds for a whole process, so this runs in its own.
    await #expect(processExitsWith: .exitCode(75)) {
      let folder = try TemporaryFolder()
      try folder.writeFolders()
      let report = try folder.prepareSet()
      let whole = try Data(contentsOf: URL(fileURLWithPath: folder.file("out.set")))
      try FileManager.default.removeItem(atPath: folder.file("out.set"))
      signal(SIGXFSZ, SIG_IGN)
      // Full at the last byte of the set, then already among its clips.
      for size in [whole.count - 1, whole.count / 2] where report.clips == 4 {
        var limit = rlimit(rlim_cur: rlim_t(size), rlim_max: rlim_t(whole.count))
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        do throws(ImportError) {
          _ = try folder.prepareSet()
          exit(1)
        } catch {
          let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
          guard error == .diskFull(path: folder.file("out.set")), error.isWorthRetrying, left == ["set"] else {
            exit(2)
          }
        }
      }
      exit(75)
    }
  }

  @Test("a read-only file system is told apart from a forbidden folder")
  func readOnly() {
    #expect(ImportError.writing("x", EROFS) == .readOnly(path: "x"))
    #expect(ImportError.writing("x", EROFS).isWorthRetrying)
    #expect(ImportError.writing("x", ENOSPC) == .diskFull(path: "x"))
    #expect(!ImportError.writing("x", EACCES).isWorthRetrying)
  }
}
