// Disks that are full or may not be written: a tmpfs of a few kilobytes.

import Foundation
import TestSupport
import Testing

/// A small disk in memory at `disk/` of a folder; gone with this value.
private final class SmallDisk {
  /// Whether this process may mount one.
  static let isPossible: Bool = {
    guard let folder = try? TinyStudy.folder() else { return false }
    return (try? SmallDisk(in: folder, size_kib: 64)) != nil
  }()

  let path: String

  init(in folder: TemporaryFolder, size_kib: Int) throws {
    path = folder.file("disk")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try mount(["-t", "tmpfs", "-o", "size=\(size_kib)k", "none", path])
  }

  func change(_ option: String) throws { try mount(["-o", "remount,\(option)", path]) }

  /// Fills the disk but for some bytes.
  func fill(leaving bytes: Int) throws {
    var facts = statvfs()
    guard statvfs(path, &facts) == 0 else { throw TooLate(description: "no facts of \(path)") }
    let free = Int(facts.f_bavail) * Int(facts.f_frsize)
    try Data(count: max(0, free - bytes)).write(to: URL(fileURLWithPath: path + "/filler"))
  }

  private func mount(_ words: [String]) throws {
    let result = try ChildProcess.run("/bin/mount", words)
    guard result.status == 0 else { throw TooLate(description: "no small disk: \(result.errors)") }
  }

  deinit { _ = try? ChildProcess.run("/bin/umount", ["-l", path]) }
}

/// Goal: 75 and one line, nothing half-written, and the same command finishes once there is space.
@Suite("disks", .serialized, .enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs: run as root"))
struct DiskTests {
  private let run = "run study.yaml --data target=ok.set --run-dir disk/r"
  private let prepare = "prepare --layout flow-images --root set --out disk/x.set"

  @Test("a full disk", arguments: [16, 40])
  func full(size_kib: Int) throws {
    let folder = try TinyStudy.folder()
    let disk = try SmallDisk(in: folder, size_kib: size_kib)
    let cases = [
      BadInput("a full disk for a set", prepare, "disk/x.set", "full", "free", status: 75),
      BadInput("a full disk for a run", run, "disk/r", "space", "same command again", status: 75, leaves: ["disk/r"]),
      BadInput("a full disk for faces", "synthesize --out disk/f", "disk/f", "full", status: 75),
    ]
    for input in cases { try input.check(in: folder) }
    try disk.change("size=20m")
    try expectFinished(folder)
  }

  @Test("a disk that is full in the middle of a run", arguments: [100, 160, 200, 240, 280, 320])
  func fullLater(size_kib: Int) throws {
    let folder = try TinyStudy.folder()
    let disk = try SmallDisk(in: folder, size_kib: size_kib)
    let result = try Child.run(run.split(separator: " ").map(String.init), in: folder)
    #expect([0, 75].contains(result.status), "\(result.errors)")
    if result.status == 75 {
      let last = result.errors.split(separator: "\n").last ?? ""
      #expect(last.contains("disk/r") && (last.contains("space") || last.contains("full")), "\(result.errors)")
      #expect(result.output == "")
    }
    #expect(!result.errors.contains("Fatal error"))
    try disk.change("size=20m")
    try expectFinished(folder)
  }

  @Test("a disk that is full when checkpoints are kept", arguments: [1, 3])
  func fullForCheckpoints(fitting: Int) throws {
    let folder = try TinyStudy.folder()
    let disk = try SmallDisk(in: folder, size_kib: 20_000)
    #expect(try Child.run(run.split(separator: " ").map(String.init), in: folder).status == 0)
    // The rest of the disk is filled but for some checkpoints, a folder or two and half a checkpoint.
    let one = try TinyStudy.checkpoint().count
    try disk.fill(leaving: fitting * one + one / 2 + 16_384)
    let words = ["report", "disk/r", "--keep-checkpoints", "--out", "elsewhere"]
    let result = try Child.run(words, in: folder)
    #expect(result.status == 75 && result.errors.contains("disk/r/checkpoints"), "\(result.errors)")
    #expect(result.errors.contains("free some space") && result.errors.split(separator: "\n").count == 1)
    let left = folder.listing.filter { $0.contains("checkpoints") && $0.contains(".tmp") }
    #expect(left == [])
    try FileManager.default.removeItem(atPath: disk.path + "/filler")
    #expect(try Child.run(words, in: folder).status == 0)
  }

  private func expectFinished(_ folder: TemporaryFolder) throws {
    let result = try Child.run(run.split(separator: " ").map(String.init), in: folder)
    #expect(result.status == 0, "\(result.errors)")
    try Run(folder: folder, name: "disk/r").expectNothingLostOrDoubled()
    let other = try TinyStudy.folder()
    let undisturbed = try Child.run(["run", "study.yaml", "--data", "target=ok.set", "--run-dir", "r"], in: other)
    #expect(undisturbed.status == 0)
    #expect(folder.bytes("disk/r/report/report.json") == other.bytes("r/report/report.json"))
  }

  @Test("a disk that may only be read")
  func readOnly() throws {
    let folder = try TinyStudy.folder()
    let disk = try SmallDisk(in: folder, size_kib: 20_000)
    #expect(try Child.run(run.split(separator: " ").map(String.init), in: folder).status == 0)
    try disk.change("ro")
    let cases = [
      BadInput("a read-only disk for a set", prepare, "disk/x.set", "read-only", status: 75),
      BadInput("a read-only disk for a run", run, "disk/r", "read-only", status: 75),
      BadInput("a read-only disk for a new run", run + "2", "disk/r2", "writable", status: 75),
      BadInput("a read-only disk for a report", "report disk/r", "disk/r/report", "writable", status: 75),
      BadInput("a read-only disk for faces", "synthesize --out disk/f", "disk/f", "read-only", status: 75),
      BadInput(
        "a read-only disk for a picture", "inspect ok.set --montage disk/x.png", "disk/x.png", "read-only", status: 75),
    ]
    for input in cases { try input.check(in: folder) }
    for verb in ["status", "why", "verify"] {
      let result = try Child.run([verb, "disk/r"], in: folder)
      #expect(result.status == 0, "\(verb) only looks: \(result.errors)")
    }
  }
}
