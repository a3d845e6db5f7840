// A folder of keys. On the coordinator's machine `coordinator.secret`, `coordinator.public` and `authorised-keys`; on
// a worker's `NAME.secret` and `coordinator.public`, which can be made anywhere and copied as a whole.

import Access
import Glibc

/// A folder of keys.
public struct KeyFolder: Sendable {
  /// The name of the coordinator's own key.
  public static let coordinatorName = "coordinator"
  private static let publicEnd = ".public"
  private static let secretEnd = ".secret"

  /// The folder.
  public let path: String
  /// Which key of several; nil: the only one.
  private let chosen: String?

  /// A folder, or one secret file in it.
  public init(_ path: String) {
    guard path.hasSuffix(Self.secretEnd) else {
      self.path = path
      chosen = nil
      return
    }
    self.path = Files.folder(of: path)
    chosen = String(path.split(separator: "/").last ?? "").replacingEnd(Self.secretEnd)
  }

  /// The file that says who may come in.
  public var authorisedPath: String { "\(path)/authorised-keys" }
  /// The file of a public key.
  public func publicPath(_ name: String) -> String { "\(path)/\(name)\(Self.publicEnd)" }
  func secretPath(_ name: String) -> String { "\(path)/\(name)\(Self.secretEnd)" }

  // MARK: - Making

  /// Makes a pair and, where there is none, the folder.
  /// - Parameter place: a folder or file with the coordinator's public key, which is copied too; nil: none.
  /// - Throws: `KeyError.exists` rather than overwrite anything.
  public func make(_ name: String, coordinator place: String? = nil) throws(KeyError) -> PublicKey {
    guard KeyEntry.isName(name) else {
      throw .word("--name \(name): at most 64 letters, digits, \".\", \"_\" and \"-\" were expected, a letter first")
    }
    let server = try place.map { (place) throws(KeyError) in
      try Self.readPublic(
        Files.isFolder(place) ? KeyFolder(place).publicPath(Self.coordinatorName) : place,
        help: "give the coordinator's folder of keys, or its coordinator.public")
    }
    let copy = publicPath(Self.coordinatorName)
    let hasCopy = access(copy, F_OK) == 0
    if let server, hasCopy, try Self.readPublic(copy, help: "") != server { throw .exists(copy) }
    do throws(FileError) { try Files.makeFolder(path, mode: 0o700) } catch { throw .file(error) }
    for file in [secretPath(name), publicPath(name)] where access(file, F_OK) == 0 { throw .exists(file) }
    let pair = KeyPair()
    try create(secretPath(name), pair.secret, mode: 0o600)
    try create(publicPath(name), pair.publicKey.text, mode: 0o644)
    if let server, !hasCopy { try create(copy, server.text, mode: 0o644) }
    return pair.publicKey
  }

  private func create(_ file: String, _ text: String, mode: mode_t) throws(KeyError) {
    do throws(FileError) {
      let handle = try File(path: file, O_WRONLY | O_CREAT | O_EXCL, "write", mode: mode)
      // The mask of the process may have taken rights from us, and never gives any to others.
      fchmod(handle.descriptor, mode)
      try handle.write(Array("\(text)\n".utf8), at: 0)
      try handle.sync()
    } catch {
      throw error.code == EEXIST ? .exists(file) : .file(error)
    }
  }

  // MARK: - Reading

  /// The coordinator's keys.
  /// - Throws: `KeyError`: secrets that others can read, a list that others can change, lines that are wrong.
  public func server() throws(KeyError) -> ServerKeys {
    let pair = try readPair(Self.coordinatorName, help: "make it with microfold keys new --keys \(path)")
    _ = try authorised()
    return ServerKeys(pair: pair, folder: self)
  }

  /// The keys of a worker or a person.
  public func client() throws(KeyError) -> ClientKeys {
    let help = "make a key with microfold keys new --keys \(path) --name NAME"
    let secrets = Files.names(in: path).filter { $0.hasSuffix(Self.secretEnd) }
      .map { $0.replacingEnd(Self.secretEnd) }.filter { $0 != Self.coordinatorName }
    guard chosen != nil || secrets.count <= 1 else { throw .several(path, names: secrets) }
    guard let name = chosen ?? secrets.first else { throw .missing("\(path)/NAME.secret", help: help) }
    let pair = try readPair(name, help: help)
    let server = try Self.readPublic(
      publicPath(Self.coordinatorName), help: "copy it from the coordinator's folder of keys")
    return ClientKeys(name: name, pair: pair, server: server, folder: path)
  }

