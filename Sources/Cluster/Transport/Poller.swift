// Waiting for sockets and file descriptors together, and waking a waiting thread from another one.

import CZeroMQ
import Glibc

/// Waits until something can be read.
enum Poller {
  /// Waits at most `timeout_ms` until a socket or a descriptor can be read.
  static func wait(_ sockets: [Socket], _ descriptors: [Int32], timeout_ms: Int) {
    var items = sockets.map { zmq_pollitem_t(socket: $0.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0) }
    items += descriptors.map { zmq_pollitem_t(socket: nil, fd: $0, events: Int16(ZMQ_POLLIN), revents: 0) }
    zmq_poll(&items, Int32(items.count), max(0, timeout_ms))
  }
}

/// A descriptor that can be read after somebody called `wake`.
final class WakeUp: Sendable {
  let descriptor = microfold_eventfd()

  deinit { close(descriptor) }

  /// Ends the wait of the thread that polls. May be called from any thread, and from a signal handler.
  func wake() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, 8)
  }

  /// Forgets earlier calls.
  func clear() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, 8)
  }
}

/// Time that only goes forward.
enum Clock {
  /// Milliseconds since some moment of this machine's past.
  static var now_ms: Int { Int(now_s * 1000) }

  /// Seconds since some moment of this machine's past.
  static var now_s: Double { seconds(CLOCK_MONOTONIC) }

  /// Seconds since 1970.
  static var wall_s: Double { seconds(CLOCK_REALTIME) }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
