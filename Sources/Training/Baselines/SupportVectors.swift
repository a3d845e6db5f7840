// Support vector machines of many classes: one against the rest, by OpenCV behind its C door.
//
// OpenCV is held to one thread and to its baseline code, so bits depend on its version alone; a stage names that.

import COpenCV

/// The OpenCV that this process is linked with.
public enum OpenCV {
  /// Its version and the instruction sets that its build takes for granted: `4.6.0 SSE SSE2 SSE3`.
  public static var version: String { String(cString: vision_version()) }
}

/// A C-SVC for each class against all others (Cortes and Vapnik 1995), each kind of row weighted by n / (2 n_kind).
package struct SupportVectors {
  /// How two rows a and b are compared.
  package enum Kernel {
    /// a · b
    case linear
    /// (a · b + 1) ^ degree
    case polynomial(degree: Int)
    /// exp(-|a - b|²)
    case radial
  }

  let kernel: Kernel
  let penalty: Double

  /// - Parameter penalty: C, positive.
  package init(_ kernel: Kernel, penalty: Double) {
    self.kernel = kernel
    self.penalty = penalty
  }

  /// The decision value of each class for each row of `test`; positive means inside.
  ///
  /// A class without training rows has the lowest float; the only class of all training rows has 0.
  /// - Parameters:
  ///   - train: rows of one length, with their `classes`, each below `labels`.
  ///   - labels: how many classes there are.
  /// - Throws: `StageError.numeric` where OpenCV refuses the rows, in its words.
  package func scores(
    train: [[Float]], classes: [Int32], labels: Int, test: [[Float]]
  ) throws(StageError) -> [[Float]] {
    precondition(train.count == classes.count && !train.isEmpty && !test.isEmpty, "rows to learn from and to answer")
    var scores = test.map { _ in [Float](repeating: -Float.greatestFiniteMagnitude, count: labels) }
    let (rows, others) = (train.flatMap(\.self), test.flatMap(\.self))
    for label in 0..<labels {
      let inside = classes.map { Int($0) == label }
      guard inside.contains(true) else { continue }
      let decisions =
        inside.contains(false)
        ? try decide(rows, inside: inside, others, count: test.count) : [Float](repeating: 0, count: test.count)
      for place in decisions.indices { scores[place][label] = decisions[place] }
    }
    return scores
  }

  private func decide(
    _ rows: [Float], inside: [Bool], _ others: [Float], count: Int
  ) throws(StageError) -> [Float] {
    var machine = machine
    let within = inside.count(where: \.self)
    machine.weight_in = Double(inside.count) / Double(2 * within)
    machine.weight_out = Double(inside.count) / Double(2 * (inside.count - within))
    var decisions = [Float](repeating: 0, count: count)
    let status = vision_machine_decide(
      &machine, rows, inside.map { $0 ? 1 : 0 }, Int32(inside.count), Int32(rows.count / inside.count), others,
      Int32(count), &decisions)
    guard status == VISION_DONE else {
      throw .numeric("a support vector machine cannot be trained: \(String(cString: vision_message()))")
    }
    return decisions
  }

  private var machine: VisionMachine {
    var machine = VisionMachine()
    machine.penalty = penalty
    machine.gamma = 1
    machine.offset = 1
    switch kernel {
    case .linear: machine.kernel = VISION_LINEAR
    case .polynomial(let degree):
      machine.kernel = VISION_POLYNOMIAL
      machine.degree = Double(degree)
    case .radial: machine.kernel = VISION_RADIAL
    }
    return machine
  }
}

/// Centre and scale of training rows: minus their mean, times one factor that makes the mean square of their length 1.
///
/// One factor, not one a column: columns that hardly vary (rare patterns, regions without motion) would be all noise.
package struct RowScale {
  private let mean: [Double]
  private let factor: Double

  /// The scale of training rows, at least one; sums in the order of the rows.
  package init(_ rows: [[Float]]) {
    var mean = [Double](repeating: 0, count: rows[0].count)
    for row in rows { for column in row.indices { mean[column] += Double(row[column]) } }
    for column in mean.indices { mean[column] /= Double(rows.count) }
    var squares = 0.0
    for row in rows {
      for column in row.indices {
        let difference = Double(row[column]) - mean[column]
        squares += difference * difference
      }
    }
    self.mean = mean
    factor = squares > 0 ? (Double(rows.count) / squares).squareRoot() : 1
  }

  /// A row on that scale.
  package func apply(_ row: [Float]) -> [Float] {
    row.indices.map { Float((Double(row[$0]) - mean[$0]) * factor) }
  }
}
