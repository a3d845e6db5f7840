// Key pairs of Curve25519 by libsodium, kept as text in two files. Not by libzmq, whose 4.3.4 closes the source of
// random numbers behind every pair that it makes.

import Access
import CSodium

/// A secret key and its public half.
struct KeyPair: Sendable, CustomStringConvertible, CustomReflectable {
  let publicKey: PublicKey
  /// 40 signs of Z85. Never printed, never sent.
  let secret: String

  /// A new pair. Its public half never begins with a sign that a command takes for a flag.
  init() {
    precondition(sodium_init() >= 0, "libsodium starts")
    while true {
      var open = [UInt8](repeating: 0, count: 32)
      var hidden = open
      crypto_box_keypair(&open, &hidden)
      guard let key = PublicKey(bytes: open), let secret = PublicKey(bytes: hidden), !key.text.hasPrefix("-") else {
        continue
      }
      publicKey = key
      self.secret = secret.text
      return
    }
  }

  /// The public half: whoever prints what holds a pair shall not print the secret.
  var description: String { "the key pair '\(publicKey)'" }
  var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }

  /// The pair of a secret; nil where the text is none.
  init?(secret: String) {
    guard let hidden = PublicKey(secret) else { return nil }
    var open = [UInt8](repeating: 0, count: 32)
    guard crypto_scalarmult_base(&open, hidden.bytes) == 0, let key = PublicKey(bytes: open) else { return nil }
    publicKey = key
    self.secret = secret
  }
}

/// What a coordinator needs: its pair, and the folder that says who may come in.
public struct ServerKeys: Sendable, CustomStringConvertible {
  let pair: KeyPair
  let folder: KeyFolder

  /// Where they lie; nothing of the secret.
  public var description: String { "the coordinator's keys in \(folder.path)" }
}

/// What a worker or a person needs: its own pair, and the public key of the coordinator.
public struct ClientKeys: Sendable, CustomStringConvertible {
  /// The name of the key's file.
  public let name: String
  let pair: KeyPair
  let server: PublicKey
  /// Where they lie, for people.
  let folder: String

  /// The public half.
  public var publicKey: PublicKey { pair.publicKey }
  /// Name and place; nothing of the secret.
  public var description: String { "the key \"\(name)\" in \(folder)" }
}
