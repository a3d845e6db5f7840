// The tables, their version, and where a ledger may not live.

import CSQLite

/// What a ledger file is made of.
enum Schema {
  /// Raised when the tables change; a newer file is refused, never guessed at.
  static let version = 1
  /// Written into the file's header, so that another SQLite file is not mistaken for a ledger.
  static let application = 0x4D46_4C44

  static let tables = """
    CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL, row BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE stage(idx INTEGER PRIMARY KEY, digest BLOB NOT NULL, kind TEXT NOT NULL, description TEXT NOT NULL,
      held_out TEXT NOT NULL, row BLOB NOT NULL);
    CREATE TABLE result(stage INTEGER PRIMARY KEY, bytes BLOB NOT NULL, digest BLOB NOT NULL, artifact BLOB,
      artifact_bytes INTEGER NOT NULL, host TEXT NOT NULL, process INTEGER NOT NULL, token INTEGER NOT NULL,
      attempt INTEGER NOT NULL, seconds REAL NOT NULL, time REAL NOT NULL, row BLOB NOT NULL);
    CREATE TABLE attempt(token INTEGER PRIMARY KEY, stage INTEGER NOT NULL, number INTEGER NOT NULL,
      host TEXT NOT NULL, process INTEGER NOT NULL, state TEXT NOT NULL, class TEXT NOT NULL, text TEXT NOT NULL,
      granted_at REAL NOT NULL, ended_at REAL, row BLOB NOT NULL);
    CREATE TABLE failure(stage INTEGER PRIMARY KEY, class TEXT NOT NULL, text TEXT NOT NULL,
      attempts INTEGER NOT NULL, time REAL NOT NULL, row BLOB NOT NULL);
    CREATE TABLE twin(token INTEGER PRIMARY KEY, stage INTEGER NOT NULL, bytes BLOB NOT NULL, artifact BLOB,
      host TEXT NOT NULL, process INTEGER NOT NULL, time REAL NOT NULL, row BLOB NOT NULL);
    CREATE TABLE event(seq INTEGER PRIMARY KEY, time REAL NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
      row BLOB NOT NULL);
    PRAGMA application_id=\(application);
    PRAGMA user_version=\(version);
    """

  /// The name of a file system that loses locks or writes, by the `f_type` of `statfs`; nil where a ledger may live.
  static func refusedFileSystem(type: Int) -> String? {
    switch UInt32(truncatingIfNeeded: type) {
    case 0x6969: "NFS"
    case 0x517B, 0xFF53_4D42, 0xFE53_4D42: "CIFS"
    case 0x6573_5546: "FUSE"
    default: nil
    }
  }

  /// Refuses a folder on a file system that cannot hold a ledger.
  static func checkFileSystem(of folder: String) throws(LedgerError) {
    if let name = refusedFileSystem(type: microfold_file_system_type(folder)) {
      throw .fileSystem(path: folder, name: name)
    }
  }
}
