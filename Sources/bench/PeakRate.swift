// The processor's limit, measured in the same run: the fastest rate that any cache-resident product reaches.
//
// A Swift program has no instruction of its own for a bare FMA loop, so the limit is taken from products that fit the
// caches, where OpenBLAS comes within some per cent of it. All of these are tried, and the best of many runs counts.

import Kernels

/// Measuring the rate of multiply-adds.
enum PeakRate {
  private static let shapes = [(96, 96, 256), (192, 192, 256), (384, 192, 384), (384, 384, 384)]

  /// Floating-point operations a second of one thread; the best of several runs of several products.
  static func measured(runs: Int) -> Double {
    shapes.map { rate(m: $0.0, n: $0.1, k: $0.2, runs: runs) }.max() ?? 0
  }

  private static func rate(m: Int, n: Int, k: Int, runs: Int) -> Double {
    let a = AlignedFloats(count: m * k)
    let b = AlignedFloats(count: k * n)
    let c = AlignedFloats(count: m * n)
    for place in 0..<a.count { a.pointer[place] = Float(place % 13) / 13 }
    for place in 0..<b.count { b.pointer[place] = Float(place % 11) / 11 }
    let inner = max(1, 20_000_000 / (m * n * k))
    var best = Double.infinity
    for _ in 0..<runs {
      let start = now_s()
      for _ in 0..<inner {
        gemm(m: m, n: n, k: k, a: a.pointer, lda: k, b: b.pointer, ldb: n, c: c.pointer, ldc: n)
      }
      best = min(best, (now_s() - start) / Double(inner))
    }
    return 2 * Double(m * n * k) / best
  }
}
