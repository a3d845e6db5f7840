// Tables of an import: read from a file, with the columns that the layout asks for.

import Canonical

extension CSVTable {
  private static let fileLimit_bytes = 16 << 20

  /// Reads a file and checks that it has these columns.
  init(path: String, columns wanted: [String]) throws(ImportError) {
    let bytes: [UInt8]
    do {
      bytes = try InputFile.contents(of: path, limit_bytes: Self.fileLimit_bytes)
    } catch {
      throw .input(path: path, row: nil, what: "it cannot be read: \(error.why)", remedy: "it must name every clip")
    }
    do {
      self = try CSVTable(parsing: bytes)
    } catch {
      throw .input(path: path, row: error.row, what: error.what, remedy: "write it as comma-separated values")
    }
    for column in wanted where !columns.contains(column) {
      throw .input(
        path: path, row: 1, what: "the column \"\(column)\" is missing",
        remedy: "the header must name \(wanted.joined(separator: ","))")
    }
  }
}
