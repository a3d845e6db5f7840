// One ridge: one-hot labels, an intercept that is not penalised, the dual form.
//
// With weights w of n training rows (1, or n / (C n_c) where classes are balanced; C classes occur), rows and targets
// are centred by their weighted means, and each block of columns is divided by the root mean square of its centred
// rows' norms, and by √B for B blocks. Then K = Σ_b X_b X_bᵀ / (B s_b²) and, minimising Σ w |y − W x|² + λ |W|²,
// β = √w (√w K √w + λ)⁻¹ √w Y: a row's score is the mean target plus Σ β_i K(row, i).

import Kernels

/// Rows of which ridges are made and to which they answer: blocks of columns that lie side by side.
package struct RidgeTable {
  /// Inner products of one block of columns.
  package struct Block {
    package let gram: Gram
    /// The entry of each row of the table.
    package let entries: [Int]

    /// A block.
    package init(gram: Gram, entries: [Int]) {
      self.gram = gram
      self.entries = entries
    }
  }

  package let blocks: [Block]
  /// The clip of each row; ascending.
  package let clipOfRow: [Int]
  /// How many labels there are.
  package let labels: Int

  /// A table of blocks whose entries stand for equally many rows.
  package init(blocks: [Block], clipOfRow: [Int], labels: Int) {
    precondition(!blocks.isEmpty && blocks.allSatisfy { $0.gram.copies == blocks[0].gram.copies }, "unlike blocks")
    precondition(blocks.allSatisfy { $0.entries.count == clipOfRow.count }, "every row has an entry in every block")
    self.blocks = blocks
    self.clipOfRow = clipOfRow
    self.labels = labels
  }

  /// How many rows a row stands for: every squared error and every norm counts this often.
  var copies: Int { blocks[0].gram.copies }
}

/// A fitted ridge by its dual weights.
package struct RidgeSolution: Equatable {
  /// [rows, labels]
  package let weights: [Double]
}

