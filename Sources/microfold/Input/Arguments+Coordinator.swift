// `--connect` and `--keys`: where a coordinator listens, and what proves who asks.

import Canonical
import Cluster
import Ledger

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

  /// A connection for questions: to the coordinator of `--connect`, or to the one that holds a run directory.
  func coordinator(ofRun path: String?) throws -> ControlClient {
    if value("--connect") != nil { return try controlClient() }
    guard let path else { throw Failure("give a RUN-DIR or --connect ENDPOINT") }
    let run = try RunFile(path: path)
    guard let holder = run.contents.meta[RunMeta.holder], !holder.isEmpty,
      let text = run.contents.meta[RunMeta.endpoint]
    else {
      throw Failure("\(path): no coordinator holds this run directory; start it first", status: ExitStatus.later)
    }
    let keys = try clientKeys()
    let client = ControlClient(endpoint: try run.endpoint(text, hasKeys: keys != nil), keys: keys)
    // Another run's coordinator may listen there now.
    guard try client.ask(["verb": "status"])["plan"]?.string == run.contents.meta[RunMeta.plan] else {
      throw Failure("\(path): who answers at \(text) is the coordinator of another run", status: ExitStatus.later)
    }
    return client
  }

  /// A connection for questions to the coordinator of `--connect`.
  func controlClient() throws -> ControlClient {
    let (endpoint, keys) = try coordinator()
    return ControlClient(endpoint: endpoint, keys: keys)
  }
}

extension RunFile {
  /// Where its coordinator can be asked from here: over the run directory's own socket where keys are wanted otherwise.
  func endpoint(_ text: String, hasKeys: Bool) throws(EndpointError) -> Endpoint {
    if !hasKeys, let endpoint = try? Endpoint("ipc://" + paths.control), endpoint.isAnswered { return endpoint }
    return try Endpoint(text, hasKeys: hasKeys).here
  }
}
