// The version that coordinator and worker compare before they work together.

import Glibc

/// The version of this program.
public enum BuildVersion {
  /// As released.
  public static let released = "0.1.0"

  /// What this process says it is: `released`, or what a test sets by `MICROFOLD_TEST_VERSION`.
  public static var current: String { environment("MICROFOLD_TEST_VERSION") ?? released }
}

/// The value of an environment variable; nil where it is not set or empty.
func environment(_ name: String) -> String? {
  guard let value = getenv(name) else { return nil }
  let text = String(cString: value)
  return text.isEmpty ? nil : text
}
