// Whole networks: gradients against the reference, entries, threads, initialisation, dropout.

import ChebNet
import Kernels
import TestSupport
import Testing

@Suite("models")
struct ModelTests {
  /// Goal: every gradient of a whole network. Method: central differences of the Double reference in up to 40
  /// parameters of each tensor, spread over it; 1e-4 is what the golden cases allow, too.
  @Test(
    "gradients of whole networks match central differences", arguments: [1, 2],
    [(17, nil), (nil, nil), (17, 11), (nil, 5)] as [(Int?, Int?)])
  func gradient(graphs: Int, dense: (Int?, Int?)) {
    let small = SmallCase(graphs: graphs, dense: dense.0, headDense: dense.1)
    let model = small.model()
    let loss = model.gradient(
      rows: small.rows, count: small.count, labels: small.labels, weights: small.weights, loss: small.loss,
      dropout: .given(small.mask))
    let reference = small.reference
    var parameters: [String: [Double]] = [:]
    for tensor in model.parameters.tensors {
      parameters[tensor.name] = model.parameters.values(tensor.name).map(Double.init)
    }
    let expected = small.referenceLoss(reference, parameters)
    #expect(abs(Double(loss) - expected) < 1e-5 * abs(expected))
    for tensor in model.parameters.tensors {
      let stride = max(1, tensor.count / 40)
      let places = Array(Swift.stride(from: 0, to: tensor.count, by: stride))
      let ours = places.map { model.gradients[tensor.name][$0] }
      let values = parameters[tensor.name] ?? []
      let truth = GradientCheck.differences(of: places.map { values[$0] }) { moved in
        var other = parameters
        for (place, value) in zip(places, moved) { other[tensor.name]?[place] = value }
        return small.referenceLoss(reference, other)
      }
      let error = GradientCheck.relativeError(ours, truth)
      #expect(error < 1e-4, "\(tensor.name): \(error)")
    }
  }

  /// Goal: λ · loss(a) + (1 − λ) · loss(b) and its gradient. Method: the reference's losses of both classes, added.
  @Test("a batch of mixed rows has the loss of both classes, and its gradient", arguments: [1, 2])
  func second(graphs: Int) {
    let small = SmallCase(graphs: graphs, dense: 17)
    let model = small.model()
    let second = SecondLabels(labels: [2, 2, 4, 0, 1, 3, 1], weights: [0, 0.25, 1, 0.5, 0.125, 2, 0.75])
    let loss = model.gradient(
      rows: small.rows, count: small.count, labels: small.labels, weights: small.weights, second: second,
      loss: small.loss, dropout: .given(small.mask))
    var other = small
    (other.labels, other.weights) = (second.labels, second.weights)
    let reference = small.reference
    var parameters: [String: [Double]] = [:]
    for tensor in model.parameters.tensors {
      parameters[tensor.name] = model.parameters.values(tensor.name).map(Double.init)
    }
    func both(_ parameters: [String: [Double]]) -> Double {
      small.referenceLoss(reference, parameters) + other.referenceLoss(reference, parameters)
    }
    #expect(abs(Double(loss) / both(parameters) - 1) < 1e-5)
    for name in ["head.weight", "head.bias", "sgcn1.conv0.bias"] {
      let truth = GradientCheck.differences(of: parameters[name] ?? []) { moved in
        var changed = parameters
        changed[name] = moved
        return both(changed)
      }
      #expect(GradientCheck.relativeError(model.gradients.values(name), truth) < 1e-4, "\(name)")
    }
  }

