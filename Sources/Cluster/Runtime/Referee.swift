// Who reads results while a run goes on and says which stages are needed by them.
//
// The coordinator's machine knows stages, not numbers; a race needs both. So the driver shows every durable result to a
// referee, and gives the machine its words. A referee is a function of the results, whatever their order: at a restart
// it is shown the ledger's, and comes to the same.

import Coordination
import Ledger

/// What a referee says.
public struct Ruling: Sendable, Equatable {
  /// Stages that may be computed now.
  public var opened: [Int]
  /// Stages that nothing needs any more.
  public var dropped: [Int]

  /// A ruling.
  public init(opened: [Int] = [], dropped: [Int] = []) {
    self.opened = opened
    self.dropped = dropped
  }
}

/// Decides by results which stages are computed.
public protocol Referee {
  /// Stages that are not to be computed before it says so.
  var closed: [Int] { get }
  /// A result is durable. Each stage's comes once, in any order.
  /// - Throws: where it is not what such a stage gives; the run ends with that.
  mutating func committed(stage: Int, result: [UInt8]) throws -> Ruling
  /// A stage was given up.
  mutating func gaveUp(stage: Int) -> Ruling
}

extension CoordinatorRuntime {
  /// Shows the referee what the ledger holds, before the machine starts.
  func replay(_ contents: LedgerContents) throws {
    guard var referee else { return }
    let closed = referee.closed
    var (opened, dropped): ([Int], [Int]) = ([], [])
    func take(_ verdict: Ruling) {
      opened += verdict.opened
      dropped += verdict.dropped
    }
    for row in contents.results { take(try referee.committed(stage: row.stage, result: row.bytes)) }
    for row in contents.failures { take(referee.gaveUp(stage: row.stage)) }
    self.referee = referee
    noteDropped(dropped.count)
    events = [.closed(stages: closed), .opened(stages: opened), .dropped(stages: dropped)] + events
  }

  /// Shows the referee what became durable.
  func judge() throws {
    guard referee != nil else { return }
    let (results, failures) = (unjudged, unjudgedFailures)
    (unjudged, unjudgedFailures) = ([], [])
    for (stage, bytes) in results { take(try referee?.committed(stage: stage, result: bytes)) }
    for stage in failures { take(referee?.gaveUp(stage: stage)) }
  }

  private func take(_ verdict: Ruling?) {
    if let opened = verdict?.opened, !opened.isEmpty { events.append(.opened(stages: opened)) }
    guard let dropped = verdict?.dropped, !dropped.isEmpty else { return }
    events.append(.dropped(stages: dropped))
    noteDropped(dropped.count)
  }

  /// Leaves the number for whoever asks the run directory while no coordinator is there.
  private func noteDropped(_ count: Int) {
    droppedCount += count
    if droppedCount > 0 { record(.meta(key: RunMeta.dropped, value: String(droppedCount))) }
  }
}
