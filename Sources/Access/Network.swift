// Networks in CIDR notation (RFC 4632, RFC 4291) and whether an address lies in one.

import Glibc

/// `10.1.0.0/16`, `fd00::/8`, or one address.
public struct Network: Hashable, Sendable, CustomStringConvertible {
  private let bytes: [UInt8]
  private let prefix: Int
  /// As it was written.
  public let description: String

  /// Reads a network; nil where the text is none, or has bits behind its prefix.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let bytes = Self.bytes(of: String(parts[0])) else { return nil }
    var prefix = bytes.count * 8
    if parts.count == 2 {
      guard !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (48...57).contains($0) }), parts[1].utf8.count <= 3,
        let bits = Int(parts[1]), bits <= prefix
      else { return nil }
      prefix = bits
    }
    guard (prefix..<bytes.count * 8).allSatisfy({ !Self.bit($0, of: bytes) }) else { return nil }
    self.bytes = bytes
    self.prefix = prefix
    description = text
  }

  /// Whether an address, as ZeroMQ tells it, lies in the network. IPv4 in IPv6 (`::ffff:10.1.2.3`) counts as IPv4.
  public func contains(_ address: String) -> Bool {
    // A link-local address has its interface behind it.
    guard var other = Self.bytes(of: String(address.prefix { $0 != "%" })) else { return false }
    if other.count == 16, other.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255] { other.removeFirst(12) }
    guard other.count == bytes.count else { return false }
    return (0..<prefix).allSatisfy { Self.bit($0, of: bytes) == Self.bit($0, of: other) }
  }

  private static func bit(_ place: Int, of bytes: [UInt8]) -> Bool {
    let shift = 7 - place % 8
    return (bytes[place / 8] >> shift) & 1 == 1
  }

  /// 4 or 16 bytes; nil where the text is no address. `inet_pton` is strict and asks no network.
  private static func bytes(of text: String) -> [UInt8]? {
    guard !text.utf8.contains(0) else { return nil }
    for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
      var bytes = [UInt8](repeating: 0, count: count)
      if inet_pton(family, text, &bytes) == 1 { return bytes }
    }
    return nil
  }
}
