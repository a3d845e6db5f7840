// A row as SQLite lends it: its digest is checked and its columns are read without a box for each.

import CSQLite
import Canonical

/// The row on which a statement stands; not to be kept.
struct RowView {
  let statement: OpaquePointer

  /// How many columns.
  var count: Int32 { sqlite3_column_count(statement) }

  /// A whole number; nil where the column holds something else.
  func integer(_ column: Int32) -> Int? {
    guard sqlite3_column_type(statement, column) == SQLITE_INTEGER else { return nil }
    return Int(sqlite3_column_int64(statement, column))
  }

  /// Lends the bytes of a text or a blob.
  private func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    let isText = sqlite3_column_type(statement, column) == SQLITE_TEXT
    let text = isText ? sqlite3_column_text(statement, column) : nil
    let start = text.map { UnsafeRawPointer($0) } ?? sqlite3_column_blob(statement, column)
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
  }

  /// A digest; nil where the column holds something else.
  func digest(_ column: Int32) -> Digest? {
    guard sqlite3_column_type(statement, column) == SQLITE_BLOB else { return nil }
    let bytes = bytes(column)
    return bytes.count == 32 ? Digest(memory: bytes) : nil
  }

  /// A text; nil where the column holds something else. Not made anew where it is the one that is given.
  func text(_ column: Int32, known: String = "") -> String? {
    guard sqlite3_column_type(statement, column) == SQLITE_TEXT else { return nil }
    let bytes = bytes(column)
    if bytes.count == known.utf8.count, known.utf8.elementsEqual(bytes) { return known }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends a column as the digest of a row covers it.
  func write(_ column: Int32, to writer: inout ByteWriter) {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER:
      writer.integer(UInt8(1))
      writer.integer(sqlite3_column_int64(statement, column))
    case SQLITE_FLOAT:
      writer.integer(UInt8(2))
      writer.integer(sqlite3_column_double(statement, column).bitPattern)
    case let type where type == SQLITE_TEXT || type == SQLITE_BLOB:
      let bytes = bytes(column)
      writer.integer(UInt8(type == SQLITE_TEXT ? 3 : 4))
      writer.integer(UInt32(bytes.count))
      writer.raw(bytes)
    default: writer.integer(UInt8(0))
    }
  }

  /// All columns.
  var cells: [Cell] { (0..<count).map { cell($0) } }

  func cell(_ column: Int32) -> Cell {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, column))
    case SQLITE_FLOAT: .real(sqlite3_column_double(statement, column))
    case SQLITE_TEXT: .text(String(decoding: bytes(column), as: UTF8.self))
    case SQLITE_BLOB: .blob(Array(bytes(column)))
    default: .null
    }
  }
}

extension LedgerRow {
  /// Whether the last column is the digest of those before it.
  static func isSound(_ row: RowView, _ writer: inout ByteWriter) -> Bool {
    writer.clear()
    writer.text(table)
    let last = row.count - 1
    for column in 0..<last { row.write(column, to: &writer) }
    var builder = DigestBuilder()
    writer.withBytes { builder.add($0) }
    return row.digest(last) == builder.finish()
  }
}