  @Test("gradients are the same bits with 1, 2, 3 and 4 threads", arguments: [1, 2], [17, nil])
  func threads(graphs: Int, dense: Int?) {
    let small = SmallCase(graphs: graphs, dense: dense, headDense: dense.map { $0 + 2 })
    let all = (1...4).map { threads in
      let model = small.model(threads: threads)
      let loss = model.gradient(
        rows: small.rows, count: small.count, labels: small.labels, weights: nil, loss: small.loss, dropoutKey: 9,
        step: 3)
      return [loss] + model.gradients.block.array + model.scores(rows: small.rows, count: small.count)
    }
    for other in all.dropFirst() { #expect(other.map(\.bitPattern) == all[0].map(\.bitPattern)) }
  }

  @Test("a second batch of another size leaves nothing of the first")
  func reuse() {
    let small = SmallCase(graphs: 1, dense: 17)
    func gradient(_ model: Model, _ count: Int) -> [Float] {
      _ = model.gradient(
        rows: small.rows, count: count, labels: Array(small.labels.prefix(count)), weights: nil, loss: small.loss,
        dropoutKey: 1, step: 0)
      return model.gradients.block.array
    }
    let used = small.model()
    _ = gradient(used, 7)
    #expect(gradient(used, 2) == gradient(small.model(), 2))
    #expect(gradient(used, 7) == gradient(small.model(), 7))
  }

  /// The rows of 40 are more than one chunk of evaluation.
  @Test("images by their bases give the bits of the images themselves", arguments: [1, 2])
  func bases(graphs: Int) {
    let small = SmallCase(graphs: graphs, dense: 17)
    let (model, other) = (small.model(), small.model())
    let kept = AlignedFloats(count: small.count * model.basisWidth)
    // From the last to the first, so that the place in memory is not the number of the row.
    let pointers = (0..<small.count).map { UnsafePointer(kept.pointer + (small.count - 1 - $0) * model.basisWidth) }
    small.rows.withUnsafeBufferPointer { rows in
      guard let first = rows.baseAddress else { return }
      for row in 0..<small.count {
        model.expand(first + row * model.inputWidth, into: kept.pointer + (small.count - 1 - row) * model.basisWidth)
      }
      var logits = [Float](repeating: 0, count: small.count * 5)
      var expected = [Float](repeating: 1, count: small.count * 5)
      let loss = pointers.withUnsafeBufferPointer { bases in
        other.logits(bases: bases, into: &logits)
        return other.gradient(
          bases: bases, labels: small.labels, weights: small.weights, loss: small.loss, dropout: .given(small.mask))
      }
      model.logits(rows: first, count: small.count, into: &expected)
      #expect(logits == expected)
      let same = model.gradient(
        rows: first, count: small.count, labels: small.labels, weights: small.weights, loss: small.loss,
        dropout: .given(small.mask))
      #expect(loss == same && model.gradients.block.array == other.gradients.block.array)
    }
  }

  @Test("a row's logits are the same bits alone and among others", arguments: [1, 2], [17, nil])
  func alone(graphs: Int, dense: Int?) {
    let small = SmallCase(graphs: graphs, dense: dense)
    let model = small.model()
    var together = [Float](repeating: 0, count: small.count * 5)
    var alone = together
    small.rows.withUnsafeBufferPointer { rows in
      alone.withUnsafeMutableBufferPointer { alone in
        guard let rows = rows.baseAddress, let target = alone.baseAddress else { return }
        model.logits(rows: rows, count: small.count, into: &together)
        for row in 0..<small.count {
          model.logits(rows: rows + row * model.inputWidth, count: 1, into: target + row * 5)
        }
      }
    }
    #expect(together == alone)
  }

  @Test("rows that enter later give the same logits", arguments: [1, 2], [17, nil])
  func entries(graphs: Int, dense: Int?) throws {
    let small = SmallCase(graphs: graphs, dense: dense)
    let whole = small.model()
    let count = 40
    let rows = GradientCheck.numbers(count * whole.inputWidth, seed: 3).map(Float.init)
    let expected = whole.scores(rows: rows, count: count)
    let outputs: [(Model.Output, Model.Entry, Int)] = [
      (.convolutions, .convolutions, whole.convolutionWidth), (.dense, .dense, whole.featureWidth),
    ]
    for (output, entry, width) in outputs {
      var features = [Float](repeating: .nan, count: count * width)
      whole.features(rows: rows, count: count, output: output, into: &features)
      let late = small.model(entry: entry)
      #expect(late.inputWidth == width)
      let file = try SafeTensors.read(SafeTensors.write(whole.parameters.named))
      for tensor in late.parameters.tensors { try late.parameters.load(tensor.name, from: file) }
      #expect(late.scores(rows: features, count: count) == expected)
    }
  }

  @Test("a later entry's gradients equal those of the whole network")
  func laterGradients() throws {
    let small = SmallCase(graphs: 2, dense: 17)
    let whole = small.model()
    var features = [Float](repeating: 0, count: small.count * whole.convolutionWidth)
    whole.features(rows: small.rows, count: small.count, output: .convolutions, into: &features)
    let late = small.model(entry: .convolutions)
    for tensor in late.parameters.tensors {
      for (place, value) in whole.parameters.values(tensor.name).enumerated() {
        late.parameters[tensor.name][place] = value
      }
    }
    let first = whole.gradient(
      rows: small.rows, count: small.count, labels: small.labels, loss: small.loss, dropout: .given(small.mask))
    let second = late.gradient(
      rows: features, count: small.count, labels: small.labels, loss: small.loss, dropout: .given(small.mask))
    #expect(first == second)
    for tensor in late.parameters.tensors {
      #expect(late.gradients.values(tensor.name) == whole.gradients.values(tensor.name), "\(tensor.name)")
    }
  }

  @Test("draws belong to the key and the name of a tensor, and have He's deviations")
  func initialisation() {
    let small = SmallCase(graphs: 2, dense: 17)
    let (whole, late) = (small.model(), small.model(entry: .convolutions))
    #expect(whole.parameters.values("sgcn2.dense.weight") == late.parameters.values("sgcn2.dense.weight"))
    #expect(whole.parameters.values("sgcn1.conv0.weight") != whole.parameters.values("sgcn2.conv0.weight"))
    func deviation(_ name: String) -> Float {
      let values = whole.parameters.values(name)
      return (values.reduce(0) { $0 + $1 * $1 } / Float(values.count)).squareRoot()
    }
    #expect(abs(deviation("sgcn1.conv0.weight") / (2 / 15 as Float).squareRoot() - 1) < 0.2)
    let width = Float(whole.parameters.tensor("sgcn1.dense.weight").shape[0])
    #expect(abs(deviation("sgcn1.dense.weight") / (2 / width).squareRoot() - 1) < 0.05)
    #expect(abs(deviation("head.weight") / (1 / 34 as Float).squareRoot() - 1) < 0.2)
    whole.initialise(key: 43)
    #expect(whole.parameters.values("sgcn2.dense.weight") != late.parameters.values("sgcn2.dense.weight"))
    #expect(whole.parameters.values("head.bias").allSatisfy { $0 == 0 })
  }

  @Test("presets have the published shapes")
  func presets() {
    let table = NetworkSpec.table1(inputs: 1)
    #expect(table.layers.map(\.order) == [9, 9, 6, 6, 4, 4] && table.coarsenings == 8 && table.dense == 512)
    let compact = NetworkSpec.compact(inputs: 3)
    #expect(compact.coarsenings == 3 && compact.dense == nil && compact.dropout == 0.5)
  }

  @Test("dropout keeps its share, differs by step, and repeats")
  func dropout() {
    let small = SmallCase(graphs: 2, dense: 17)
    let model = small.model()
    func loss(_ key: UInt64?, _ step: Int) -> Float {
      model.gradient(
        rows: small.rows, count: small.count, labels: small.labels, weights: nil, loss: small.loss, dropoutKey: key,
        step: step)
    }
    #expect(loss(1, 0) == loss(1, 0))
    #expect(loss(1, 0) != loss(1, 1))
    #expect(loss(1, 0) != loss(2, 0))
    #expect(loss(nil, 0) == loss(nil, 1))
    let scale = AlignedFloats(count: 40_000)
    #expect(Dropout.drawn(key: 5, step: 1).fill(scale.pointer, count: 40_000, share: 0.25))
    #expect(Set(scale.array) == [0, 1 / 0.75])
    #expect(abs(scale.array.filter { $0 == 0 }.count - 10_000) < 500)
  }
}
