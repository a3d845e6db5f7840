// Answers ZeroMQ's question whether a key may connect (ZAP, RFC 27 of ZeroMQ): one thread for the process.
//
// libzmq asks over `inproc://zeromq.zap.01`, so there can be one answerer only; each coordinator has a domain of its
// own. Without an answerer libzmq 4.3.4 lets any key in, with or without a domain, unless option 93
// (ZMQ_ZAP_ENFORCE_DOMAIN, hidden in Debian's header) says that it must not: then handshakes fail.

import Access
import CZeroMQ
import Glibc
import Synchronization

/// The answerer.
enum Authenticator {
  /// Who comes without a key where none is asked for: over a socket in a folder, which only this user can open, or over
  /// loopback.
  static let localUser = "local"
  private static let localEnd = "-local"

  private struct State: Sendable {
    /// By domain; nil where only those come who need no key.
    var gates: [String: AccessGate?] = [:]
    var count = 0
    var isRunning = false
  }

  private static let state = Mutex(State())

  /// The domain, beside another, of an address that asks for no key.
  static func local(_ domain: String) -> String { domain + localEnd }

  /// A socket that moves to the thread that will use it; nobody else does from then on.
  private struct Moved: @unchecked Sendable { let socket: Socket }

  /// Starts to answer for a gate, and gives its domain. To be called before the coordinator's socket is bound.
  /// - Parameter gate: nil where nobody is asked for a key. The question is put all the same: only so does libzmq turn
  ///   peers of its protocols 1 and 2 away, one of which can abort a process that closes its socket (4.3.4).
  static func register(_ gate: AccessGate?) throws(EndpointError) -> String {
    try state.withLock { state throws(EndpointError) in
      if !state.isRunning {
        let socket = try Socket(ZMQ_REP)
        guard zmq_bind(socket.handle, "inproc://zeromq.zap.01") == 0 else {
          throw .failed("inproc://zeromq.zap.01", why: ZeroMQ.lastError)
        }
        let moved = Moved(socket: socket)
        Thread.start("keys") { answer(moved.socket) }
        state.isRunning = true
      }
      state.count += 1
      let domain = "microfold-\(state.count)"
      state.gates[domain] = .some(gate)
      return domain
    }
  }

  /// Refuses everybody who comes for that domain from now on.
  static func remove(_ domain: String) { _ = state.withLock { $0.gates.removeValue(forKey: domain) } }

  private static func answer(_ socket: Socket) {
    while true {
      Poller.wait([socket], [], timeout_ms: 1_000)
      while let request = socket.receive() {
        // version, request id, domain, address, identity, mechanism, credentials
        let isWhole = request.count >= 6
        let user = isWhole ? user(request) : nil
        let verdict = user.map { ["200", "OK", $0] } ?? ["400", "refused", ""]
        let head = isWhole ? [request[0], request[1]] : [Array("1.0".utf8), []]
        _ = socket.send(head + verdict.map { Array($0.utf8) } + [[]])
      }
    }
  }

  /// Who is let in: the text of a key, or `localUser`; nil where nobody is.
  private static func user(_ request: [[UInt8]]) -> String? {
    let domain = String(decoding: request[2], as: UTF8.self)
    if request[5] == Array("NULL".utf8), domain.hasSuffix(localEnd) {
      return isAnswered(String(domain.dropLast(localEnd.count))) ? localUser : nil
    }
    guard request[5] == Array("CURVE".utf8), request.count == 7, let key = PublicKey(bytes: request[6]) else {
      return nil
    }
    guard gate(domain)?.admit(key, from: String(decoding: request[3], as: UTF8.self)) == true else { return nil }
    return key.text
  }

  private static func gate(_ domain: String) -> AccessGate? { state.withLock { $0.gates[domain] ?? nil } }

  private static func isAnswered(_ domain: String) -> Bool { state.withLock { $0.gates[domain] != nil } }
}
