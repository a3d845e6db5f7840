// Comma-separated values by RFC 4180: quoted fields with doubled quotes, commas and line ends inside them; lines end in
// CRLF or LF; a byte-order mark and blank lines are passed over. The first row names the columns.

/// Why a text is not a table: a row (the header is row 1) and what is wrong there.
package struct CSVError: Error, Equatable {
  package let row: Int
  /// The line of the file on which the row begins: more than `row` where fields before it hold line ends.
  package let line: Int
  package let what: String

  /// An error in a row.
  package init(row: Int, line: Int? = nil, what: String) {
    self.row = row
    self.line = line ?? row
    self.what = what
  }
}

/// A table of text fields; every row has as many as there are columns.
package struct CSVTable: Equatable, Sendable {
  /// A row of the file.
  package struct Row: Equatable, Sendable {
    /// Its number, counting records and blank lines; the header is row 1.
    package let number: Int
    /// The line of the file on which it begins.
    package let line: Int
    package let fields: [String]
  }

  static let fieldLimit_bytes = 4_096
  /// The most rows of a file, unless its reader says otherwise.
  package static let rowLimit = 200_000

  package let columns: [String]
  package let rows: [Row]

  /// Reads a table.
  /// - Throws: `CSVError` at the first row that is not as the header says, or that breaks the grammar or a limit.
  package init(parsing bytes: [UInt8], rowLimit: Int = Self.rowLimit) throws(CSVError) {
    var reader = CSVReader(bytes: bytes)
    var rows: [Row] = []
    while let row = try reader.row() {
      if row.fields == [""] { continue }
      guard rows.count <= rowLimit else { throw reader.error("more than \(rowLimit) rows") }
      if let header = rows.first, header.fields.count != row.fields.count {
        throw reader.error(
          "\(row.fields.count) fields where the header names \(header.fields.count) columns")
      }
      rows.append(row)
    }
    guard let header = rows.first else { throw CSVError(row: 1, what: "there is no header") }
    columns = header.fields
    for (place, name) in columns.enumerated() where columns[..<place].contains(name) {
      throw CSVError(row: header.number, line: header.line, what: "the column \"\(name)\" is there twice")
    }
    self.rows = Array(rows.dropFirst())
  }
}

/// Reads one record after another.
private struct CSVReader {
  let bytes: [UInt8]
  var place: Int
  var number = 0
  /// The line on which the record begins, and the line ends that were read.
  var line = 1
  var feeds = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
    place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  static let comma = UInt8(ascii: ",")
  static let quote = UInt8(ascii: "\"")
  static let feed = UInt8(ascii: "\n")
  static let carriage = UInt8(ascii: "\r")

  func error(_ what: String) -> CSVError { CSVError(row: number, line: line, what: what) }

  mutating func row() throws(CSVError) -> CSVTable.Row? {
    guard place < bytes.count else { return nil }
    number += 1
    line = feeds + 1
    var fields = [try field()]
    while place < bytes.count, bytes[place] == Self.comma {
      place += 1
      fields.append(try field())
    }
    if place < bytes.count, bytes[place] == Self.carriage { place += 1 }
    if place < bytes.count {
      guard bytes[place] == Self.feed else { throw error("text after the end of a field, or half of a line end") }
      place += 1
      feeds += 1
    }
    return CSVTable.Row(number: number, line: line, fields: fields)
  }

  private mutating func field() throws(CSVError) -> String {
    let isQuoted = place < bytes.count && bytes[place] == Self.quote
    let content = isQuoted ? try quoted() : try plain()
    guard content.count <= CSVTable.fieldLimit_bytes else {
      throw error("a field of more than \(CSVTable.fieldLimit_bytes) bytes")
    }
    guard let text = String(validating: content, as: UTF8.self) else { throw error("a field that is not UTF-8") }
    return text
  }

  private mutating func plain() throws(CSVError) -> [UInt8] {
    let start = place
    while place < bytes.count, ![Self.comma, Self.feed, Self.carriage].contains(bytes[place]) {
      guard bytes[place] != Self.quote else { throw error("a quote inside a field that does not start with one") }
      guard bytes[place] != 0 else { throw error("a zero byte") }
      place += 1
    }
    return Array(bytes[start..<place])
  }

  private mutating func quoted() throws(CSVError) -> [UInt8] {
    var content: [UInt8] = []
    place += 1
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      guard byte != 0 else { throw error("a zero byte") }
      if byte == Self.quote {
        guard place < bytes.count, bytes[place] == Self.quote else { return content }
        place += 1
      }
      if byte == Self.feed { feeds += 1 }
      content.append(byte)
    }
    throw error("a quote that is not closed")
  }
}

extension CSVTable {
  /// The field of a row in a column that was checked to be there.
  package func field(_ column: String, of row: Row) -> String {
    guard let place = columns.firstIndex(of: column) else { preconditionFailure("a column that was not checked") }
    return row.fields[place]
  }
}
