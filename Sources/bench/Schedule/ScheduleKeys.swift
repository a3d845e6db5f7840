// Keys of a schedule benchmark, as a person makes them for real machines.

import Access
import Cluster

/// A folder with the coordinator's keys and one that its workers share.
struct ScheduleKeys {
  static let worker = "worker"
  let path: String

  /// Makes the folder.
  init(in folder: ScratchFolder) throws {
    path = folder.file("keys")
    let keys = KeyFolder(path)
    _ = try keys.make(KeyFolder.coordinatorName)
    let key = try keys.make(Self.worker)
    _ = try keys.authorise(KeyEntry(name: Self.worker, role: .worker, key: key))
  }
}
