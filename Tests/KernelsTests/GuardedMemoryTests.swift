// Vector tails at the end of memory: a page that must not be touched lies right behind every factor.

import CKernels
import Glibc
import Kernels
import Testing

@Suite("guarded memory")
struct GuardedMemoryTests {
  @Test("products, hops and pooling read nothing behind their matrices")
  func tails() async {
    await #expect(processExitsWith: .success) {
      for columns in [1, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 47, 65] {
        let (left, right) = (Guarded(count: 5 * 3), Guarded(count: 3 * columns))
        let c = Guarded(count: 5 * columns)
        let matrix = randomMatrix(5, seed: 3)
        let (x, y) = (Guarded(count: 5 * columns), Guarded(count: 5 * columns))
        let (pooled, winner) = (Guarded(count: 2 * columns), Guarded(count: 2 * columns))
        let bias = Guarded(count: columns)
        let children: [Int32] = [0, 2, 5]
        for isWide in [false, true] where (isWide ? NumericClass.avx512 : .avx2).isSupported {
          let product = isWide ? microfold_product_avx512 : microfold_product_avx2
          product(5, columns, 3, left.start, 3, 1, right.start, columns, isWide ? 32 : 16, c.start, columns, 1)
          let hop = isWide ? microfold_hop_avx512 : microfold_hop_avx2
          hop(
            matrix.rowStart, matrix.column, matrix.value, 5, x.start, columns, y.start, columns, columns, y.start,
            columns)
          let numbers = UnsafeMutableRawPointer(winner.start).assumingMemoryBound(to: Int32.self)
          let pool = isWide ? microfold_pool_avx512 : microfold_pool_avx2
          pool(x.start, bias.start, children, 2, columns, pooled.start, numbers)
          let back = isWide ? microfold_pool_gradient_avx512 : microfold_pool_gradient_avx2
          back(pooled.start, pooled.start, numbers, children, 2, columns, y.start, bias.start)
        }
      }
    }
  }

  @Test("the guard is real: one float behind the end ends the process")
  func guardIsReal() async {
    await #expect(processExitsWith: .failure) {
      let floats = Guarded(count: 7)
      print(floats.start[7])
    }
  }
}

/// Floats, all 1, that end where a page begins which nobody may read or write.
private struct Guarded {
  let start: UnsafeMutablePointer<Float>

  init(count: Int) {
    let page = Int(getpagesize())
    let size = (4 * count + page - 1) / page * page
    guard let memory = mmap(nil, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      memory != MAP_FAILED, mprotect(memory + size, page, PROT_NONE) == 0
    else { preconditionFailure("no memory for a test") }
    start = (memory + size - 4 * count).assumingMemoryBound(to: Float.self)
    start.initialize(repeating: 1, count: count)
  }
}
