// The thinnest wrapper of SQLite that the ledger needs: open, run, read rows, and errors as values.
//
// A connection belongs to one thread. Statements are prepared once and kept by their text.

import CSQLite
import Glibc

/// One cell of a row.
enum Cell: Equatable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])
}

/// One connection to one file.
package final class Database {
  let path: String
  private let handle: OpaquePointer
  private var prepared: [String: OpaquePointer] = [:]

  /// How a file is opened.
  package enum Mode {
    /// For the one writer; made where it is missing.
    case write
    /// Never creates and never changes the file; may make the files of the shared memory beside it.
    case read
    /// Reads the file as it lies and nothing beside it: for a disk that is read-only.
    case immutable
  }

  /// Opens a file.
  package init(path: String, _ mode: Mode) throws(LedgerError) {
    self.path = path
    let flags = mode == .write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
    let place = mode == .immutable ? Self.uri(path) + "?immutable=1" : path
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(place, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard code == SQLITE_OK, let opened else {
      let error = Self.failure(code, handle: opened, path: path)
      sqlite3_close_v2(opened)
      throw error
    }
    handle = opened
    sqlite3_busy_timeout(handle, 5000)
  }

  deinit {
    for statement in prepared.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Runs statements that return no rows.
  package func execute(_ sql: String) throws(LedgerError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// Runs one statement with values for its `?` and returns its rows.
  @discardableResult
  func run(_ sql: String, _ values: [Cell] = []) throws(LedgerError) -> [[Cell]] {
    let statement = try prepare(sql)
    defer { sqlite3_reset(statement) }
    for (place, value) in values.enumerated() { try bind(value, at: Int32(place + 1), of: statement) }
    var rows: [[Cell]] = []
    while true {
      let code = sqlite3_step(statement)
      guard code == SQLITE_ROW else {
        guard code == SQLITE_DONE else { throw failure(code) }
        return rows
      }
      rows.append(RowView(statement: statement).cells)
    }
  }

  /// Runs one statement and lends each of its rows.
  func scan(
    _ sql: String, _ values: [Cell] = [], _ body: (RowView) throws(LedgerError) -> Void
  ) throws(LedgerError) {
    let statement = try prepare(sql)
    defer { sqlite3_reset(statement) }
    for (place, value) in values.enumerated() { try bind(value, at: Int32(place + 1), of: statement) }
    while true {
      let code = sqlite3_step(statement)
      guard code == SQLITE_ROW else {
        guard code == SQLITE_DONE else { throw failure(code) }
        return
      }
      try body(RowView(statement: statement))
    }
  }

  /// How many rows the last statement changed.
  var changes: Int { Int(sqlite3_changes(handle)) }

  /// Does all of `body` or nothing.
  func transaction(_ begin: String, _ body: () throws(LedgerError) -> Void) throws(LedgerError) {
    try run(begin)
    do throws(LedgerError) {
      try body()
      try run("COMMIT")
    } catch {
      // A full disk may have rolled back already, then this fails and nothing is lost by it.
      sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
      throw error
    }
  }

  private static func uri(_ path: String) -> String {
    var text = "file:"
    for byte in path.utf8 {
      let plain = byte > 0x2f && byte < 0x3a || byte > 0x40 && byte < 0x5b || byte > 0x60 && byte < 0x7b
      if plain || "/-_.".utf8.contains(byte) {
        text.unicodeScalars.append(UnicodeScalar(byte))
      } else {
        text += byte < 16 ? "%0" : "%"
        text += String(byte, radix: 16)
      }
    }
    return text
  }

  private func prepare(_ sql: String) throws(LedgerError) -> OpaquePointer {
    if let known = prepared[sql] { return known }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw failure(code) }
    prepared[sql] = statement
    return statement
  }

  private func bind(_ value: Cell, at place: Int32, of statement: OpaquePointer) throws(LedgerError) {
    let code: Int32
    switch value {
    case .null: code = sqlite3_bind_null(statement, place)
    case .integer(let number): code = sqlite3_bind_int64(statement, place, number)
    case .real(let number): code = sqlite3_bind_double(statement, place, number)
    case .text(let text): code = microfold_sqlite_bind_text(statement, place, text, Int32(text.utf8.count))
    case .blob(let bytes): code = microfold_sqlite_bind_blob(statement, place, bytes, Int32(bytes.count))
    }
    guard code == SQLITE_OK else { throw failure(code) }
  }
}

// MARK: - Errors

extension Database {
  func failure(_ code: Int32) -> LedgerError { Self.failure(code, handle: handle, path: path) }

  private static func failure(_ code: Int32, handle: OpaquePointer?, path: String) -> LedgerError {
    let cause = handle.map { sqlite3_system_errno($0) } ?? 0
    if cause == ENOSPC || cause == EDQUOT { return .diskFull(path: path) }
    if cause == EROFS { return .readOnly(path: path) }
    switch code & 0xff {
    case SQLITE_FULL: return .diskFull(path: path)
    case SQLITE_READONLY, SQLITE_PERM: return .readOnly(path: path)
    case SQLITE_CANTOPEN:
      return access(path, F_OK) == 0 || cause != ENOENT ? .readOnly(path: path) : .missing(path: path)
    case SQLITE_BUSY, SQLITE_LOCKED: return .busy(path: path)
    case SQLITE_NOTADB, SQLITE_CORRUPT:
      return .damaged(path: path, what: String(cString: sqlite3_errstr(code)))
    default:
      let text = handle.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
      return .failed(path: path, what: text ?? String(cString: sqlite3_errstr(code)))
    }
  }
}
