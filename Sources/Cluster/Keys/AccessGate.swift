// Who may come in, at this moment: the file of authorised keys, read again when it changes.
//
// Two versions are kept. Who is let in anew is looked up in the file as it stands, so that `keys authorise` counts at
// once. Who is in already goes only by a version that stood unchanged from one look to the next, so that an editor
// which empties the file before it writes throws nobody out. A version that cannot be read changes nothing but is
// said, with its line, until it is repaired.

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
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
    }
  }

  private struct State {
    var version: Version
    var fresh: AuthorisedKeys
    var settled: AuthorisedKeys
    var isSettled = true
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

  private let folder: KeyFolder
  private let state: Mutex<State>

  /// A gate by a folder.
  /// - Throws: `KeyError` where its file cannot be read now.
  package init(folder: KeyFolder) throws(KeyError) {
    self.folder = folder
    let version = Version(folder.authorisedPath)
    let keys = try folder.authorised()
    state = Mutex(State(version: version, fresh: keys, settled: keys))
  }

  /// A key that comes in through the handshake. What it says is only the decision; the reason is for our log.
  func admit(_ key: PublicKey, from address: String) -> Bool {
    state.withLock { state in
      if key == state.visitor { return true }
      if key == state.stranger { return false }
      lookAgain(&state)
      switch state.fresh.admit(key, from: address, now_s: Int(Clock.wall_s)) {
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
      let keys = state.fresh.entry(of: key) == nil ? state.settled : state.fresh
      return keys.admit(key, from: address, now_s: Int(Clock.wall_s))
    }
  }

  /// Looks at the file; to be called about every beat. Returns lines for the log: what strangers cause, of which there
  /// may be many, and what happened to the file.
  package func look() -> (refusals: [String], notices: [String]) {
    state.withLock { state in
      lookAgain(&state)
      if state.isSettled { state.settled = state.fresh }
      state.isSettled = true
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

  private func lookAgain(_ state: inout State) {
    let version = Version(folder.authorisedPath)
    guard version != state.version else { return }
    state.version = version
    do throws(KeyError) {
      state.fresh = try folder.authorised()
      state.fault = nil
      state.isSettled = false
    } catch {
      state.fault = error.description
    }
  }
}
