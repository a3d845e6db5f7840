// Which cells of the machines' tables the histories reached: what happened to a stage in which state, what happened to
// a worker on which link, and for which reasons something was refused.

import Canonical
import Coordination
import Messages

/// What happens to a stage, as the coordinator sees it.
enum StageEvent: Int, CaseIterable {
  case result, failure, beat, hello, checkpoint, chunk, missing, committed, commitFailed, failureRecorded
  case conflictRecorded, artifactStored, artifactRefused, overturned, opened, dropped, restart
}

/// What happens to a worker.
enum WorkerHappening: Int, CaseIterable {
  case start, tick, undecodable, artifactHeld, artifactAbsent, artifactStored, artifactRefused, artifactRead
  case artifactUnreadable, progress, kept, computed, failed, terminate, reconnected, doorClosed
  case welcome, refuse, rehello, grant, beat, acknowledge, cancel, drain, artifactRequest, artifactChunk
  case artifactMissing, other
}

/// Counts of cells.
package struct Coverage: Sendable {
  private var stages = [Int](repeating: 0, count: StageState.allCases.count * StageEvent.allCases.count)
  private var links = [Int](repeating: 0, count: WorkerMachine.linkNames.count * WorkerHappening.allCases.count)
  /// Refusals by their reason.
  package private(set) var refusals: [String: Int] = [:]

  mutating func reach(_ state: StageState, _ event: StageEvent) {
    stages[state.rawValue * StageEvent.allCases.count + event.rawValue] += 1
  }

  mutating func reach(link: Int, _ event: WorkerHappening) {
    links[link * WorkerHappening.allCases.count + event.rawValue] += 1
  }

  mutating func refuse(_ reason: String) { refusals[reason, default: 0] += 1 }

  /// Adds the counts of other histories.
  package mutating func add(_ other: Coverage) {
    for cell in stages.indices { stages[cell] += other.stages[cell] }
    for cell in links.indices { links[cell] += other.links[cell] }
    refusals.merge(other.refusals, uniquingKeysWith: +)
  }

  /// Cells of a table with their counts, by name; those that were not reached have 0.
  package var stageCells: [(state: String, event: String, count: Int)] {
    StageState.allCases.flatMap { state in
      StageEvent.allCases.map { event in
        ("\(state)", "\(event)", stages[state.rawValue * StageEvent.allCases.count + event.rawValue])
      }
    }
  }

  /// The same of the links of workers.
  package var workerCells: [(link: String, event: String, count: Int)] {
    WorkerMachine.linkNames.enumerated().flatMap { number, link in
      WorkerHappening.allCases.map { event in
        (link, "\(event)", links[number * WorkerHappening.allCases.count + event.rawValue])
      }
    }
  }
}

extension World {
  func cover(_ event: CoordinatorEvent) {
    switch event {
    case .received(_, let envelope, _): cover(envelope.message)
    case .committed(let stage, _): cover(stage, .committed)
    case .commitFailed(let stage, _, _): cover(stage, .commitFailed)
    case .failureRecorded(let stage, _): cover(stage, .failureRecorded)
    case .conflictRecorded(let stage, _): cover(stage, .conflictRecorded)
    case .overturned(let stage, _): cover(stage, .overturned)
    case .opened(let stages): for stage in stages { cover(stage, .opened) }
    case .dropped(let stages): for stage in stages { cover(stage, .dropped) }
    case .artifactStored(let digest, _): cover(artifact: digest, .artifactStored)
    case .artifactRefused(let digest, _): cover(artifact: digest, .artifactRefused)
    case .start:
      for stage in 0..<plan.graph.count { cover(stage, .restart) }
    default: break
    }
  }

  private func cover(_ message: Message) {
    switch message {
    case .result(let result): cover(plan.graph.number(of: result.stage), .result)
    case .failure(let failure): cover(plan.graph.number(of: failure.stage), .failure)
    case .beat(let beat): for lease in beat.leases { cover(stage(of: lease.token), .beat) }
    case .hello(let hello): for lease in hello.held { cover(stage(of: lease.token), .hello) }
    case .epochCheckpoint(let offer): cover(stage(of: offer.token), .checkpoint)
    case .artifactChunk(let chunk): cover(artifact: chunk.artifact.digest, .chunk)
    case .artifactMissing(let digest): cover(artifact: digest, .missing)
    default: break
    }
  }

  private func stage(of token: UInt64) -> Int? {
    tokens.indices.contains(Int(token)) && tokens[Int(token)].stage >= 0 ? Int(tokens[Int(token)].stage) : nil
  }

  private func cover(artifact digest: Digest, _ event: StageEvent) {
    cover(plan.catalog.artifact(digest)?.stage ?? strange[digest]?.stage, event)
  }

  private func cover(_ stage: Int?, _ event: StageEvent) {
    guard let stage, let state = coordinator?.state(of: stage) else { return }
    coverage.reach(state, event)
  }

  func cover(_ event: WorkerEvent, _ worker: Int) {
    guard let link = workers[worker].machine?.linkNumber else { return }
    let happening: WorkerHappening =
      switch event {
      case .start: .start
      case .tick: .tick
      case .received(let envelope): Self.happening(envelope.message)
      case .undecodable: .undecodable
      case .artifactHeld: .artifactHeld
      case .artifactAbsent: .artifactAbsent
      case .artifactStored: .artifactStored
      case .artifactRefused: .artifactRefused
      case .artifactRead: .artifactRead
      case .artifactUnreadable: .artifactUnreadable
      case .progress: .progress
      case .computed: .computed
      case .failed: .failed
      case .terminate: .terminate
      case .reconnected: .reconnected
      case .doorClosed: .doorClosed
      case .kept: .kept
      }
    coverage.reach(link: link, happening)
  }

  private static func happening(_ message: Message) -> WorkerHappening {
    switch message {
    case .welcome: .welcome
    case .refuse: .refuse
    case .rehello: .rehello
    case .grant: .grant
    case .beat: .beat
    case .acknowledge: .acknowledge
    case .cancel: .cancel
    case .drain: .drain
    case .artifactRequest: .artifactRequest
    case .artifactChunk: .artifactChunk
    case .artifactMissing: .artifactMissing
    default: .other
    }
  }
}
