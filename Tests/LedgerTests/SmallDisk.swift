// A disk in memory that a test may fill, and plain SQL by another connection than the ledger's.

import Foundation
import Ledger
import TestSupport

/// A tmpfs that is gone with this value. Needs root.
final class SmallDisk {
  private let folder: TemporaryFolder
  var path: String { folder.path }

  init(size_kib: Int) throws {
    folder = try TemporaryFolder()
    try mount(["-t", "tmpfs", "-o", "size=\(size_kib)k", "none", folder.path])
  }

  func makeReadOnly() throws { try mount(["-o", "remount,ro", folder.path]) }

  private func mount(_ arguments: [String]) throws {
    let result = try ChildProcess.run("/bin/mount", arguments)
    guard result.status == 0 else { throw CocoaError(.fileWriteUnknown) }
  }

  deinit { _ = try? ChildProcess.run("/bin/umount", ["-l", folder.path]) }
}
