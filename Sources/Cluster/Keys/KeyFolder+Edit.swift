// Changes of the file of authorised keys: the other lines stay as they are, and the file is whole at every moment.

import Access
import Glibc

extension KeyFolder {
  /// A public key from a command line: its text, or the file that holds it.
  public static func publicKey(_ word: String) throws(KeyError) -> PublicKey {
    if let key = PublicKey(word), access(word, F_OK) != 0 { return key }
    return try readPublic(word, help: "give the .public file of the key, or its 40 signs in single quotes")
  }

  /// Lets a key in, or replaces role, network and time of one that is let in already.
  /// - Returns: whether it was let in before.
  /// - Throws: `KeyError.word` where the name belongs to another key, or the key has another name.
  public func authorise(_ entry: KeyEntry) throws(KeyError) -> Bool {
    try authorise(entry.name, entry.key) { _ in entry }.wasThere
  }

  /// Lets a key in, or changes the entry that it has: `change` gets that entry, nil where there is none, and gives the
  /// new one, with the same name and key.
  /// - Throws: as `authorise(_:)`.
  public func authorise(
    _ name: String, _ key: PublicKey, change: (KeyEntry?) -> KeyEntry
  ) throws(KeyError) -> (entry: KeyEntry, wasThere: Bool) {
    try edit { (keys, lines) throws(KeyError) in
      let old = keys.entries.first { $0.name == name }
      if let old, old.key != key {
        throw .word(
          "\(authorisedPath): \"\(name)\" is another key; choose another name, or first: "
            + "microfold keys revoke --keys \(path) \(name)")
      }
      if let other = keys.entry(of: key), other.name != name {
        throw .word("\(authorisedPath): this key is there under the name \"\(other.name)\"; use that name")
      }
      let entry = change(old)
      precondition(entry.name == name && entry.key == key, "an entry keeps its name and its key")
      let line = Array(entry.line.utf8)[...]
      if let place = lines.firstIndex(where: { Self.name(of: $0) == name }) {
        lines[place] = line
      } else {
        lines.append(line)
      }
      return ((entry, old != nil), { $0.entry(of: key) == entry })
    }
  }

  /// Lets a key in no longer. A coordinator that runs ends what the key has open within a beat.
  public func revoke(_ name: String) throws(KeyError) {
    try edit { (keys, lines) throws(KeyError) in
      guard keys.entries.contains(where: { $0.name == name }) else {
        throw .word("\(authorisedPath): no key \"\(name)\"; see microfold keys list --keys \(path)")
      }
      lines.removeAll { Self.name(of: $0) == name }
      return ((), { keys in !keys.entries.contains { $0.name == name } })
    }
  }

  /// A line, without its end. Bytes, since to text a line end of Windows is one character that ends no line of Unix.
  private typealias Line = ArraySlice<UInt8>

  /// The first word of a line; a comment's is `#…`, which is no name.
  private static func name(of line: Line) -> String? {
    line.split { $0 == 32 || $0 == 9 }.first.map { String(decoding: $0, as: UTF8.self) }
  }

  /// One edit at a time, by a lock on the folder. What is changed says, too, how the changed list is known.
  private func edit<Value>(
    _ change: (AuthorisedKeys, inout [Line]) throws(KeyError) -> (Value, isDone: (AuthorisedKeys) -> Bool)
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
    var lines = [Array(Self.title.utf8)[...]]
    if access(authorisedPath, F_OK) == 0 {
      lines = try Self.readAuthorised(authorisedPath).split(separator: 10, omittingEmptySubsequences: false)
      if lines.last?.isEmpty == true { lines.removeLast() }
    }
    let (value, isDone) = try change(keys, &lines)
    let bytes = Array(lines.joined(separator: [10])) + [10]
    // Nothing is written that could not be read again, or that would not be what was asked for.
    let changed: AuthorisedKeys
    do throws(KeyFileError) { changed = try AuthorisedKeys(parsing: bytes, file: authorisedPath) } catch {
      throw .line(error)
    }
    precondition(isDone(changed), "an edit of the list of keys does what it says")
    // It holds no secret, and the coordinator may run as another user: readable as it was, written by its owner alone.
    var status = stat()
    let mode = stat(authorisedPath, &status) == 0 ? status.st_mode & 0o644 | 0o600 : 0o644
    do throws(FileError) { try Files.write(bytes, to: authorisedPath, mode: mode) } catch { throw .file(error) }
    return value
  }

  private static let title = "# name  role (worker, viewer, admin)  public key  [from=NETWORK]  [until=DATE]"
}
