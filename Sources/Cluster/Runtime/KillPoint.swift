// Named places at which a process of a test ends itself as kill -9 would: between any two of its promises.

import Glibc
import Synchronization

/// `MICROFOLD_TEST_KILL_AT=NAME:N` ends the process when the place NAME is passed for the Nth time.
package enum KillPoint: String, CaseIterable, Sendable {
  // The coordinator
  case resumed, tokensReserved = "tokens-reserved"
  case beforeCommit = "before-commit", afterCommit = "after-commit"
  case beforeAnswer = "before-answer", afterAnswer = "after-answer"
  case artifactStored = "artifact-stored", beforeReport = "before-report", afterReport = "after-report"
  // A worker
  case granted, computed, artifactKept = "artifact-kept", checkpointKept = "checkpoint-kept"
  case beforeResult = "before-result"

  private static let chosen: (name: String, pass: Int)? = environment("MICROFOLD_TEST_KILL_AT").flatMap { text in
    let words = text.split(separator: ":")
    return words.count == 2 ? Int(words[1]).map { (String(words[0]), $0) } : nil
  }
  private static let passes = Atomic<Int>(0)

  /// Ends the process where the environment says so.
  static func pass(_ point: KillPoint) {
    guard let chosen, chosen.name == point.rawValue else { return }
    if passes.add(1, ordering: .relaxed).newValue == chosen.pass { kill(getpid(), SIGKILL) }
  }
}
