// No allocation inside an epoch: after the first step, a training step asks for no memory.

import CAllocations
import ChebNet
import Kernels
import Testing

@Suite("allocations")
struct AllocationTests {
  /// Goal: the counter counts, or the tests below could not fail.
  @Test("the counter sees an array and an aligned block")
  func counts() {
    let before = microfold_test_allocations()
    let array = [Float](repeating: 1, count: 1_000 + Int(before % 2))
    let block = AlignedFloats(count: array.count)
    #expect(microfold_test_allocations() >= before + 2 && block.count == array.count)
  }

  @Test("a training step allocates nothing once its memory is there", arguments: [1, 2], [17, nil])
  func step(graphs: Int, dense: Int?) {
    let small = SmallCase(graphs: graphs, dense: dense, headDense: dense)
    let model = small.model()
    var adam = Adam(rate: 1e-4, decay: 1e-6, weightDecay: 0.1)
    var (counted, loss): ([Int], Float) = ([], 0)
    counted.reserveCapacity(4)
    small.rows.withUnsafeBufferPointer { rows in
      guard let rows = rows.baseAddress else { return }
      for number in 0..<4 {
        let before = microfold_test_allocations()
        loss += model.gradient(
          rows: rows, count: small.count, labels: small.labels, weights: small.weights, loss: small.loss,
          dropoutKey: 7, step: number)
        adam.step(model.parameters, model.gradients)
        counted.append(Int(microfold_test_allocations() - before))
      }
    }
    #expect(counted[0] > 0 && counted[1...].allSatisfy { $0 == 0 }, "allocations of each step: \(counted)")
    #expect(loss.isFinite)
  }

  @Test("evaluation allocates nothing once its memory is there", arguments: [1, 2])
  func evaluation(graphs: Int) {
    let small = SmallCase(graphs: graphs, dense: 17)
    let model = small.model()
    let kept = AlignedFloats(count: small.count * model.basisWidth)
    let bases = (0..<small.count).map { UnsafePointer(kept.pointer + $0 * model.basisWidth) }
    let logits = AlignedFloats(count: small.count * small.classes)
    var counted: [Int] = []
    counted.reserveCapacity(3)
    bases.withUnsafeBufferPointer { bases in
      for _ in 0..<3 {
        let before = microfold_test_allocations()
        model.logits(bases: bases, into: logits.pointer)
        counted.append(Int(microfold_test_allocations() - before))
      }
    }
    #expect(counted[0] > 0 && counted[1...].allSatisfy { $0 == 0 }, "allocations of each pass: \(counted)")
  }
}
