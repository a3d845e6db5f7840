// Measuring time: a monotonic clock, a few runs to warm up, the median of at least five.

import Glibc

/// Seconds of the monotonic clock.
func now_s() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The median time of one run of `body`, in seconds.
///
/// Short bodies are repeated within a run until it lasts `shortest_s`, so that the clock does not matter.
func median_s(repeats: Int, shortest_s: Double = 0.002, _ body: () -> Void) -> Double {
  precondition(repeats >= 5, "a median needs five runs or more")
  body()
  let start = now_s()
  body()
  let once = max(now_s() - start, 1e-9)
  let inner = max(1, Int(shortest_s / once))
  let times = (0..<repeats).map { _ in
    let start = now_s()
    for _ in 0..<inner { body() }
    return (now_s() - start) / Double(inner)
  }
  return times.sorted()[repeats / 2]
}
