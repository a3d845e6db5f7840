import Canonical
import Messages

/// The coordinator.
public struct CoordinatorMachine: Sendable {
  /// A coordinator.
  public init(graph: StageGraph, configuration: CoordinatorConfiguration, recovery: Recovery) {
  }

  /// Takes an event at a time and says what is to be done, in order.
  public mutating func handle(_ event: CoordinatorEvent, now_ms: Int) -> [CoordinatorAction] {
    []
  }
}
