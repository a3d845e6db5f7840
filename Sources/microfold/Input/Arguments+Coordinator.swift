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
    switch try RunFile(path: path).holder(keys: clientKeys()) {
    case .coordinator(let client, status: _): return client
    case .nobody:
      throw Failure("\(path): no coordinator holds this run directory; start it first", status: ExitStatus.later)
    case .another(let text):
      throw Failure("\(path): who answers at \(text) is the coordinator of another run", status: ExitStatus.later)
    }
  }

  /// A connection for questions to the coordinator of `--connect`.
  func controlClient() throws -> ControlClient {
    let (endpoint, keys) = try coordinator()
    return ControlClient(endpoint: endpoint, keys: keys)
  }
}

/// Who holds a run directory.
enum Holder {
  /// No coordinator does.
  case nobody
  /// Another run's coordinator listens there by now.
  case another(endpoint: String)
  /// Its coordinator, and the answer to `status`.
  case coordinator(ControlClient, status: JSON)
}

extension RunFile {
  /// Asks the coordinator that the ledger names.
  /// - Throws: `ControlError` where it does not answer, cannot be asked from here or refuses the key.
  func holder(keys: ClientKeys?, timeout_ms: Int = 2_000) throws(ControlError) -> Holder {
    guard let holder = contents.meta[RunMeta.holder], !holder.isEmpty, let text = contents.meta[RunMeta.endpoint]
    else { return .nobody }
    let place: Endpoint
    do throws(EndpointError) { place = try endpoint(text, hasKeys: keys != nil) } catch { throw .endpoint(error) }
    let client = ControlClient(endpoint: place, keys: keys)
    let status = try client.ask(["verb": "status"], timeout_ms: timeout_ms)
    guard status["plan"]?.string == contents.meta[RunMeta.plan] else { return .another(endpoint: text) }
    return .coordinator(client, status: status)
  }

  /// Where its coordinator can be asked from here: over the run directory's own socket where keys are wanted otherwise.
  private func endpoint(_ text: String, hasKeys: Bool) throws(EndpointError) -> Endpoint {
    if !hasKeys, let endpoint = try? Endpoint("ipc://" + paths.control), endpoint.isAnswered { return endpoint }
    return try Endpoint(text, hasKeys: hasKeys).here
  }
}
