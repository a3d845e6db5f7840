// One line of the file of authorised keys: who, what for, the key, from where, until when.

/// A key that may come in.
public struct KeyEntry: Hashable, Sendable {
  /// What people call it: letters, digits, `.`, `_` and `-`, at most 64.
  public let name: String
  /// What it is for.
  public let role: Role
  /// The key.
  public let key: PublicKey
  /// From where alone it may come; nil: from anywhere.
  public let network: Network?
  /// Until when it holds; nil: until it is revoked.
  public let until: Moment?

  /// An entry.
  /// - Precondition: `isName(name)`.
  public init(name: String, role: Role, key: PublicKey, network: Network? = nil, until: Moment? = nil) {
    precondition(Self.isName(name), "a name of a key has few kinds of signs")
    self.name = name
    self.role = role
    self.key = key
    self.network = network
    self.until = until
  }

  /// The line that stands for it.
  public var line: String {
    var words = [name, role.rawValue, key.text]
    if let network { words.append("from=\(network)") }
    if let until { words.append("until=\(until)") }
    return words.joined(separator: " ")
  }

  /// Whether a text can name a key: it names files too, so it has few kinds of signs and no dot in front.
  public static func isName(_ text: some StringProtocol) -> Bool {
    let signs = text.utf8
    func isPlain(_ sign: UInt8) -> Bool {
      (48...57).contains(sign) || (65...90).contains(sign) || (97...122).contains(sign)
    }
    guard let first = signs.first, isPlain(first), signs.count <= 64 else { return false }
    return signs.allSatisfy { isPlain($0) || [45, 46, 95].contains($0) }
  }
}
