// The file of authorised keys, and the one question that it answers: may this key come in, from there, now?
//
//   # who  what for  public key                                [from where]      [until when]
//   lab07  worker    rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7  from=10.1.0.0/16  until=2027-01-31
//
// Words are separated by spaces or tabs; lines that begin with # and empty lines mean nothing. Everything else that is
// not exactly this is an error with its line, since a line that is half understood lets in whom nobody meant.

/// What is wrong with the file. One line.
public struct KeyFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file.
  public let file: String
  /// From 1; 0 for the file as a whole.
  public let line: Int
  /// What is wrong, and what would be right.
  public let what: String

  /// One line.
  public var description: String { line == 0 ? "\(file): \(what)" : "\(file):\(line): \(what)" }
}

/// Why a key may not come in.
public enum KeyRefusal: Error, Equatable, Sendable, CustomStringConvertible {
  /// It stands nowhere.
  case unknown(PublicKey, address: String)
  /// It held until then.
  case expired(String, Moment)
  /// It comes from another network.
  case elsewhere(String, Network, address: String)

  /// One line: what, and what to do.
  public var description: String {
    switch self {
    case .unknown(let key, let address):
      "no authorised key (from \(address)); to let it in: microfold keys authorise --keys DIR NAME '\(key)'"
    case .expired(let name, let until):
      "the key \"\(name)\" held until \(until); authorise it again with a later --until"
    case .elsewhere(let name, let network, let address):
      "the key \"\(name)\" comes from \(address), and may only come from \(network); authorise it again with "
        + "another --from"
    }
  }
}

/// The keys that may come in.
public struct AuthorisedKeys: Equatable, Sendable {
  /// Bytes of the file at most.
  public static let fileBytes = 1 << 20
  /// Bytes of one line at most.
  static let lineBytes = 1_024

  /// In the order of the file.
  public let entries: [KeyEntry]
  private let places: [PublicKey: Int]

  /// Nobody.
  public static let none = AuthorisedKeys([])

  /// These keys.
  /// - Precondition: names and keys are distinct.
  public init(_ entries: [KeyEntry]) {
    self.entries = entries
    places = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.key, $0) })
  }

  /// The entry of a key.
  public func entry(of key: PublicKey) -> KeyEntry? { places[key].map { entries[$0] } }

  /// Whether a key may come in from an address at a time, and as whom.
  public func admit(_ key: PublicKey, from address: String, now_s: Int) -> Result<Caller, KeyRefusal> {
    guard let entry = entry(of: key) else { return .failure(.unknown(key, address: address)) }
    if let until = entry.until, now_s >= until.end_s { return .failure(.expired(entry.name, until)) }
    if let network = entry.network, !network.contains(address) {
      return .failure(.elsewhere(entry.name, network, address: address))
    }
    return .success(Caller(key: key, name: entry.name, role: entry.role, address: address))
  }
}

// MARK: - The file

extension AuthorisedKeys {
  /// Reads the bytes of a file; `file` is only for errors.
  public init(parsing bytes: [UInt8], file: String) throws(KeyFileError) {
    guard bytes.count <= Self.fileBytes else {
      throw KeyFileError(file: file, line: 0, what: "more than \(Self.fileBytes) bytes; is it the right file?")
    }
    var entries: [KeyEntry] = []
    var names: [String: Int] = [:]
    var keys: [PublicKey: Int] = [:]
    for (place, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
      let number = place + 1
      func wrong(_ what: String) -> KeyFileError { KeyFileError(file: file, line: number, what: what) }
      let entry: KeyEntry?
      do throws(LineError) { entry = try Self.entry(in: line) } catch { throw wrong(error.what) }
      guard let entry else { continue }
      if let first = names[entry.name] {
        throw wrong("the name \"\(entry.name)\" stands in line \(first) already; take out one of the two")
      }
      if let first = keys[entry.key] {
        throw wrong("the key of \"\(entry.name)\" stands in line \(first) already; take out one of the two")
      }
      names[entry.name] = number
      keys[entry.key] = number
      entries.append(entry)
    }
    self.init(entries)
  }

  private struct LineError: Error { let what: String }

  /// The entry of a line; nil for a comment or an empty line.
  private static func entry(in line: ArraySlice<UInt8>) throws(LineError) -> KeyEntry? {
    guard line.count <= lineBytes else {
      throw LineError(what: "a line of \(line.count) bytes, \(lineBytes) are allowed; one key stands in one line")
    }
    let words = line.split { $0 == 32 || $0 == 9 }
    guard let first = words.first, first.first != UInt8(ascii: "#") else { return nil }
    if let strange = line.first(where: { $0 != 9 && !(32..<127).contains($0) }) {
      let help =
        strange == 13 ? "save the file with line ends of Unix" : "letters, digits and signs of ASCII are allowed"
      throw LineError(what: "a byte of value \(strange); \(help)")
    }
    return try entry(of: words.map { String(decoding: $0, as: UTF8.self) })
  }

  private static func entry(of words: [String]) throws(LineError) -> KeyEntry {
    guard words.count >= 3 else {
      throw LineError(what: "\(words.count) words; NAME ROLE KEY [from=NETWORK] [until=DATE] was expected")
    }
    guard KeyEntry.isName(words[0]) else {
      throw LineError(
        what: "the name \"\(words[0])\": at most 64 letters, digits, \".\", \"_\" and \"-\" were expected")
    }
    guard let role = Role(rawValue: words[1]) else {
      throw LineError(what: "the role \"\(words[1])\": worker, viewer or admin was expected")
    }
    guard let key = PublicKey(words[2]) else {
      throw LineError(what: "the key of \"\(words[0])\" is not 40 signs of Z85; copy the text of its .public file")
    }
    var network: Network?
    var until: Moment?
    for word in words.dropFirst(3) {
      if word.hasPrefix("from="), network == nil {
        network = Network(String(word.dropFirst(5)))
        guard network != nil else {
          throw LineError(
            what: "\"\(word)\": a network such as from=10.1.0.0/16, zeros behind its prefix, was expected")
        }
      } else if word.hasPrefix("until="), until == nil {
        until = Moment(String(word.dropFirst(6)))
        guard until != nil else {
          throw LineError(
            what: "\"\(word)\": a day such as until=2027-01-31 or until=2027-01-31T12:00:00Z was expected")
        }
      } else {
        throw LineError(what: "\"\(word)\": from=NETWORK or until=DATE, each once, was expected")
      }
    }
    return KeyEntry(name: words[0], role: role, key: key, network: network, until: until)
  }
}
