import Canonical
import Messages

/// The worker.
public struct WorkerMachine: Sendable {
  /// A worker.
  public init(configuration: WorkerConfiguration) {
  }

  /// Takes an event at a time and says what is to be done, in order.
  public mutating func handle(_ event: WorkerEvent, now_ms: Int) -> [WorkerAction] {
    []
  }
}
