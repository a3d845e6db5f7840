// Why a ledger cannot be read or written: one line each, with what to do, and the exit status it means.

/// A ledger that cannot be used. `description` is one line.
public enum LedgerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is no ledger at this path.
  case missing(path: String)
  /// The file is not a ledger, or its pages are damaged.
  case damaged(path: String, what: String)
  /// A later version of this program wrote it.
  case newer(path: String, found: Int, known: Int)
  /// The file system cannot hold a ledger safely (NFS, CIFS, FUSE).
  case fileSystem(path: String, name: String)
  /// Another process holds the run directory.
  case held(path: String, process: Int?)
  /// No space is left.
  case diskFull(path: String)
  /// The disk or the file may not be written.
  case readOnly(path: String)
  /// The database stayed locked longer than the busy timeout.
  case busy(path: String)
  /// Any other failure of SQLite or of the system below it.
  case failed(path: String, what: String)

  /// 2 where the input is wrong, 75 where the same command may succeed later.
  public var exitStatus: Int32 {
    switch self {
    case .missing, .damaged, .newer, .fileSystem: 2
    case .held, .diskFull, .readOnly, .busy, .failed: 75
    }
  }

  /// One line: what, where, what to do.
  public var description: String {
    switch self {
    case .missing(let path): "\(path): there is no ledger; give the run directory of a run that was started"
    case .damaged(let path, let what):
      "\(path): not a readable ledger (\(what)); start the study in a new run directory"
    case .newer(let path, let found, let known):
      "\(path): written by a newer program (schema \(found), this one knows \(known)); use that program"
    case .fileSystem(let path, let name):
      "\(path): a ledger cannot live on \(name), which loses locks and writes; put the run directory on a local disk"
    case .held(let path, let process):
      "\(path): held by \(process.map { "process \($0)" } ?? "another process"); wait for its end or stop it"
    case .diskFull(let path): "\(path): no space left on the disk; free some and run the same command again"
    case .readOnly(let path): "\(path): read-only; make it writable and run the same command again"
    case .busy(let path): "\(path): the ledger stayed locked; run the same command again"
    case .failed(let path, let what): "\(path): \(what); run the same command again"
    }
  }
}
