// How many stages a worker is given beyond its slots: enough to be busy while answers travel, and never many long ones.

import Messages

/// How long stages take.
struct Brevity: Sendable {
  /// Not less than nearly all of the last hundred took, in seconds.
  private(set) var seconds: Double

  /// The first stage took so long.
  init(_ first_s: Double) { seconds = first_s }

  /// One more took so long. A long one counts at once, and is forgotten slowly.
  mutating func add(_ next_s: Double) { seconds = max(next_s, seconds * 0.98) }
}

extension CoordinatorMachine {
  /// Work that a worker should have at hand, in seconds.
  private static let ahead_s = 0.05
  /// Stages that take longer are never given ahead by more than one.
  private static let brief_s = 0.025
  /// A stage costs at least so much beside its computation, in seconds.
  private static let least_s = 100e-6

  mutating func noteBrevity(of stage: Int, seconds: Double) {
    brevities[graph.kind(of: stage), default: Brevity(seconds)].add(seconds)
  }

  /// Whether stages like this one were all brief.
  func isBrief(_ stage: Int) -> Bool {
    brevities[graph.kind(of: stage)].map { $0.seconds < Self.brief_s } ?? false
  }

  /// Stages that each session may have beyond its slots now: one while there is plenty; more where the next ones are
  /// brief, but never more than its share of what is ready.
  var spare: Int {
    guard ready.count > slotCount, let next = ready.first else { return 0 }
    guard isBrief(next), let pace = brevities[graph.kind(of: next)] else { return 1 }
    let wanted = Int(Self.ahead_s / max(pace.seconds, Self.least_s))
    return max(1, min(wanted, Session.spareLimit, ready.count / (slotCount + 1)))
  }
}
