import Cluster
import Coordination
import Foundation
import TestSupport
import Testing

@Suite struct FullDiskTests {
  @Test(.enabled(if: getuid() == 0, "only root may mount the small disk"))
  func aFullDiskEndsTheRunWith75AndTheSameCommandFinishesItOnALargerOne() throws {
    let cluster = try SmallCluster(count: 3)
    try FileManager.default.createDirectory(atPath: cluster.runPath, withIntermediateDirectories: true)
    try mount(["-t", "tmpfs", "-o", "size=400k", "none", cluster.runPath])
    defer { _ = try? ChildProcess.run("/bin/umount", ["-l", cluster.runPath]) }
    let coordinator = cluster.coordinate()
    let worker = cluster.work(SmallComputer())
    let failure = #expect(throws: (any Error).self) { try coordinator.value() }
    let error = try #require(failure as? any ExitError)
    #expect(error.exitStatus == 75)
    #expect("\(error)".contains("space"))
    try mount(["-o", "remount,size=64m", cluster.runPath])
    let again = cluster.coordinate()
    #expect(try again.value().exitStatus == 0)
    #expect(try worker.value() == 0, "the worker waited for the next coordinator")
    #expect(try cluster.results().count == 6)
  }

  private func mount(_ arguments: [String]) throws {
    let result = try ChildProcess.run("/bin/mount", arguments)
    try #require(result.status == 0)
  }
}
