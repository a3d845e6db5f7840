// Changes of the file of authorised keys: the other lines stay as they are, and the file is whole at every moment.

import Access
import Glibc

extension KeyFolder {
  /// A public key from a command line: its text, or the file that holds it.
  public static func publicKey(_ word: String) throws(KeyError) -> PublicKey {
    if let key = PublicKey(word), access(word, F_OK) != 0 { return key }
    return try readPublic(word, help: "give the .public file of the key, or its 40 signs in single quotes")
  }

  /// Lets a key in, or changes role, network and time of one that is let in already.
  /// - Returns: whether it was let in before.
  /// - Throws: `KeyError.word` where the name belongs to another key, or the key has another name.
  public func authorise(_ entry: KeyEntry) throws(KeyError) -> Bool {
    try edit { (keys, lines) throws(KeyError) in
      if let other = keys.entries.first(where: { $0.name == entry.name }), other.key != entry.key {
        throw .word(
          "\(authorisedPath): \"\(entry.name)\" is another key; choose another name, or first: "
            + "microfold keys revoke --keys \(path) \(entry.name)")
      }
      if let other = keys.entry(of: entry.key), other.name != entry.name {
        throw .word("\(authorisedPath): this key is there under the name \"\(other.name)\"; use that name")
      }
      let place = lines.firstIndex { Self.name(of: $0) == entry.name }
      if let place { lines[place] = entry.line } else { lines.append(entry.line) }
      return place != nil
    }
  }

  /// Lets a key in no longer. A coordinator that runs ends what the key has open within a beat.
  public func revoke(_ name: String) throws(KeyError) {
    try edit { (keys, lines) throws(KeyError) in
      guard keys.entries.contains(where: { $0.name == name }) else {
        throw .word("\(authorisedPath): no key \"\(name)\"; see microfold keys list --keys \(path)")
      }
      lines.removeAll { Self.name(of: $0) == name }
    }
  }

  /// The first word of a line; a comment's is `#…`, which is no name.
  private static func name(of line: String) -> String? {
    line.split { $0 == " " || $0 == "\t" }.first.map(String.init)
  }

  /// One edit at a time, by a lock on the folder.
  private func edit<Value>(
    _ change: (AuthorisedKeys, inout [String]) throws(KeyError) -> Value
  ) throws(KeyError) -> Value {
    guard access(secretPath(Self.coordinatorName), F_OK) == 0 else {
      throw .missing(
        secretPath(Self.coordinatorName),
        help: "keys are authorised in the coordinator's folder; make one: microfold keys new --keys \(path)")
    }
    let folder: File
    do throws(FileError) { folder = try File(path: path, O_RDONLY | O_DIRECTORY, "open the folder") } catch {
      throw .file(error)
    }
    while flock(folder.descriptor, LOCK_EX) != 0, errno == EINTR {}
    let keys = try authorised()
    var lines = [Self.title]
    if access(authorisedPath, F_OK) == 0 {
      let text = String(decoding: try Self.readAuthorised(authorisedPath), as: UTF8.self)
      lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      if lines.last == "" { lines.removeLast() }
    }
    let value = try change(keys, &lines)
    let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    // Nothing is written that could not be read again.
    do throws(KeyFileError) { _ = try AuthorisedKeys(parsing: bytes, file: authorisedPath) } catch {
      throw .line(error)
    }
    do throws(FileError) { try Files.write(bytes, to: authorisedPath, mode: 0o600) } catch { throw .file(error) }
    return value
  }

  private static let title = "# name  role (worker, viewer, admin)  public key  [from=NETWORK]  [until=DATE]"
}
