// The machine's roofs, measured in the same run as what is compared with them, on as many threads at once.
//
// Nothing passes the multiply-add rate of the registers. A sparse product loads twice for every multiply-add, and its
// operands lie in L2; where neighbours share rows of features that stay in L1, it may pass that rate. A program that
// streams memory is bound by the triad. Each is the best of many short runs: it is what the machine can do, and
// whatever disturbs a run only lowers it.

import Canonical
import Dispatch
import Glibc
import Kernels

/// Rates of all threads together.
struct Roofs {
  /// Multiply-adds on registers, 10⁹ flops a second.
  let peak_gflops: Double
  /// Two loads for every multiply-add, from arrays that fit the L1 cache, and from such that only fit L2.
  let l1_gflops: Double
  let l2_gflops: Double
  /// a = b + s c over arrays far larger than the caches, counting two reads and a write.
  let triad_gb_per_s: Double

  /// Measures them. Takes 192 MiB for the while, so the memory of a benchmark is to be asked before.
  static func measured(_ options: Options) -> Roofs {
    let loops = (0..<options.threads).map { _ in RoofLoops() }
    let (runs, tiny) = (options.tiny ? 3 : 40, options.tiny)
    // Three eighths of L2 for each of the two arrays lie well beyond the L1 of any processor.
    let l2Bytes = min(192 << 10, cacheBytes(_SC_LEVEL2_CACHE_SIZE, or: 512 << 10) * 3 / 8)
    let l1Bytes = cacheBytes(_SC_LEVEL1_DCACHE_SIZE, or: 32 << 10) / 4
    return Roofs(
      peak_gflops: fma(loops, rounds: tiny ? 20_000 : 500_000, runs: runs) / 1e9,
      l1_gflops: pairs(loops, bytes: l1Bytes, flops: tiny ? 1 << 21 : 1 << 26, runs: runs) / 1e9,
      l2_gflops: pairs(loops, bytes: l2Bytes, flops: tiny ? 1 << 21 : 1 << 26, runs: runs) / 1e9,
      triad_gb_per_s: triad(loops, floats: tiny ? 1 << 18 : 1 << 24, runs: tiny ? 3 : 10) / 1e9)
  }

  /// Least seconds of the threads together: dense products at the peak, sparse ones at the rate of L2, bytes at the
  /// triad's.
  func floor_s(_ work: Work) -> Double {
    work.dense / (peak_gflops * 1e9) + work.sparse / (l2_gflops * 1e9) + work.bytes / (triad_gb_per_s * 1e9)
  }

  /// The same with sparse products at the peak too, which no program passes.
  func peakFloor_s(_ work: Work) -> Double {
    work.flops / (peak_gflops * 1e9) + work.bytes / (triad_gb_per_s * 1e9)
  }

  /// The rates as members of an answer.
  var json: JSON {
    [
      "peak_gflops": rounded(peak_gflops), "l1_gflops": rounded(l1_gflops), "l2_gflops": rounded(l2_gflops),
      "triad_gb_per_s": rounded(triad_gb_per_s),
    ]
  }

  /// The rates for the lines of an answer.
  var text: String {
    "\(digits(peak_gflops)) GF/s multiply-add, \(digits(l2_gflops)) GF/s two loads each from L2 "
      + "(\(digits(l1_gflops)) from L1), \(digits(triad_gb_per_s)) GB/s triad"
  }
}

// MARK: - Measuring

extension Roofs {
  private static func fma(_ loops: [RoofLoops], rounds: Int, runs: Int) -> Double {
    best(threads: loops.count, runs: runs, amount: 2 * Double(rounds * RoofLoops.block)) {
      loops[$0].fma(rounds: rounds)
    }
  }

  private static func pairs(_ loops: [RoofLoops], bytes: Int, flops: Int, runs: Int) -> Double {
    let count = bytes / 4 / RoofLoops.block * RoofLoops.block
    let arrays = loops.map { _ in (filled(count), filled(count)) }
    let passes = max(1, flops / (2 * count))
    return best(threads: loops.count, runs: runs, amount: 2 * Double(count * passes)) {
      loops[$0].pairs(arrays[$0].0, arrays[$0].1, passes: passes)
    }
  }

  private static func triad(_ loops: [RoofLoops], floats: Int, runs: Int) -> Double {
    let (a, b, c) = (AlignedFloats(count: floats), AlignedFloats(count: floats), AlignedFloats(count: floats))
    let part = floats / loops.count / RoofLoops.block * RoofLoops.block
    return best(threads: loops.count, runs: runs, amount: 12 * Double(part)) { thread in
      let from = thread * part
      loops[thread].triad(count: part, b.pointer + from, c.pointer + from, a.pointer + from)
    }
  }

  /// The highest rate of all threads together: what they did in a run, by the time until the last of them was done.
  private static func best(threads: Int, runs: Int, amount: Double, _ work: (_ thread: Int) -> Void) -> Double {
    var shortest_s = Double.infinity
    withoutActuallyEscaping(work) { work in
      // Safe: each thread works on memory of its own, and `concurrentPerform` returns after the last of them.
      nonisolated(unsafe) let work = work
      for _ in 0..<runs {
        let start_s = now_s()
        if threads == 1 { work(0) } else { DispatchQueue.concurrentPerform(iterations: threads) { work($0) } }
        shortest_s = min(shortest_s, now_s() - start_s)
      }
    }
    return Double(threads) * amount / shortest_s
  }

  private static func filled(_ count: Int) -> AlignedFloats {
    let floats = AlignedFloats(count: count)
    for place in 0..<count { floats.pointer[place] = 1 }
    return floats
  }

  /// The size of a cache as the system knows it.
  private static func cacheBytes(_ name: Int, or usual: Int) -> Int {
    let bytes = sysconf(Int32(name))
    return bytes > 0 ? bytes : usual
  }
}
