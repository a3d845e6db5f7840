// Where a coordinator listens: this machine, or with keys any address.

import CZeroMQ
import Glibc

/// An endpoint that cannot be used. One line.
public enum EndpointError: ExitError, Equatable, Sendable {
  /// Not `tcp://HOST:PORT` or `ipc://PATH`.
  case malformed(String)
  /// Reachable from other machines.
  case notLoopback(String)
  /// The path of a socket that is too long for the system.
  case tooLong(String)
  /// Somebody listens there already.
  case inUse(String)
  /// The system refuses.
  case failed(String, why: String)

  /// 75 where the place may be free later, else 2.
  public var exitStatus: Int32 {
    switch self {
    case .inUse: ExitStatus.later
    default: ExitStatus.usage
    }
  }

  /// One line.
  public var description: String {
    switch self {
    case .malformed(let text): "\(text): not an endpoint; write tcp://127.0.0.1:PORT or ipc:///PATH"
    case .notLoopback(let text):
      "\(text): reachable from other machines, which needs --keys DIR (microfold keys new makes them); without keys "
        + "use tcp://127.0.0.1:PORT or ipc:///PATH"
    case .tooLong(let text):
      "\(text): the path of a socket has at most \(Endpoint.pathLimit) bytes; choose a shorter one"
    case .inUse(let text): "\(text): already in use; stop who listens there or choose another endpoint"
    case .failed(let text, let why): "\(text): \(why); choose another endpoint"
    }
  }
}

/// A checked endpoint.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  /// Bytes of the path of a socket: what `sockaddr_un` holds, without its end.
  static let pathLimit = 107

  /// As ZeroMQ reads it.
  public let text: String
  /// The path of the socket; nil for TCP.
  let path: String?
  /// Whether only this machine reaches it.
  public let isLocal: Bool

  /// The text.
  public var description: String { text }

  /// Checks an endpoint.
  /// - Parameter hasKeys: whether connections are encrypted and prove keys; only then may other machines reach it.
  /// - Throws: `EndpointError` where it is malformed or not on this machine.
  public init(_ text: String, hasKeys: Bool = false) throws(EndpointError) {
    if let path = text.dropping("ipc://") {
      guard !path.isEmpty, !path.hasPrefix("@") else { throw .malformed(text) }
      guard path.utf8.count <= Self.pathLimit else { throw .tooLong(text) }
      self.path = path
      self.text = text
      isLocal = true
    } else if let address = text.dropping("tcp://") {
      guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]), port > 0
      else { throw .malformed(text) }
      let host = address[..<colon]
      isLocal = Self.isLoopback(host)
      guard isLocal || Self.isHost(host) else { throw .malformed(text) }
      guard isLocal || hasKeys else { throw .notLoopback(text) }
      path = nil
      // ZeroMQ resolves no names where it binds.
      self.text = "tcp://\(host == "localhost" ? "127.0.0.1" : host):\(port)"
    } else {
      throw .malformed(text)
    }
  }

  /// Where a client on this machine reaches who listens here: `*` and `0.0.0.0` are no addresses to connect to.
  public var here: Endpoint {
    let pairs = [
      ("tcp://*:", "tcp://127.0.0.1:"), ("tcp://0.0.0.0:", "tcp://127.0.0.1:"), ("tcp://[::]:", "tcp://[::1]:"),
    ]
    for (every, one) in pairs where text.hasPrefix(every) {
      if let endpoint = try? Endpoint(one + text.dropFirst(every.count)) { return endpoint }
    }
    return self
  }

  /// A name, an address, or `*` for every address.
  private static func isHost(_ host: Substring) -> Bool {
    if host == "*" { return true }
    var signs = Array(host.utf8)
    let isNumeric = signs.first == 91 && signs.last == 93
    if isNumeric { signs = signs.dropFirst().dropLast() }
    guard !signs.isEmpty, signs.count <= 255 else { return false }
    return signs.allSatisfy { sign in
      (48...57).contains(sign) || (65...90).contains(sign) || (97...122).contains(sign)
        || (isNumeric ? [37, 46, 58] : [45, 46, 95]).contains(sign)
    }
  }

  private static func isLoopback(_ host: Substring) -> Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// Listens for a moment where a coordinator would, to see whether it could.
  /// - Throws: `EndpointError.inUse` where somebody does, `.failed` where the system refuses.
  public func tryToListen() throws(EndpointError) {
    guard path == nil else {
      if isAnswered { throw .inUse(text) }
      return
    }
    let socket = try Socket(ZMQ_ROUTER)
    if text.contains("[") { socket.set(ZMQ_IPV6, 1) }
    guard zmq_bind(socket.handle, text) != 0 else { return }
    throw zmq_errno() == EADDRINUSE ? .inUse(text) : .failed(text, why: ZeroMQ.lastError)
  }

  /// Whether somebody answers at the path of a socket. ZeroMQ would take its place without asking.
  public var isAnswered: Bool {
    guard let path else { return false }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(Self.pathLimit)) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) == 0 }
    }
  }
}

extension String {
  /// What follows a prefix; nil where it does not stand there.
  fileprivate func dropping(_ prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
