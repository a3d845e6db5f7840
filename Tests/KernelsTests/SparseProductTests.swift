// The sparse product: vector kernels against plain loops on prime sizes, odd tails and gaps between rows.

import CKernels
import Kernels
import Testing

@Suite("sparse product")
struct SparseProductTests {
  static let widths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 37, 64, 67, 96, 128, 131, 257]

  /// Method: one chain of fused steps per element, written here; a different order or a lost tail changes bits.
  @Test("vector kernels give the bits of a fused chain in column order", arguments: widths)
  func bitsOfTheChain(width: Int) {
    let matrix = randomMatrix(53, seed: UInt64(width))
    let case_ = HopCase(matrix: matrix, width: width)
    for twice in [false, true] {
      let expected = case_.chain(twice: twice)
      if NumericClass.avx2.isSupported { #expect(bits(case_.avx2(twice: twice)) == bits(expected)) }
      if NumericClass.avx512.isSupported { #expect(bits(case_.avx512(twice: twice)) == bits(expected)) }
    }
  }

  @Test("the selected kernels and the plain ones agree with sums in Double", arguments: widths)
  func doubleOracle(width: Int) {
    let case_ = HopCase(matrix: randomMatrix(47, seed: 1_000 + UInt64(width)), width: width)
    for twice in [false, true] {
      let oracle = case_.oracle(twice: twice)
      #expect(relativeError(case_.selected(twice: twice), oracle) < 1e-6)
      #expect(relativeError(case_.plain(twice: twice), oracle) < 1e-6)
    }
  }

  @Test("the step may write over the term before the last", arguments: [1, 3, 16, 37])
  func inPlace(width: Int) {
    let case_ = HopCase(matrix: randomMatrix(29, seed: 5), width: width)
    let apart = case_.selected(twice: true)
    var memory = case_.earlier
    memory.withUnsafeMutableBufferPointer { memory in
      guard let y = memory.baseAddress else { return }
      chebyshevStep(
        case_.matrix, case_.x, stride: case_.stride, y, stride: case_.stride, width: width, into: y,
        stride: case_.stride)
    }
    #expect(bits(case_.columns(of: memory)) == bits(apart))
  }

  /// Goal: gaps between rows belong to someone else. Method: the gaps hold 77 before and after.
  @Test("the gaps between rows are left alone", arguments: [1, 3, 8, 13, 37])
  func gaps(width: Int) {
    let case_ = HopCase(matrix: randomMatrix(11, seed: 6), width: width)
    var y = [Float](repeating: 77, count: 11 * case_.stride)
    sparseProduct(case_.matrix, case_.x, stride: case_.stride, width: width, into: &y, stride: case_.stride)
    let between = y.indices.filter { $0 % case_.stride >= width }.map { y[$0] }
    #expect(between.allSatisfy { $0 == 77 })
    #expect(case_.columns(of: y) == case_.selected(twice: false))
  }

  @Test("rows in blocks give the bits of all rows, and leave the others alone", arguments: [1, 3, 16, 37])
  func blocks(width: Int) {
    let matrix = randomMatrix(29, seed: 7)
    let x = numbers(29 * width, stream: 21)
    let earlier = numbers(29 * width, stream: 22)
    var (whole, parts) = ([Float](repeating: 77, count: 29 * width), [Float](repeating: 77, count: 29 * width))
    chebyshevStep(matrix, x, earlier, width: width, into: &whole)
    for rows in [0..<11, 13..<29] { chebyshevStep(matrix, rows: rows, x, earlier, width: width, into: &parts) }
    #expect(bits(Array(parts[..<(11 * width)])) == bits(Array(whole[..<(11 * width)])))
    #expect(parts[(11 * width)..<(13 * width)].allSatisfy { $0 == 77 })
    #expect(bits(Array(parts[(13 * width)...])) == bits(Array(whole[(13 * width)...])))
    sparseProduct(matrix, x, width: width, into: &whole)
    sparseProduct(matrix, rows: 5..<29, x, width: width, into: &parts)
    #expect(bits(Array(parts[(5 * width)...])) == bits(Array(whole[(5 * width)...])))
  }

  @Test("a hand-worked product")
  func handWorked() {
    let matrix = SparseMatrix(rows: 2, columns: 3, rowStart: [0, 2, 3], column: [0, 2, 1], value: [2, -1, 3])
    var y = [Float](repeating: 0, count: 4)
    sparseProduct(matrix, [1, 2, 3, 4, 5, 6], width: 2, into: &y)
    #expect(y == [-3, -2, 9, 12])
    #expect(matrix.dense == [2, 0, -1, 0, 3, 0])
  }

  @Test("columns that do not ascend trap")
  func columnsAscend() async {
    await #expect(processExitsWith: .failure) {
      _ = SparseMatrix(rows: 1, columns: 3, rowStart: [0, 2], column: [2, 1], value: [1, 1])
    }
  }

  @Test("rows that overlap trap")
  func overlap() async {
    await #expect(processExitsWith: .failure) {
      let matrix = SparseMatrix(rows: 1, columns: 1, rowStart: [0, 1], column: [0], value: [1])
      var y: [Float] = [0, 0]
      sparseProduct(matrix, [1, 2], stride: 1, width: 2, into: &y, stride: 2)
    }
  }
}

