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
  /// What came back is no answer.
  case malformed(endpoint: String)
  /// The endpoint.
  case endpoint(EndpointError)

  /// 75 where nobody answered, else 2.
  public var exitStatus: Int32 {
    switch self {
    case .away: ExitStatus.later
    case .refused, .malformed: ExitStatus.usage
    case .endpoint(let error): error.exitStatus
    }
  }

  /// One line.
  public var description: String {
    switch self {
    case .away(let endpoint): "\(endpoint): no coordinator answers; start it or ask again later"
    case .refused(let why): why
    case .malformed(let endpoint): "\(endpoint): what answers there is not a coordinator of this version"
    case .endpoint(let error): error.description
    }
  }
}

/// A connection for questions.
public struct ControlClient: Sendable {
  private let endpoint: Endpoint

  /// A client of a coordinator.
  public init(endpoint: Endpoint) { self.endpoint = endpoint }

  /// Asks, and waits for the answer: a JSON object whose `ok` is true.
  /// - Parameters:
  ///   - request: `{"verb": "status"}` and the like; `CoordinatorMachine+Control` lists them.
  ///   - timeout_ms: at most 2,000.
  public func ask(_ request: JSON, timeout_ms: Int = 2000) throws(ControlError) -> JSON {
    let dealer: DealerSocket
    do throws(EndpointError) { dealer = try DealerSocket(connect: endpoint) } catch { throw .endpoint(error) }
    let question = Envelope(epoch: 0, session: 0, sequence: 1, message: .control(request.bytes))
    dealer.send(Codec.encode(question), isBulk: false)
    let end_ms = Clock.now_ms + min(timeout_ms, 2000)
    while Clock.now_ms < end_ms {
      dealer.flush()
      Poller.wait([dealer.socket], [], timeout_ms: min(20, max(1, end_ms - Clock.now_ms)))
      guard let frames = dealer.receive() else { continue }
      guard let envelope = try? Codec.decodeAll(frames).first, case .controlReply(let bytes) = envelope.message,
        let answer = try? JSON(parsing: bytes)
      else { throw .malformed(endpoint: endpoint.text) }
      guard answer["ok"]?.bool == true else { throw .refused(answer["error"]?.string ?? "the coordinator says no") }
      return answer
    }
    throw .away(endpoint: endpoint.text)
  }
}
