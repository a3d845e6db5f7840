// Random numbers by counter: fixed for ever, independent streams, right distributions.

import CKernels
import Kernels
import Testing

@Suite("counter random")
struct CounterRandomTests {
  /// Goal: nobody changes the generator unnoticed, since every seed of every published table would change meaning.
  @Test("the first draws are the ones written here")
  func frozen() {
    var random = CounterRandom(key: 1, stream: 2)
    #expect([random.next(), random.next(), random.next()] == frozenDraws)
    #expect((0..<3).map { CounterRandom(key: 1, stream: 2).draw(at: $0) } == frozenDraws)
  }

  @Test("streams and keys that differ by one give unrelated bits")
  func streams() {
    let pairs: [[UInt64]] = [[1, 1, 1, 2], [1, 1, 2, 1], [0, 0, 0, 1], [7, 8, 8, 7]]
    for pair in pairs {
      let left = CounterRandom(key: pair[0], stream: pair[1])
      let right = CounterRandom(key: pair[2], stream: pair[3])
      let different = (0..<1_000).reduce(0) { $0 + (left.draw(at: $1) ^ right.draw(at: $1)).nonzeroBitCount }
      // 64 000 fair coins: deviation 126, so 700 is far outside chance.
      #expect(abs(different - 32_000) < 700)
    }
  }

  @Test("units lie in [0, 1) with mean one half")
  func units() {
    var random = CounterRandom(key: 3, stream: 0)
    let drawn = (0..<100_000).map { _ in random.unit() }
    #expect(drawn.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(drawn.reduce(0.0) { $0 + Double($1) } / 100_000 - 0.5) < 0.005)
  }

  @Test("normals have the moments of the normal distribution")
  func normals() {
    var random = CounterRandom(key: 4, stream: 0)
    let drawn = (0..<200_000).map { _ in Double(random.normal()) }
    let moments = (1...4).map { power in
      drawn.reduce(0.0) { sum, x in sum + (0..<power).reduce(1.0) { product, _ in product * x } } / 200_000
    }
    #expect(abs(moments[0]) < 0.01 && abs(moments[1] - 1) < 0.02)
    #expect(abs(moments[2]) < 0.05 && abs(moments[3] - 3) < 0.1)
  }

  @Test("below(n) reaches every number about equally often", arguments: [1, 2, 7, 10])
  func below(n: Int) {
    var random = CounterRandom(key: 5, stream: UInt64(n))
    var counts = [Int](repeating: 0, count: n)
    for _ in 0..<10_000 { counts[random.below(n)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 10_000 / n) < 400 })
  }

  @Test("a permutation holds every number once, and is not the identity")
  func permutation() {
    var random = CounterRandom(key: 6, stream: 0)
    let order = random.permutation(101)
    #expect(order.sorted() == (0..<101).map { Int32($0) })
    #expect(order != order.sorted())
    #expect(random.permutation(0).isEmpty)
  }

  @Test("a number below zero or one traps")
  func nothingBelowZero() async {
    await #expect(processExitsWith: .failure) {
      var random = CounterRandom(key: 1, stream: 1)
      _ = random.below(0)
    }
  }

  @Test("a mask is what unit draws give, in every instruction set", arguments: [0, 1, 7, 8, 17, 100, 1_009])
  func masks(count: Int) {
    for share in [0, 0.25, 0.5, 0.3, 0x1p-24, 0.999_999] as [Float] {
      var (one, other) = (CounterRandom(key: 5, stream: 9), CounterRandom(key: 5, stream: 9))
      (_, _) = (one.next(), other.next())
      let expected = (0..<count).map { _ in one.unit() < share ? 0 : 1.5 as Float } + [7]
      let threshold = UInt32((share * 0x1p24).rounded(.up))
      var results = [[Float]](repeating: [Float](repeating: 7, count: count + 1), count: 2)
      let base = other.base
      PlainKernels.mask(count, base, 1, threshold, 1.5, &results[0])
      other.mask(&results[1], count: count, share: share, factor: 1.5)
      if NumericClass.avx512.isSupported {
        results.append([Float](repeating: 7, count: count + 1))
        microfold_mask_avx512(count, base, 1, threshold, 1.5, &results[2])
      }
      #expect(results.allSatisfy { $0 == expected })
      #expect(one.next() == other.next())
    }
  }
}

/// Computed once in Python from the formula.
private let frozenDraws: [UInt64] = [14_027_743_088_370_221_797, 17_332_054_288_264_154_730, 1_554_327_272_713_064_120]
