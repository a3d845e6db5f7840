// What a coordinator remembers of stages, workers, leases and answers on their way into the ledger.

import Access
import Canonical
import Messages

/// Where a stage stands.
public enum StageState: Int, CaseIterable, Sendable {
  /// An input is not computed yet.
  case waiting
  /// Can be granted.
  case ready
  /// Was granted before a restart; its worker has time to come back.
  case reserved
  /// A worker has the right to compute it.
  case leased
  /// A result came and is being fetched or written.
  case settling
  /// In the ledger.
  case committed
  /// Given up.
  case failed
  /// An input was given up.
  case blocked
  /// Nothing needs it any more: who reads the results said so.
  case dropped
}

/// What a coordinator does as a whole.
enum Phase: Equatable, Sendable {
  case new
  case running
  /// All is decided; the report is being written.
  case reporting
  /// Workers are told to go; those that do not answer by then are left.
  case draining(until_ms: Int)
  case stopped
}

/// A worker that was accepted.
struct Session: Sendable {
  let id: UInt64
  let peer: Peer
  let caller: Caller
  let host: String
  let process: UInt32
  let instance: UInt64
  let slots: Int
  let since_ms: Int
  var heard_ms: Int
  /// Messages sent to it.
  var sent: UInt64 = 0
  /// The number of its last greeting or beat: older ones tell nothing new.
  var sequence: UInt64
  /// The highest number of all its messages.
  var newest: UInt64 = 0
  /// Its leases, in the order of their granting.
  var tokens: [UInt64] = []
  /// Artifacts that it has made or was granted as inputs.
  var held: Set<Digest> = []
  /// Pieces of artifacts that the store is reading for it.
  var reads = 0
  /// The worker's process, by its instance: losses are counted by it, however often it comes and goes.
  var origin: UInt64
  /// Rests in a row because of what its host did wrong; a result ends the row.
  var rests = 0
  /// It is granted nothing before that time.
  var restsUntil_ms = 0
  /// Whether it stands in the list of those that may have room.
  var isRoomy = false

  /// Leases beyond its slots at most, however brief the stages are.
  static let spareLimit = 256
  /// How many leases it may hold.
  var credit: Int { min(slots + Self.spareLimit, Limits.held) }
  /// How many more it may be given, where so many are allowed beyond its slots.
  func room(_ spare: Int) -> Int { min(slots + spare, credit) - tokens.count }
  /// For logs.
  var name: String {
    "\(printable(host, limit: 64)) process \(process)" + (caller.name.map { " with key \"\($0)\"" } ?? "")
  }
}

/// The right of a session to compute a stage.
struct Lease: Sendable {
  let token: UInt64
  let stage: Int
  var session: UInt64
  let attempt: Int
  let since_ms: Int
  /// Whether it stands beside the stage's own lease or its result.
  var isExtra = false
  /// Whether its worker is to compute nothing else meanwhile.
  var isAlone = false
  /// An epoch checkpoint that was offered while another one was being fetched.
  var offered: EpochCheckpoint?
  /// Beats in a row that did not name it.
  var missed = 0
  /// When the first beat said that it has begun.
  var began_ms = 0
  /// When a beat last said that an epoch was done.
  var advanced_ms = 0
  var epoch = 0
  /// 0 while the computation has not begun.
  var epochs = 0
  var loss: Float = 0
}

/// A result on its way into the ledger.
struct Settling: Sendable {
  enum Step: Sendable { case fetching, verifying, writing }
  let record: CommitRecord
  /// Who is told.
  var session: UInt64
  var step: Step
  /// Whether it takes the place of a result that was outvoted.
  var isOverturn = false
}

/// The artifact of a settling result, or an epoch checkpoint, on its way into the store.
struct ResultPull: Sendable {
  let stage: Int
  var session: UInt64
  var pull: ArtifactPull
  /// What it is where it is no result's.
  var checkpoint: EpochCheckpoint?
}
/// Where each committed stage was computed, two bytes a stage.
struct HostTable: Sendable {
  private var places: [UInt16]
  private var names = [""]
  private var numbers = ["": UInt16(0)]

  init(stages: Int) { places = Array(repeating: 0, count: stages) }

  subscript(stage: Int) -> String {
    get { names[Int(places[stage])] }
    set {
      if numbers[newValue] == nil, names.count < Int(UInt16.max) {
        numbers[newValue] = UInt16(names.count)
        names.append(newValue)
      }
      places[stage] = numbers[newValue] ?? 0
    }
  }
}
