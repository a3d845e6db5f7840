// Progress of long work: a bar that redraws itself on a terminal, a plain line every few seconds in a pipe.

import Foundation

/// Draws progress on standard error.
final class ProgressBar {
  private let title: String
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var lastDrawn: ContinuousClock.Instant
  private var lastText = ""

  /// A bar with a title. In a pipe nothing is said of work that ends, or fails, within the first seconds.
  init(_ title: String) {
    self.title = title
    lastDrawn = isTerminal ? .now - .seconds(1) : .now
  }

  /// Shows that `done` of `total` are done; `detail` says what is being worked on.
  func show(_ done: Int, of total: Int, detail: String = "") {
    let now = ContinuousClock.now
    let isLast = done == total
    let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(5)
    guard isLast || now - lastDrawn >= pause else { return }
    let text =
      isTerminal ? bar(done, total, detail) : "\(title) \(done)/\(total)\(detail.isEmpty ? "" : " · \(detail)")"
    guard text != lastText else { return }
    lastDrawn = now
    lastText = text
    Output.write(isTerminal ? "\r\u{1b}[K\(text)" : text + "\n", to: STDERR_FILENO)
  }

  /// Leaves the bar's line; may be called twice.
  func finish() {
    guard isTerminal, !lastText.isEmpty else { return }
    lastText = ""
    Output.write("\n", to: STDERR_FILENO)
  }

  private func bar(_ done: Int, _ total: Int, _ detail: String) -> String {
    let width = 28
    let filled = total == 0 ? width : done * width / total
    let cells = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    return String("\(title) \(cells) \(done)/\(total) \(detail)".prefix(terminalWidth - 1))
  }

  private var terminalWidth: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
  }
}
