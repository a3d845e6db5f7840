// A sparse matrix by rows (CSR): what a Laplacian is while a network runs.

/// A sparse matrix; the columns of each row ascend, which fixes the order of every sum.
public struct SparseMatrix: Sendable, Equatable {
  /// Number of rows.
  public let rows: Int
  /// Number of columns.
  public let columns: Int
  /// Where each row's entries start; one more entry than rows, the last is the number of values.
  public let rowStart: [Int32]
  /// The column of each value.
  public let column: [Int32]
  /// The values.
  public let value: [Float]

  /// A matrix of these entries.
  /// - Precondition: counts agree, columns ascend within each row and lie in 0 ..< `columns`.
  public init(rows: Int, columns: Int, rowStart: [Int32], column: [Int32], value: [Float]) {
    precondition(rowStart.count == rows + 1 && rowStart[0] == 0, "a sparse matrix needs one start per row and the end")
    precondition(column.count == value.count && Int(rowStart[rows]) == value.count, "columns and values must agree")
    for row in 0..<rows {
      precondition(rowStart[row] <= rowStart[row + 1], "row starts must not fall")
      var last: Int32 = -1
      for entry in Int(rowStart[row])..<Int(rowStart[row + 1]) {
        precondition(column[entry] > last && column[entry] < columns, "columns of a row must ascend within the matrix")
        last = column[entry]
      }
    }
    self.rows = rows
    self.columns = columns
    self.rowStart = rowStart
    self.column = column
    self.value = value
  }

  /// All entries as rows × columns, row-major, for tests and small cases.
  public var dense: [Float] {
    var all = [Float](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      let entries = Int(rowStart[row])..<Int(rowStart[row + 1])
      for entry in entries { all[row * columns + Int(column[entry])] = value[entry] }
    }
    return all
  }
}
