// Inner products of all rows of one kind, once: every fold, inner fold and λ of a ridge works on blocks of them.
//
// Centring and scaling by any choice of training rows are algebra on these numbers (`RidgeProblem`), so images are read
// once. An entry is one chain of sums over the columns, whatever rows stand beside it.

/// Inner products of rows.
package struct Gram: Equatable, Sendable {
  /// How many entries.
  package let count: Int
  /// How many rows an entry stands for: 2 where it is the mean of a row and its mirror.
  package let copies: Int
  /// [count, count], symmetric.
  package let products: [Double]
  /// The squared norm of each entry; its mean over the rows that the entry stands for.
  package let squares: [Double]

  /// One product.
  subscript(row: Int, column: Int) -> Double { products[row * count + column] }
}

/// A Gram matrix on its way: rows come in pieces of columns, in one order.
package struct GramBuilder {
  private static let columnsAtOnce = 256
  private static let tile = 4
  private let count: Int
  private var products: [Double]
  private var squares: [Double]

  /// A matrix of zeros.
  package init(count: Int) {
    self.count = count
    products = [Double](repeating: 0, count: count * count)
    squares = [Double](repeating: 0, count: count)
  }

  /// Adds the products of more columns of all rows: [count, width].
  package mutating func add(_ rows: [Float], width: Int) {
    precondition(rows.count == count * width, "a piece holds all rows")
    let padded = (count + Self.tile - 1) / Self.tile * Self.tile
    var piece = [Double](repeating: 0, count: padded * Self.columnsAtOnce)
    for start in stride(from: 0, to: width, by: Self.columnsAtOnce) {
      let columns = min(Self.columnsAtOnce, width - start)
      for row in 0..<count {
        let target = row * Self.columnsAtOnce
        for column in 0..<columns { piece[target + column] = Double(rows[row * width + start + column]) }
        for column in columns..<Self.columnsAtOnce { piece[target + column] = 0 }
      }
      addPiece(piece)
    }
  }

  /// Sets the squared norms, where they are not the diagonal.
  package mutating func set(squares: [Double]) { self.squares = squares }

  /// The matrix.
  package func finish(copies: Int = 1) -> Gram {
    var squares = self.squares
    if copies == 1 { for row in 0..<count { squares[row] = products[row * count + row] } }
    return Gram(count: count, copies: copies, products: products, squares: squares)
  }

  /// The products of one piece; those below the diagonal are copies.
  private mutating func addPiece(_ piece: [Double]) {
    let count = self.count
    piece.withUnsafeBufferPointer { piece in
      products.withUnsafeMutableBufferPointer { products in
        guard let base = piece.baseAddress else { return }
        for row in stride(from: 0, to: count, by: Self.tile) {
          for column in stride(from: row, to: count, by: Self.tile) {
            Self.tile(base + row * Self.columnsAtOnce, base + column * Self.columnsAtOnce) { i, j, sum in
              let (i, j) = (row + i, column + j)
              guard j < count, i <= j else { return }
              products[i * count + j] += sum
              if i < j { products[j * count + i] = products[i * count + j] }
            }
          }
        }
      }
    }
  }

  /// The 4 × 4 products of eight rows: even and odd columns apart, then added.
  private static func tile(
    _ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>, _ use: (Int, Int, Double) -> Void
  ) {
    for pair in stride(from: 0, to: tile, by: 2) {
      let (first, second) = (left + pair * columnsAtOnce, left + (pair + 1) * columnsAtOnce)
      var sums = (zero, zero, zero, zero, zero, zero, zero, zero)
      for column in stride(from: 0, to: columnsAtOnce, by: 2) {
        let (a, b) = (pairOf(first + column), pairOf(second + column))
        let (p, q) = (pairOf(right + column), pairOf(right + columnsAtOnce + column))
        let (r, s) = (pairOf(right + 2 * columnsAtOnce + column), pairOf(right + 3 * columnsAtOnce + column))
        sums.0 += a * p
        sums.1 += a * q
        sums.2 += a * r
        sums.3 += a * s
        sums.4 += b * p
        sums.5 += b * q
        sums.6 += b * r
        sums.7 += b * s
      }
      let all = [sums.0, sums.1, sums.2, sums.3, sums.4, sums.5, sums.6, sums.7]
      for (place, sum) in all.enumerated() { use(pair + place / tile, place % tile, sum[0] + sum[1]) }
    }
  }

  private static let zero = SIMD2<Double>.zero

  private static func pairOf(_ place: UnsafePointer<Double>) -> SIMD2<Double> {
    UnsafeRawPointer(place).loadUnaligned(as: SIMD2<Double>.self)
  }
}
