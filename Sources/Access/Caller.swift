// Who speaks, and what they may do: the role of the key that a connection proved, or someone on this machine.

/// What a key is for.
public enum Role: String, CaseIterable, Sendable {
  /// Computes stages.
  case worker
  /// Asks how a run goes.
  case viewer
  /// Asks, and gives orders.
  case admin
}

/// What somebody may want of a coordinator.
public enum Right: Sendable {
  /// Compute stages.
  case work
  /// Ask: `status`, `why`.
  case ask
  /// Change the run: `retry`, `pause`, `cancel` and the like.
  case order
}

/// Whoever sent a message.
public struct Caller: Hashable, Sendable {
  /// The key that the connection proved; nil for a connection without keys, which only this machine can open.
  public let key: PublicKey?
  /// The name of the key in the file of authorised keys; nil without a key.
  public let name: String?
  /// The role of the key; nil without a key.
  public let role: Role?
  /// Where the connection comes from; empty without a key.
  public let address: String

  /// Somebody with a key.
  public init(key: PublicKey, name: String, role: Role, address: String) {
    self.key = key
    self.name = name
    self.role = role
    self.address = address
  }

  private init() {
    key = nil
    name = nil
    role = nil
    address = ""
  }

  /// Somebody on this machine, over loopback or a socket in a folder, without a key: may do everything.
  public static let local = Caller()

  /// Why this caller may not do something, in one line; nil where it may.
  public func refusal(of right: Right) -> String? {
    guard let role, let name else { return nil }
    let isAllowed =
      switch right {
      case .work: role == .worker
      case .ask: role != .worker
      case .order: role == .admin
      }
    guard !isAllowed else { return nil }
    let need =
      switch right {
      case .work: "to work needs a key of role worker"
      case .ask: "to ask needs a key of role viewer or admin"
      case .order: "to change a run needs a key of role admin"
      }
    return
      "the key \"\(name)\" has role \(role.rawValue), and \(need): use another key, or on the coordinator's machine "
      + "revoke this one and authorise it with --role"
  }
}
