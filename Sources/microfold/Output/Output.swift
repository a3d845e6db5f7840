// Where text goes: results to standard output, everything else to standard error.

import Canonical
import Foundation

/// The two streams.
enum Output {
  /// A line of results.
  static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// A JSON object on one line of results.
  static func json(_ value: JSON) { line(value.text) }

  /// A line for the person who waits.
  static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// The line of an error.
  static func error(_ text: String) { note("microfold: \(text)") }

  /// Writes all of a text; a closed pipe is nobody's fault and ends nothing.
  static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { unistd_write(descriptor, $0) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  private static func unistd_write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    Foundation.write(descriptor, bytes.baseAddress, bytes.count)
  }
}
