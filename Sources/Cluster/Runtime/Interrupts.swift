// SIGINT and SIGTERM as something that a poll can wait for.

import Glibc
import Synchronization

/// Counts the signals that ask a process to end. One for the whole process.
public enum Interrupts {
  private static let descriptor = Atomic<Int32>(-1)
  private static let count = Atomic<Int>(0)

  /// How many came.
  public static var seen: Int { count.load(ordering: .acquiring) }

  /// From now on SIGINT and SIGTERM wake this one instead of ending the process.
  /// - Parameter ignoresKeyboard: SIGINT does nothing, since a parent tells us by SIGTERM.
  static func handle(by wakeUp: WakeUp, ignoresKeyboard: Bool) {
    descriptor.store(wakeUp.descriptor, ordering: .releasing)
    signal(SIGPIPE, SIG_IGN)
    if ignoresKeyboard { signal(SIGINT, SIG_IGN) } else { install(SIGINT) }
    install(SIGTERM)
  }

  /// From now on SIGINT and SIGTERM end nothing and are only counted: a long computation asks `seen`.
  public static func collect() {
    install(SIGINT)
    install(SIGTERM)
  }

  /// Nobody listens any more; later signals end the process as they always do.
  static func release(_ wakeUp: WakeUp) {
    guard descriptor.load(ordering: .acquiring) == wakeUp.descriptor else { return }
    signal(SIGTERM, SIG_DFL)
    signal(SIGINT, SIG_DFL)
    descriptor.store(-1, ordering: .releasing)
  }

  private static func install(_ number: Int32) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      // Only what is allowed in a handler: an atomic add and a write.
      Interrupts.count.add(1, ordering: .acquiringAndReleasing)
      var one: UInt64 = 1
      let saved = errno
      _ = write(Interrupts.descriptor.load(ordering: .acquiring), &one, 8)
      errno = saved
    }
    action.sa_flags = SA_RESTART
    sigaction(number, &action, nil)
    // Who started us may have blocked it, and a process inherits that.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, number)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
