// Why a client is not let in. libzmq tries on in silence, or stops in silence; its monitor knows.
//
// A refused key and a server without keys are told by events of their own. A server with another key only closes the
// connection, as a crash or a tunnel to nowhere does. What tells them apart is a second socket without keys: where
// a server that wants keys is at the other end, that one hears that it offers another mechanism.

import Access
import CZeroMQ

/// Watches the handshakes of one client socket.
final class HandshakeWatch {
  /// Closed connections in a row before the other end is asked what it is.
  private static let patience = 3

  private let endpoint: Endpoint
  private let keys: ClientKeys?
  private let events: ConnectionEvents
  private var closedCount = 0
  private var hasConnected = false
  private var hasReconnected = false
  private var probe: (socket: Socket, events: ConnectionEvents)?

  init(of socket: Socket, endpoint: Endpoint, keys: ClientKeys?) throws(EndpointError) {
    self.endpoint = endpoint
    self.keys = keys
    events = try ConnectionEvents(of: socket)
  }

  deinit { stop() }

  var pollable: [Socket] { [events.monitor] + (probe.map { [$0.events.monitor] } ?? []) }

  /// Ends it.
  func stop() {
    events.stop()
    probe?.events.stop()
    probe = nil
  }

  /// Why no connection will ever come about; nil as long as one may.
  func refusal() -> String? {
    for event in events.take() {
      switch event {
      case .refused: return refused
      case .otherMechanism: return otherMechanism
      case .silent: closedCount += 1
      case .succeeded:
        closedCount = 0
        hasReconnected = hasConnected
        hasConnected = true
      case .broken, .accepted, .closed: break
      }
    }
    guard keys != nil else { return nil }
    if probe == nil, closedCount >= Self.patience {
      closedCount = 0
      probe = try? ask()
    }
    guard let answers = probe?.events.take(), let answer = answers.first else { return nil }
    probe?.events.stop()
    probe = nil
    return answer == .otherMechanism ? otherServer : nil
  }

  /// Whether a connection came about after another one since the last question; `refusal` looks for that.
  func takeReconnected() -> Bool {
    defer { hasReconnected = false }
    return hasReconnected
  }

  private func ask() throws(EndpointError) -> (Socket, ConnectionEvents) {
    let socket = try Socket(ZMQ_DEALER)
    socket.setCommonOptions()
    if endpoint.text.contains("[") { socket.set(ZMQ_IPV6, 1) }
    let events = try ConnectionEvents(of: socket)
    guard zmq_connect(socket.handle, endpoint.text) == 0 else { throw .failed(endpoint.text, why: ZeroMQ.lastError) }
    return (socket, events)
  }

  private var refused: String {
    guard let keys else { return "\(endpoint): the coordinator refuses connections without a key; give --keys DIR" }
    return
      "\(endpoint): the coordinator refuses the key \"\(keys.name)\": not authorised, revoked, out of date or from "
      + "another network (its log says which); on its machine: microfold keys authorise --keys DIR \(keys.name) "
      + "'\(keys.publicKey)'"
  }

  private var otherMechanism: String {
    keys == nil
      ? "\(endpoint): the coordinator wants a key; give --keys DIR (microfold keys new --name NAME makes one)"
      : "\(endpoint): who listens there uses no keys; start the coordinator with --keys, or leave out --keys here"
  }

  private var otherServer: String {
    let file = keys.map { KeyFolder($0.folder).publicPath(KeyFolder.coordinatorName) } ?? ""
    return "\(endpoint): the coordinator has another key than \(file); copy coordinator.public from its folder of keys"
  }
}
