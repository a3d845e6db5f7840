// Who may come in, at this moment: the file of authorised keys, read again when it changes.
//
// What the file lets in counts at once, and who it does not name is not let in anew. Who is in already goes only when
// no version has named the key for two seconds, so that an editor or a copy which empties the file before it writes
// throws nobody out: a worker that is told to go ends for good. Two seconds, a look and the check of the sessions are
// less than a beat (3 s), within which a revoked key is out. A version that cannot be read changes nothing but is said,
// with its line, until it is repaired.

import Access
import Glibc
import Synchronization

/// The door of one coordinator. Used by its own thread and by the one that answers ZeroMQ.
package final class AccessGate: Sendable {
  /// What tells one version of the file from another.
  private struct Version: Equatable {
    var device = UInt64(0), inode = UInt64(0), size = Int64(-1), seconds = 0, nanoseconds = 0

    init(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return }
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
      size = Int64(status.st_size)
      // The time of the last change of anything: of rights and owner too.
      seconds = status.st_ctim.tv_sec
      nanoseconds = status.st_ctim.tv_nsec
    }
  }

  private struct State {
    /// What was read last; nil: to be read again whatever it is.
    var version: Version?
    var keys: AuthorisedKeys
    /// Entries that the file names no longer, and since when.
    var leaving: [PublicKey: (keys: AuthorisedKeys, since_ms: Int)] = [:]
    var generation = 0
    var fault: String?
    var told: String?
    /// For the self-test alone: one who is let in, one who is not, and neither is worth a line.
    var visitor: PublicKey?
    var stranger: PublicKey?
    var refusals: [String] = []
    var refusalCount = 0
  }

  /// Refusals that wait to be logged; more are counted.
  private static let refusalsLimit = 8

  /// How long a key that is in must be missing from the file before it goes.
  package static let leaving_ms = 2_000

  private let folder: KeyFolder
  private let state: Mutex<State>

  /// A gate by a folder.
  /// - Throws: `KeyError` where its file cannot be read now.
  package init(folder: KeyFolder) throws(KeyError) {
    self.folder = folder
    let version = Version(folder.authorisedPath)
    let keys = try folder.authorised()
    state = Mutex(State(version: version, keys: keys))
  }

  /// A key that comes in through the handshake. What it says is only the decision; the reason is for our log.
  func admit(_ key: PublicKey, from address: String) -> Bool {
    state.withLock { state in
      if key == state.visitor { return true }
      if key == state.stranger { return false }
      lookAgain(&state, now_ms: Clock.now_ms)
      switch state.keys.admit(key, from: address, now_s: Int(Clock.wall_s)) {
      case .success: return true
      case .failure(let refusal):
        state.refusalCount += 1
        if state.refusals.count < Self.refusalsLimit { state.refusals.append("refused a connection: \(refusal)") }
        return false
      }
    }
  }

  /// A message of a key that came in.
  package func caller(_ key: PublicKey, from address: String) -> Result<Caller, KeyRefusal> {
    state.withLock { state in
      let keys = state.leaving[key]?.keys ?? state.keys
      return keys.admit(key, from: address, now_s: Int(Clock.wall_s))
    }
  }

  /// Another number as soon as `caller` may answer otherwise than before for another reason than the time of day.
  var generation: Int { state.withLock { $0.generation } }

  /// Looks at the file; to be called several times a second. Returns lines for the log: what strangers cause, of which
  /// there may be many, and what happened to the file.
  package func look(now_ms: Int) -> (refusals: [String], notices: [String]) {
    state.withLock { state in
      lookAgain(&state, now_ms: now_ms)
      let isFaulty = state.fault != nil
      let staying = state.leaving.filter { isFaulty || now_ms - $0.value.since_ms < Self.leaving_ms }
      if staying.count != state.leaving.count { state.generation += 1 }
      state.leaving = staying
      var refusals = state.refusals
      if state.refusalCount > refusals.count { refusals.append("refused \(state.refusalCount) connections at once") }
      state.refusals = []
      state.refusalCount = 0
      guard state.fault != state.told else { return (refusals, []) }
      state.told = state.fault
      return (refusals, [state.fault.map { "the keys stay as they were: \($0)" } ?? "the file of keys is whole again"])
    }
  }

  /// Lets a key in that stands in no file, and refuses another without a line; nil takes that back.
  func expect(visitor: PublicKey?, stranger: PublicKey?) {
    state.withLock {
      $0.visitor = visitor
      $0.stranger = stranger
    }
  }

  private func lookAgain(_ state: inout State, now_ms: Int) {
    let version = Version(folder.authorisedPath)
    guard version != state.version else { return }
    state.version = version
    do throws(KeyError) {
      let keys = try folder.authorised()
      for entry in state.keys.entries { state.leaving[entry.key] = (AuthorisedKeys([entry]), now_ms) }
      for entry in keys.entries { state.leaving[entry.key] = nil }
      state.keys = keys
      state.generation += 1
      state.fault = nil
    } catch {
      state.fault = error.description
      // Lines stay wrong until the file changes; the system may find its way back by itself.
      if case .line = error { return }
      state.version = nil
    }
  }
}
