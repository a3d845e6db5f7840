// A row and its own digest: a row whose bytes changed on disk is named, and counts as not written.
//
// The digest covers the table's name and every cell with its type, so a row cannot be moved, cut or edited unseen.

import Canonical

/// A value that is one row of one table.
protocol LedgerRow: Sendable {
  /// The table's name.
  static var table: String { get }
  /// The columns in order; the first is the key, by which rows are sorted.
  static var columns: [String] { get }
  /// The statement that writes a row in the place of one with the same key: `statement("INSERT OR REPLACE")`.
  static var replacing: String { get }
  /// The cells, in the order of `columns`.
  var cells: [Cell] { get }
  /// Reads the cells; nil where one has a wrong type or value.
  init?(cells: [Cell])
}

/// A row whose digest does not fit its contents. It is treated as if it were not there.
public struct DamagedRow: Equatable, Sendable, CustomStringConvertible {
  /// The table it stands in.
  public let table: String
  /// Its key, as text.
  public let key: String

  /// One line.
  public var description: String { "\(table) \(key): the row is damaged and counts as not written" }
}

extension LedgerRow {
  /// The digest of these cells in this table.
  static func digest(of cells: [Cell]) -> Digest {
    var writer = ByteWriter()
    writer.text(table)
    for cell in cells {
      switch cell {
      case .null: writer.integer(UInt8(0))
      case .integer(let value):
        writer.integer(UInt8(1))
        writer.integer(value)
      case .real(let value):
        writer.integer(UInt8(2))
        writer.integer(value.bitPattern)
      case .text(let value):
        writer.integer(UInt8(3))
        writer.text(value)
      case .blob(let value):
        writer.integer(UInt8(4))
        writer.blob(value)
      }
    }
    return Digest(of: writer.bytes)
  }

  /// The statement that writes a row. `verb` says what happens where the key is there already.
  static func statement(_ verb: String) -> String {
    let names = (columns + ["row"]).joined(separator: ",")
    let marks = Array(repeating: "?", count: columns.count + 1).joined(separator: ",")
    return "\(verb) INTO \(table)(\(names)) VALUES(\(marks))"
  }

  /// Writes the row.
  /// - Parameter statement: what `statement` gave, where it is not the one that replaces.
  func write(to database: Database, _ statement: String? = nil) throws(LedgerError) {
    let cells = cells
    try database.run(statement ?? Self.replacing, cells + [.blob(Self.digest(of: cells).bytes)])
  }

  /// All sound rows in the order of their keys; the others are named in `damaged`. A damaged page may show a row twice.
  static func read(from database: Database, damaged: inout [DamagedRow]) throws(LedgerError) -> [Self] {
    var rows: [Self] = []
    var writer = ByteWriter()
    var others: [DamagedRow] = []
    var last = Int.min
    try database.scan(reading) { (row) throws(LedgerError) in
      let key = row.integer(0)
      if isSound(row, &writer), key.map({ $0 > last }) != false, let value = Self(cells: row.cells.dropLast()) {
        rows.append(value)
        if let key { last = key }
      } else {
        others.append(DamagedRow(table: table, key: row.cell(0).text))
      }
    }
    damaged += others
    return rows
  }

  /// Writes the table anew from its sound rows. Damaged ones are not deleted by their keys: where the key is what was
  /// damaged, SQLite finds no row by it, or the sound one.
  static func keepSound(in database: Database) throws(LedgerError) {
    var damaged: [DamagedRow] = []
    let rows = try read(from: database, damaged: &damaged)
    try database.run("DELETE FROM \(table)")
    for row in rows { try row.write(to: database) }
  }

  /// The statement that reads all rows in the order of their keys.
  static var reading: String {
    "SELECT \((columns + ["row"]).joined(separator: ",")) FROM \(table) ORDER BY \(columns[0])"
  }
}

// MARK: - Reading cells

extension Cell {
  /// The cell as people read it.
  var text: String {
    switch self {
    case .null: "null"
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .text(let value): value
    case .blob(let value): value.count == 32 ? Digest(bytes: value).short : "\(value.count) bytes"
    }
  }

  var integer: Int? { if case .integer(let value) = self { Int(value) } else { nil } }
  var real: Double? { if case .real(let value) = self { value } else { nil } }
  var string: String? { if case .text(let value) = self { value } else { nil } }
  var bytes: [UInt8]? { if case .blob(let value) = self { value } else { nil } }
  var digest: Digest? { bytes.flatMap { $0.count == 32 ? Digest(bytes: $0) : nil } }

  static func optional(_ digest: Digest?) -> Cell { digest.map { .blob($0.bytes) } ?? .null }
  static func optional(_ number: Double?) -> Cell { number.map { .real($0) } ?? .null }
  static func whole(_ number: Int) -> Cell { .integer(Int64(number)) }
}
