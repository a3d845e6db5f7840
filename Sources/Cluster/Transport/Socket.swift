// One ZeroMQ socket and its options. What was measured about libzmq 4.3.4 stands beside each.
//
// One context a process (with several, a race at exit was fixed only later); it lives as long as the process. A socket
// belongs to one thread. Nothing here ever blocks: every call says DONTWAIT.

import CZeroMQ
import Glibc
import Messages

/// The process's only context.
enum ZeroMQ {
  nonisolated(unsafe) static let context: UnsafeMutableRawPointer? = zmq_ctx_new()

  /// The library's word for the last error.
  static var lastError: String { String(cString: zmq_strerror(zmq_errno())) }
}

/// An open socket, closed with this value.
final class Socket {
  /// Frames of one message at most; what follows is thrown away with the message.
  static let frameLimit = 8

  let handle: UnsafeMutableRawPointer

  /// Opens a socket.
  init(_ type: Int32) throws(EndpointError) {
    guard let context = ZeroMQ.context, let handle = zmq_socket(context, type) else {
      throw .failed("ZeroMQ", why: ZeroMQ.lastError)
    }
    self.handle = handle
    // The default (wait for ever) hangs the end of a process whose peer is gone.
    set(ZMQ_LINGER, 0)
  }

  deinit { zmq_close(handle) }

  /// Sets a whole-number option.
  func set(_ option: Int32, _ value: Int32) {
    var value = value
    let code = zmq_setsockopt(handle, option, &value, MemoryLayout<Int32>.size)
    precondition(code == 0, "socket option \(option) is known to the library")
  }

  /// Sets an option of text.
  func set(_ option: Int32, _ text: String) {
    // Keys are C strings to the library: 40 signs and the zero behind them. A domain has no zero.
    let count = text.utf8.count + (option == ZMQ_ZAP_DOMAIN ? 0 : 1)
    let code = zmq_setsockopt(handle, option, text, count)
    precondition(code == 0, "socket option \(option) is known to the library")
  }

  /// What router and dealer share: limits, and dead peers that are noticed.
  ///
  /// A peer that has not proved a key yet can hold a descriptor for the handshake's interval, have frames of at most
  /// MAXMSGSIZE looked at, and wait in the backlog. libzmq cannot limit how many connections are half open, how many
  /// come from one address or in one second, or close a connection whose key was withdrawn: the kernel's firewall can
  /// do the first, and the coordinator answers the last with a refusal only.
  func setCommonOptions() {
    var limit = Int64(Limits.frameBytes)
    zmq_setsockopt(handle, ZMQ_MAXMSGSIZE, &limit, MemoryLayout<Int64>.size)
    set(ZMQ_SNDHWM, 64)
    set(ZMQ_RCVHWM, 1000)
    set(ZMQ_HANDSHAKE_IVL, 5000)
    set(ZMQ_BACKLOG, 1024)
    set(ZMQ_TCP_KEEPALIVE, 1)
    set(ZMQ_TCP_KEEPALIVE_IDLE, 30)
    set(ZMQ_TCP_KEEPALIVE_INTVL, 10)
    set(ZMQ_TCP_KEEPALIVE_CNT, 3)
  }

  /// Sends all frames as one message, or nothing.
  func send(_ frames: [[UInt8]]) -> Sending {
    for (place, frame) in frames.enumerated() {
      let more = place < frames.count - 1 ? ZMQ_SNDMORE : 0
      while frame.withUnsafeBytes({ zmq_send(handle, $0.baseAddress, $0.count, ZMQ_DONTWAIT | more) }) < 0 {
        switch zmq_errno() {
        case EINTR: continue
        case EAGAIN: return .full
        default: return .gone
        }
      }
    }
    return .sent
  }

  /// The next message as frames; nil where none waits. A message of too many frames comes as an empty list.
  func receive() -> [[UInt8]]? { receive { _ in } }

  /// As `receive()`; `look` sees the last frame. What the library knows of the sender (`zmq_msg_gets`) stands there:
  /// from the routing frame it is gone after a poll (4.3.4).
  func receive(_ look: (inout zmq_msg_t) -> Void) -> [[UInt8]]? {
    var frames: [[UInt8]] = []
    var count = 0
    while true {
      var message = zmq_msg_t()
      zmq_msg_init(&message)
      defer { zmq_msg_close(&message) }
      if zmq_msg_recv(&message, handle, ZMQ_DONTWAIT) < 0 {
        if zmq_errno() == EINTR { continue }
        return nil
      }
      count += 1
      if count <= Self.frameLimit {
        frames.append(Array(UnsafeRawBufferPointer(start: zmq_msg_data(&message), count: zmq_msg_size(&message))))
      }
      guard zmq_msg_more(&message) == 0 else { continue }
      // Behind the routing frame alone nothing was sent.
      if count > 1 { look(&message) }
      return count <= Self.frameLimit ? frames : []
    }
  }
}