/// The system of some training rows, for any λ.
package struct RidgeProblem {
  /// Means of one block over the training rows.
  private struct Centre {
    /// 1 / (B s²)
    let factor: Double
    /// The product of each training row with the mean row.
    let products: [Double]
    /// The mean row's squared norm.
    let square: Double
  }

  package let table: RidgeTable
  /// The training rows, as numbers of the table.
  package let rows: [Int]
  /// The share of each row in the weighted means; they sum to 1.
  package let parts: [Double]
  /// The weighted mean target: the score of a row that is like the mean row.
  package let shares: [Double]
  private let roots: [Double]
  private let targets: [Double]
  private let centres: [Centre]
  private let kernel: [Double]

  /// The system of these rows.
  /// - Parameters:
  ///   - classes: the class of each of `rows`.
  ///   - balanced: whether all classes that occur weigh the same.
  package init(_ table: RidgeTable, rows: [Int], classes: [Int], balanced: Bool) {
    precondition(rows.count == classes.count && !rows.isEmpty, "every training row has a class")
    self.table = table
    self.rows = rows
    let weights = Self.weights(classes, labels: table.labels, balanced: balanced)
    let total = weights.reduce(0, +)
    let parts = weights.map { $0 / total }
    var shares = [Double](repeating: 0, count: table.labels)
    for (part, label) in zip(parts, classes) { shares[label] += part }
    let roots = weights.map { $0.squareRoot() }
    var targets = [Double](repeating: 0, count: rows.count * table.labels)
    for row in rows.indices {
      for label in shares.indices {
        targets[row * table.labels + label] = roots[row] * ((classes[row] == label ? 1 : 0) - shares[label])
      }
    }
    let centres = table.blocks.map { Self.centre($0, rows, parts, blocks: table.blocks.count) }
    self.parts = parts
    self.shares = shares
    self.roots = roots
    self.targets = targets
    self.centres = centres
    kernel = Self.kernel(table, rows, centres, roots)
  }

  /// The weight of each row, by its class.
  package static func weights(_ classes: [Int], labels: Int, balanced: Bool) -> [Double] {
    guard balanced else { return [Double](repeating: 1, count: classes.count) }
    var counts = [Int](repeating: 0, count: labels)
    for label in classes { counts[label] += 1 }
    let occurring = counts.count { $0 > 0 }
    return classes.map { Double(classes.count) / Double(occurring * counts[$0]) }
  }

  private static func centre(
    _ block: RidgeTable.Block, _ rows: [Int], _ parts: [Double], blocks: Int
  ) -> Centre {
    let entries = rows.map { block.entries[$0] }
    let products = entries.map { meanProduct(block.gram, $0, entries, parts) }
    var (square, mean) = (0.0, 0.0)
    for place in rows.indices {
      square += parts[place] * products[place]
      mean += parts[place] * block.gram.squares[entries[place]]
    }
    // Rows that are all alike have no scale; any does, since their centred products are zero.
    let variance = mean - square
    return Centre(
      factor: 1 / (Double(blocks) * (variance > 1e-12 * mean ? variance : 1)), products: products, square: square)
  }

  private static func meanProduct(_ gram: Gram, _ entry: Int, _ entries: [Int], _ parts: [Double]) -> Double {
    var sum = 0.0
    for place in entries.indices { sum += parts[place] * gram[entry, entries[place]] }
    return sum
  }

  /// √w K √w, the upper triangle.
  private static func kernel(
    _ table: RidgeTable, _ rows: [Int], _ centres: [Centre], _ roots: [Double]
  ) -> [Double] {
    let count = rows.count
    var kernel = [Double](repeating: 0, count: count * count)
    for (block, centre) in zip(table.blocks, centres) {
      let entries = rows.map { block.entries[$0] }
      for row in 0..<count {
        for column in row..<count {
          let product =
            block.gram[entries[row], entries[column]] - centre.products[row] - centre.products[column] + centre.square
          kernel[row * count + column] += centre.factor * product
        }
      }
    }
    for row in 0..<count {
      for column in row..<count { kernel[row * count + column] *= roots[row] * roots[column] }
    }
    return kernel
  }

  /// The ridge with this penalty.
  /// - Throws: `StageError.numeric` where the rows are not finite.
  package func solve(lambda: Double) throws(StageError) -> RidgeSolution {
    var (matrix, weights) = (kernel, targets)
    for row in rows.indices { matrix[row * rows.count + row] += lambda / Double(table.copies) }
    do { try choleskySolve(&matrix, order: rows.count, &weights, columns: table.labels) } catch {
      throw .numeric("the equations of a ridge have no solution (\(error))")
    }
    for row in rows.indices {
      for label in 0..<table.labels { weights[row * table.labels + label] *= roots[row] }
    }
    return RidgeSolution(weights: weights)
  }

  /// The kernel of each of some rows with every training row: [others, rows].
  package func products(with others: [Int]) -> [Double] {
    var products = [Double](repeating: 0, count: others.count * rows.count)
    for (block, centre) in zip(table.blocks, centres) {
      let entries = rows.map { block.entries[$0] }
      for (place, other) in others.enumerated() {
        let entry = block.entries[other]
        let mean = Self.meanProduct(block.gram, entry, entries, parts)
        for row in rows.indices {
          let product = block.gram[entry, entries[row]] - mean - centre.products[row] + centre.square
          products[place * rows.count + row] += centre.factor * product
        }
      }
    }
    return products
  }

  /// The scores of rows whose `products` are given: [others, labels].
  package func scores(_ solution: RidgeSolution, products: [Double]) -> [Double] {
    let labels = table.labels
    let others = products.count / rows.count
    var scores = [Double](repeating: 0, count: others * labels)
    for other in 0..<others {
      for label in 0..<labels { scores[other * labels + label] = shares[label] }
      for row in rows.indices {
        let product = products[other * rows.count + row]
        for label in 0..<labels {
          scores[other * labels + label] += product * solution.weights[row * labels + label]
        }
      }
    }
    return scores
  }

  /// What each training row adds to the primal weights of a block, as it is and not centred: [rows, labels].
  package func primal(_ solution: RidgeSolution, block: Int) -> [Double] {
    let labels = table.labels
    var sums = [Double](repeating: 0, count: labels)
    for row in rows.indices { for label in 0..<labels { sums[label] += solution.weights[row * labels + label] } }
    return solution.weights.enumerated().map { place, weight in
      centres[block].factor * (weight - parts[place / labels] * sums[place % labels])
    }
  }
}
