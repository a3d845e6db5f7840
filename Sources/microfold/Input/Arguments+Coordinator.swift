// `--connect` and `--keys`: where a coordinator listens, and what proves who asks.

import Cluster

extension Arguments {
  /// The keys of `--keys`, or nil.
  func clientKeys() throws(KeyError) -> ClientKeys? {
    guard let folder = value("--keys") else { return nil }
    return try KeyFolder(folder).client()
  }

  /// The coordinator of `--connect`, which must stand, and the keys for it.
  func coordinator() throws -> (endpoint: Endpoint, keys: ClientKeys?) {
    let text = try required("--connect")
    let keys = try clientKeys()
    return (try Endpoint(text, hasKeys: keys != nil).here, keys)
  }

  /// A connection for questions to the coordinator of `--connect`.
  func controlClient() throws -> ControlClient {
    let (endpoint, keys) = try coordinator()
    return ControlClient(endpoint: endpoint, keys: keys)
  }
}
