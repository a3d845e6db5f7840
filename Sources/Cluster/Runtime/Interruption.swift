// An end in good order that somebody asks for, of a coordinator or of a worker.

import Synchronization

/// A request to end, from any thread.
public final class Interruption: Sendable {
  private let wakeUp: WakeUp
  private let isAsked = Atomic<Bool>(false)
  private let isTaken = Atomic<Bool>(false)

  init(wakeUp: WakeUp) { self.wakeUp = wakeUp }

  /// Asks for the end.
  public func ask() {
    isAsked.store(true, ordering: .releasing)
    wakeUp.wake()
  }

  var wasTaken: Bool { isTaken.load(ordering: .acquiring) }
  func markTaken() { isTaken.store(true, ordering: .releasing) }

  /// Whether it was asked for and not handled yet.
  func take() -> Bool { isAsked.load(ordering: .acquiring) && !wasTaken }
}
