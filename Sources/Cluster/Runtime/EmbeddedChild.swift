// What a child of `run` does first: end when its parent ends, whatever ends that.

import CZeroMQ
import Glibc

/// A process that `run` started.
public enum EmbeddedChild {
  /// The variable that holds the parent's process id.
  static let variable = "MICROFOLD_EMBEDDED_PARENT"

  /// Whether this process is one.
  public static var isEmbedded: Bool { environment(variable) != nil }

  /// Ties this process to its parent where `run` started it; does nothing otherwise. To be called first of all, by
  /// `coordinate` and `work`.
  public static func enter() {
    guard let text = environment(variable) else { return }
    _ = microfold_die_with_parent()
    // Ctrl-C reaches the whole group; the parent decides what becomes of it and says so by SIGTERM.
    signal(SIGINT, SIG_IGN)
    // The parent may have ended before the kernel was asked to tell us.
    guard Int32(text) == getppid() else { exit(ExitStatus.later) }
  }
}
