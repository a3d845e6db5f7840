// Everything that can be wrong with a folder of keys. One line each: what, where, what to do.

import Access

/// A folder of keys that cannot be used.
public enum KeyError: ExitError, Equatable, Sendable {
  /// A file that must be there is not.
  case missing(String, help: String)
  /// A file would be overwritten.
  case exists(String)
  /// A file of a key that holds none.
  case malformed(String)
  /// A public file beside a secret that it does not belong to.
  case mismatched(public: String, secret: String)
  /// Others can read a secret, or change who is let in.
  case open(String, help: String)
  /// Several keys, and no word which one.
  case several(String, names: [String])
  /// A word of the command that is wrong.
  case word(String)
  /// The file of authorised keys.
  case line(KeyFileError)
  /// The file system.
  case file(FileError)

  /// 78 where others can read or write what is secret, else 2, or what the file system says.
  public var exitStatus: Int32 {
    switch self {
    case .open: ExitStatus.refused
    case .file(let error): error.exitStatus
    default: ExitStatus.usage
    }
  }

  /// One line.
  public var description: String {
    switch self {
    case .missing(let path, let help): "\(path): not there; \(help)"
    case .exists(let path): "\(path): there already, and a key is never overwritten; choose another --name or --keys"
    case .malformed(let path): "\(path): not a key (one line of 40 signs of Z85); make one with microfold keys new"
    case .mismatched(let file, let secret):
      "\(file): not the public half of \(secret); remove it, or put back the file that was made with the secret"
    case .open(let path, let help): "\(path): \(help)"
    case .several(let folder, let names):
      "\(folder): holds the keys \(names.joined(separator: ", ")); say which one: --keys \(folder)/\(names[0]).secret"
    case .word(let what): what
    case .line(let error): error.description
    case .file(let error): error.description
    }
  }
}
