// Which faults a history has, and how often. Every seed has some of them and not others, so that rare ones are not
// drowned by frequent ones, and some seeds have one alone.

/// A kind of fault.
package enum FaultKind: Int, CaseIterable, Sendable {
  // Messages
  case drop, duplicate, reorder, corrupt, staleReplay, partition, oneWay, reset
  // Processes
  case workerCrash, workerCrashAtAction, workerStop, workerPause
  case coordinatorCrash, coordinatorCrashAtAction, coordinatorPause
  // Clocks
  case clockRate, clockLeap
  // Disks
  case tornTail, lostTail, diskFull, commitRefused, damagedArtifact, cacheLost
  // Stages and hosts
  case poison, killer, badHost, slowHost, flippingHost, stranger
  // People
  case control

  /// The name in answers.
  package var name: String {
    switch self {
    case .drop: "message lost"
    case .duplicate: "message twice"
    case .reorder: "message late"
    case .corrupt: "frame damaged"
    case .staleReplay: "stale replay"
    case .partition: "link cut"
    case .oneWay: "link cut one way"
    case .reset: "connection reset"
    case .workerCrash: "worker killed"
    case .workerCrashAtAction: "worker killed at an action"
    case .workerStop: "worker told to stop"
    case .workerPause: "worker stopped"
    case .coordinatorCrash: "coordinator killed"
    case .coordinatorCrashAtAction: "coordinator killed at an action"
    case .coordinatorPause: "coordinator stopped"
    case .clockRate: "clock fast or slow"
    case .clockLeap: "clock leap"
    case .tornTail: "ledger tail torn"
    case .lostTail: "ledger tail lost"
    case .diskFull: "disk full"
    case .commitRefused: "commit refused"
    case .damagedArtifact: "artifact damaged"
    case .cacheLost: "cache lost"
    case .poison: "stage fails"
    case .killer: "stage kills"
    case .badHost: "failed on a bad host"
    case .slowHost: "slowed by a host"
    case .flippingHost: "bit flipped by a host"
    case .stranger: "foreign worker"
    case .control: "person asks"
    }
  }
}

/// How often each kind strikes: a probability for each chance that it has.
struct Faults: Sendable {
  private var rates = [Double](repeating: 0, count: FaultKind.allCases.count)

  /// None at all.
  static let none = Faults()

  private init() {}

  /// What can happen to a coordinator whose workers and links are all well: nothing may be computed again for it.
  private static let coordinators: [FaultKind] = [
    .coordinatorCrash, .coordinatorCrashAtAction, .coordinatorPause, .clockLeap, .tornTail, .diskFull, .staleReplay,
  ]

  /// Those of a seed.
  init(_ random: inout Chance, stages: Int) {
    // Where there is more of everything, each thing fails less often, so that histories keep their length.
    let share = stages > 50 ? 0.25 : 1
    let chosen: [FaultKind]
    switch random.below(8) {
    case 0: chosen = (0...random.below(2)).map { _ in FaultKind.allCases[random.below(FaultKind.allCases.count)] }
    case 1: chosen = Self.coordinators.filter { _ in random.below(2) == 0 }
    default: chosen = FaultKind.allCases.filter { random.below(Self.rarity($0)) == 0 }
    }
    for kind in chosen {
      let strength = 1 / Double(1 << random.below(4))
      rates[kind.rawValue] = Self.most(kind, share) * (Self.isWhole(kind) ? 1 : strength)
    }
  }

  subscript(kind: FaultKind) -> Double {
    get { rates[kind.rawValue] }
    set { rates[kind.rawValue] = newValue }
  }

  func has(_ kind: FaultKind) -> Bool { self[kind] > 0 }

  /// One seed in so many has it.
  private static func rarity(_ kind: FaultKind) -> Int {
    switch kind {
    case .badHost, .slowHost, .flippingHost, .killer, .stranger, .control, .lostTail, .clockRate: 4
    default: 2
    }
  }

  /// Kinds that are there or not, and do not come more or less often.
  private static func isWhole(_ kind: FaultKind) -> Bool {
    [.badHost, .slowHost, .flippingHost, .stranger].contains(kind)
  }

  private static func most(_ kind: FaultKind, _ share: Double) -> Double {
    switch kind {
    case .drop, .duplicate, .reorder: 0.08
    case .corrupt: 0.04
    case .staleReplay: 0.8
    case .partition, .oneWay, .reset: 0.08 * share
    case .workerCrash: 0.1 * share
    case .workerCrashAtAction: 0.003 * share
    case .workerStop: 0.04 * share
    case .workerPause: 0.08 * share
    case .coordinatorCrash, .coordinatorPause: 0.06
    case .coordinatorCrashAtAction: 0.003 * share
    case .clockRate, .clockLeap: 0.02
    case .tornTail, .lostTail: 0.5
    case .diskFull, .commitRefused: 0.02
    case .damagedArtifact: 0.03
    case .cacheLost: 0.02
    case .poison: 0.08 * share
    case .killer: 0.04 * share
    case .badHost, .slowHost: 1
    case .flippingHost: 0.3
    case .stranger: 1
    case .control: 0.2
    }
  }
}
