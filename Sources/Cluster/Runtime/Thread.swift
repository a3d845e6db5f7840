// Threads of our own: computing and polling block, and must never do so on the pool of Swift's tasks.

import CZeroMQ

/// Starting a thread.
enum Thread {
  /// Bytes of a thread's stack.
  private static let stackBytes = 8 << 20

  private final class Start {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Runs `body` on a new thread that nobody waits for.
  /// - Parameter name: at most 15 bytes.
  static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    let code = microfold_start_thread(
      stackBytes,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        microfold_name_thread(start.name)
        start.body()
        return nil
      }, start.toOpaque())
    precondition(code == 0, "the system starts a thread")
  }
}
