// Four fixed lanes of work: what lands in which lane never depends on how many threads there are.
//
// Image i belongs to lane i % 4; each lane adds its gradients in the order of its images, and lanes are summed in
// their order. So 1, 2, 3 or 4 threads give the same bits. Threads beyond four have nothing to do.

import Dispatch

enum Lanes {
  /// How many lanes there are; part of what makes the bits.
  static let count = 4

  /// Runs every lane once, worker w taking the lanes w, w + workers, …; returns when all are done.
  static func run(threads: Int, _ body: (_ lane: Int, _ worker: Int) -> Void) {
    let workers = max(1, min(threads, count))
    if workers == 1 {
      for lane in 0..<count { body(lane, 0) }
    } else {
      withoutActuallyEscaping(body) { body in
        // Safe: lanes write to memory of their own, and `concurrentPerform` returns after the last of them.
        nonisolated(unsafe) let work = body
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
          for lane in stride(from: worker, to: count, by: workers) { work(lane, worker) }
        }
      }
    }
  }

  /// The part of 0..<count that a lane owns, cut at multiples of 16 so that vector kernels meet no odd borders.
  static func part(_ lane: Int, of extent: Int) -> Range<Int> {
    let step = ((extent + Self.count - 1) / Self.count + 15) / 16 * 16
    return min(lane * step, extent)..<min((lane + 1) * step, extent)
  }
}