/// One product, in every way of computing it; rows have a gap of three floats.
struct HopCase {
  let matrix: SparseMatrix
  let width: Int
  let stride: Int
  let x: [Float]
  let earlier: [Float]

  init(matrix: SparseMatrix, width: Int) {
    self.matrix = matrix
    self.width = width
    stride = width + 3
    x = numbers(matrix.rows * stride, stream: 21)
    earlier = numbers(matrix.rows * stride, stream: 22)
  }

  func columns(of y: [Float]) -> [Float] { y.indices.filter { $0 % stride < width }.map { y[$0] } }

  private func filled(_ fill: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
    let y = AlignedFloats(count: matrix.rows * stride)
    fill(y.pointer)
    return columns(of: y.array)
  }

  func selected(twice: Bool) -> [Float] {
    filled { y in
      if twice {
        chebyshevStep(matrix, x, stride: stride, earlier, stride: stride, width: width, into: y, stride: stride)
      } else {
        sparseProduct(matrix, x, stride: stride, width: width, into: y, stride: stride)
      }
    }
  }

  func plain(twice: Bool) -> [Float] {
    filled { y in
      if twice {
        PlainKernels.chebyshevStep(matrix, x, stride, earlier, stride, width, y, stride)
      } else {
        PlainKernels.sparseProduct(matrix, x, stride, width, y, stride)
      }
    }
  }

  func avx2(twice: Bool) -> [Float] {
    filled { y in
      earlier.withUnsafeBufferPointer { earlier in
        microfold_hop_avx2(
          matrix.rowStart, matrix.column, matrix.value, matrix.rows, x, stride, twice ? earlier.baseAddress : nil,
          stride, width, y, stride)
      }
    }
  }

  func avx512(twice: Bool) -> [Float] {
    filled { y in
      earlier.withUnsafeBufferPointer { earlier in
        microfold_hop_avx512(
          matrix.rowStart, matrix.column, matrix.value, matrix.rows, x, stride, twice ? earlier.baseAddress : nil,
          stride, width, y, stride)
      }
    }
  }

  func chain(twice: Bool) -> [Float] {
    filled { y in
      for row in 0..<matrix.rows {
        for feature in 0..<width {
          var sum: Float = 0
          for entry in Int(matrix.rowStart[row])..<Int(matrix.rowStart[row + 1]) {
            sum = sum.addingProduct(matrix.value[entry], x[Int(matrix.column[entry]) * stride + feature])
          }
          y[row * stride + feature] = twice ? 2 * sum - earlier[row * stride + feature] : sum
        }
      }
    }
  }

  func oracle(twice: Bool) -> [Double] {
    let dense = matrix.dense
    var y: [Double] = []
    for row in 0..<matrix.rows {
      for feature in 0..<width {
        var sum = 0.0
        for column in 0..<matrix.columns {
          sum += Double(dense[row * matrix.columns + column]) * Double(x[column * stride + feature])
        }
        y.append(twice ? 2 * sum - Double(earlier[row * stride + feature]) : sum)
      }
    }
    return y
  }
}
