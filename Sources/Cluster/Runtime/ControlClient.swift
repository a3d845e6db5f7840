// Asks a running coordinator: never waits longer than two seconds, whatever is or is not at the other end.

import Canonical
import Glibc
import Messages

/// Why a coordinator did not answer. One line.
public enum ControlError: ExitError, Equatable, Sendable {
  /// Nobody answered in time.
  case away(endpoint: String)
  /// The coordinator says no.
  case refused(String)
  /// The key does not let in, or may not do this.
  case forbidden(String)
  /// What came back is no answer.
  case malformed(endpoint: String)
  /// The endpoint.
  case endpoint(EndpointError)

  /// 75 where nobody answered, 78 where the key is wrong, else 2.
  public var exitStatus: Int32 {
    switch self {
    case .away: ExitStatus.later
    case .refused, .malformed: ExitStatus.usage
    case .forbidden: ExitStatus.refused
    case .endpoint(let error): error.exitStatus
    }
  }

  /// One line.
  public var description: String {
    switch self {
    case .away(let endpoint): "\(endpoint): no coordinator answers; start it or ask again later"
    case .refused(let why), .forbidden(let why): why
    case .malformed(let endpoint): "\(endpoint): what answers there is not a coordinator of this version"
    case .endpoint(let error): error.description
    }
  }
}

/// A connection for questions.
public struct ControlClient: Sendable {
  private let endpoint: Endpoint
  private let keys: ClientKeys?

  /// A client of a coordinator; `keys` may be nil only for a local endpoint.
  public init(endpoint: Endpoint, keys: ClientKeys? = nil) {
    self.endpoint = endpoint
    self.keys = keys
  }

  /// Asks, and waits for the answer: a JSON object whose `ok` is true.
  /// - Parameters:
  ///   - request: `{"verb": "status"}` and the like; `CoordinatorMachine+Control` lists them.
  ///   - timeout_ms: at most 2,000.
  public func ask(_ request: JSON, timeout_ms: Int = 2000) throws(ControlError) -> JSON {
    let dealer: DealerSocket
    do throws(EndpointError) { dealer = try DealerSocket(connect: endpoint, keys: keys) } catch {
      throw .endpoint(error)
    }
    let question = Envelope(epoch: 0, session: 0, sequence: 1, message: .control(request.bytes))
    dealer.send(Codec.encode(question), isBulk: false)
    let end_ms = Clock.now_ms + min(timeout_ms, 2000)
    while Clock.now_ms < end_ms {
      dealer.flush()
      Poller.wait(dealer.pollable, [], timeout_ms: min(20, max(1, end_ms - Clock.now_ms)))
      if let why = dealer.refusal() { throw .forbidden(why) }
      if let frames = dealer.receive() { return try answer(in: frames) }
    }
    throw .away(endpoint: endpoint.text)
  }

  private func answer(in frames: [[UInt8]]) throws(ControlError) -> JSON {
    guard let envelope = try? Codec.decodeAll(frames).first else { throw .malformed(endpoint: endpoint.text) }
    if case .refuse(let refusal) = envelope.message { throw .forbidden(refusal.lines.joined(separator: "; ")) }
    guard case .controlReply(let bytes) = envelope.message, let answer = try? JSON(parsing: bytes) else {
      throw .malformed(endpoint: endpoint.text)
    }
    guard answer["ok"]?.bool != true else { return answer }
    let why = answer["error"]?.string ?? "the coordinator says no"
    throw answer["forbidden"]?.bool == true ? .forbidden(why) : .refused(why)
  }
}