  /// Who may come in; nobody where the folder has no such file. A folder or a file that cannot be looked at says
  /// nothing about that, and is an error.
  public func authorised() throws(KeyError) -> AuthorisedKeys {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw errno == ENOENT
        ? .missing(path, help: "give the coordinator's folder of keys, or make it: microfold keys new --keys \(path)")
        : .file(FileError(path: path, action: "look at the folder", code: errno))
    }
    guard Self.isOurs(status) else {
      throw .open(path, help: "belongs to another user, who can put another list of keys there; make it yours")
    }
    // In a sticky folder, such as /tmp, nobody else can replace a file of another.
    guard status.st_mode & 0o022 == 0 || status.st_mode & S_ISVTX != 0 else {
      throw .open(path, help: "others can put another list of keys there; close it: chmod go-w \(path)")
    }
    let bytes: [UInt8]
    do throws(KeyError) { bytes = try Self.readAuthorised(authorisedPath) } catch {
      if case .missing = error { return .none }
      throw error
    }
    do throws(KeyFileError) { return try AuthorisedKeys(parsing: bytes, file: authorisedPath) } catch {
      throw .line(error)
    }
  }

  static func readAuthorised(_ file: String) throws(KeyError) -> [UInt8] {
    try read(file, limit: AuthorisedKeys.fileBytes + 1, help: "make it with microfold keys authorise") { status in
      guard isOurs(status) else {
        return "belongs to another user, who can change who is let in; make it yours, or do this as that user"
      }
      return status.st_mode & 0o022 == 0
        ? nil : "others can change it, and with it who is let in; close it: chmod go-w \(file)"
    }
  }

  /// Whether only we, or the administrator, can give ourselves a right to it.
  private static func isOurs(_ status: stat) -> Bool { status.st_uid == geteuid() || status.st_uid == 0 }

  private func readPair(_ name: String, help: String) throws(KeyError) -> KeyPair {
    let file = secretPath(name)
    let bytes = try Self.read(file, limit: 100, help: help) { status in
      guard Self.isOurs(status) else {
        return "belongs to another user; use a key of your own"
      }
      return status.st_mode & 0o077 == 0
        ? nil : "others can read this secret; close it: chmod 600 \(file), or make a new key if they may have read it"
    }
    guard let pair = KeyPair(secret: Self.trimmed(bytes)) else { throw .malformed(file) }
    let half = publicPath(name)
    if access(half, F_OK) == 0, try Self.readPublic(half, help: "") != pair.publicKey {
      throw .mismatched(public: half, secret: file)
    }
    return pair
  }

  static func readPublic(_ file: String, help: String) throws(KeyError) -> PublicKey {
    let bytes = try read(file, limit: 100, help: help) { _ in nil }
    guard let key = PublicKey(trimmed(bytes)) else { throw .malformed(file) }
    return key
  }

  private static func trimmed(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.last == 10 ? bytes.dropLast() : bytes[...], as: UTF8.self)
  }

  /// Reads a small file after its rights were looked at, on the open file.
  private static func read(
    _ file: String, limit: Int, help: String, fault: (stat) -> String?
  ) throws(KeyError) -> [UInt8] {
    let handle: File
    do throws(FileError) {
      handle = try File(path: file, O_RDONLY | O_NONBLOCK, "read")
    } catch {
      throw error.code == ENOENT ? .missing(file, help: help) : .file(error)
    }
    var status = stat()
    guard fstat(handle.descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .file(FileError(path: file, action: "read", code: EISDIR))
    }
    if let fault = fault(status) { throw .open(file, help: fault) }
    do throws(FileError) { return try handle.read(limit, at: 0) } catch { throw .file(error) }
  }
}

extension String {
  /// Without an end that it has.
  fileprivate func replacingEnd(_ end: String) -> String { hasSuffix(end) ? String(dropLast(end.count)) : self }
}
