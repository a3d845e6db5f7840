// Two proofs: that the kernels of this process are right (verify), and which bits they give (probe).

extension NumericClass {
  /// Compares OpenBLAS and the vector kernels with the plain loops on a few shapes; takes some milliseconds.
  ///
  /// Debian's OpenBLAS does not know newer processors and has been reported to compute wrong results on some: every
  /// process calls this at its start and computes nothing where it throws.
  /// - Throws: what differs, from which kernels.
  public static func verify() throws(NumericClassError) {
    guard selected != .generic else { return }
    let wanted = selected.environment[0].value
    if selected.isEntered && openBLASCore.lowercased() != wanted.lowercased() {
      throw .wrongCore(wanted: wanted, found: openBLASCore)
    }
    for shape in shapes {
      for (transposeA, transposeB) in [(false, false), (true, false), (false, true)] {
        let error = productError(shape, transposeA, transposeB)
        guard error < 1e-4 else {
          let text = "\(shape.m)x\(shape.n)x\(shape.k)\(transposeA ? " TN" : transposeB ? " NT" : "")"
          throw .wrongProduct(core: openBLASCore, shape: text, error: error)
        }
      }
    }
    for width in [1, 3, 16, 37] {
      let error = hopError(width)
      guard error < 1e-4 else { throw .wrongKernel(name: "sparseProduct of width \(width)", error: error) }
    }
    for shape in shapes {
      let error = panelError(shape)
      guard error < 1e-4 else {
        throw .wrongKernel(name: "panelProduct \(shape.m)x\(shape.n)x\(shape.k)", error: error)
      }
    }
  }

  /// Fixed inputs through the selected kernels: equal bits here mean equal bits in a stage.
  ///
  /// Products of 62 × 155 × 32 and 37 × 19 × 500 by BLAS and by panels, a sparse product of width 37, exponentials
  /// and logarithms.
  public static func probe() -> [Float] {
    var results: [Float] = []
    for (m, n, k) in [(62, 32, 155), (37, 19, 500)] {
      let a = numbers(m * k, stream: 1)
      let b = numbers(k * n, stream: 2)
      var c = [Float](repeating: 0, count: m * n)
      gemm(m: m, n: n, k: k, a: a, lda: k, b: b, ldb: n, c: &c, ldc: n)
      results += c
      results += panels(m, n, k, a, b, added: c)
    }
    let matrix = ring(29)
    var y = [Float](repeating: 0, count: 29 * 37)
    chebyshevStep(matrix, numbers(29 * 37, stream: 3), numbers(29 * 37, stream: 4), width: 37, into: &y)
    results += y
    for x in numbers(64, stream: 5) { results += [exponential(8 * x), naturalLog(abs(x) + 0.001)] }
    return results
  }

  private static let shapes: [(m: Int, n: Int, k: Int)] = [
    (197, 32, 288), (75, 64, 384), (42, 128, 512), (1, 7, 513), (61, 31, 157), (16, 16, 16),
  ]

  /// ‖OpenBLAS − plain‖ / ‖plain‖.
  private static func productError(_ shape: (m: Int, n: Int, k: Int), _ transposeA: Bool, _ transposeB: Bool) -> Float {
    let (m, n, k) = shape
    let a = numbers(m * k, stream: 11)
    let b = numbers(k * n, stream: 12)
    let lda = transposeA ? m : k
    let ldb = transposeB ? k : n
    var ours = [Float](repeating: 0, count: m * n)
    var plain = ours
    openBLAS(transposeA, transposeB, m, n, k, 1, a, lda, b, ldb, 0, &ours, n)
    PlainKernels.gemm(transposeA, transposeB, m, n, k, 1, a, lda, b, ldb, 0, &plain, n)
    return relativeError(ours, plain)
  }

  private static func panelError(_ shape: (m: Int, n: Int, k: Int)) -> Float {
    let (m, n, k) = shape
    let a = numbers(m * k, stream: 15)
    let b = numbers(k * n, stream: 16)
    var plain = numbers(m * n, stream: 17)
    let ours = panels(m, n, k, a, b, added: plain)
    PlainKernels.gemm(false, false, m, n, k, 1, a, k, b, n, 1, &plain, n)
    return relativeError(ours, plain)
  }

  /// C + A B by panels.
  private static func panels(_ m: Int, _ n: Int, _ k: Int, _ a: [Float], _ b: [Float], added c: [Float]) -> [Float] {
    var result = c
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        panelProduct(
          rows: m, columns: n, inner: k, .rows(a, stride: k), .rows(b, stride: n), into: &result, stride: n, adds: true)
      }
    }
    return result
  }

  private static func hopError(_ width: Int) -> Float {
    let matrix = ring(31)
    let x = numbers(31 * width, stream: 13)
    let earlier = numbers(31 * width, stream: 14)
    var ours = [Float](repeating: 0, count: 31 * width)
    var plain = ours
    chebyshevStep(matrix, x, earlier, width: width, into: &ours)
    PlainKernels.chebyshevStep(matrix, x, width, earlier, width, width, &plain, width)
    return relativeError(ours, plain)
  }

  private static func relativeError(_ ours: [Float], _ plain: [Float]) -> Float {
    var difference = 0.0
    var norm = 0.0
    for (left, right) in zip(ours, plain) {
      difference += Double(left - right) * Double(left - right)
      norm += Double(right) * Double(right)
    }
    let error = Float((difference / norm).squareRoot())
    return error.isNaN ? .infinity : error
  }

  /// Fixed numbers in [-1, 1).
  private static func numbers(_ count: Int, stream: UInt64) -> [Float] {
    var random = CounterRandom(key: 0x6D69_6372_6F66_6F6C, stream: stream)
    return (0..<count).map { _ in 2 * random.unit() - 1 }
  }

  /// A fixed sparse matrix: every node sees itself and six others on a ring.
  private static func ring(_ nodes: Int) -> SparseMatrix {
    var starts: [Int32] = [0]
    var columns: [Int32] = []
    for row in 0..<nodes {
      let seen = [-5, -2, -1, 0, 1, 2, 5].map { Int32((row + $0 + nodes) % nodes) }
      columns += seen.sorted()
      starts.append(Int32(columns.count))
    }
    let values = numbers(columns.count, stream: 6)
    return SparseMatrix(rows: nodes, columns: nodes, rowStart: starts, column: columns, value: values)
  }
}
