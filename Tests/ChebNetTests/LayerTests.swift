// Layers one by one against the Double reference, with a different prime on every axis.

import ChebNet
import Kernels
import TestSupport
import Testing

@Suite("layers")
struct LayerTests {
  /// A symmetric matrix of `nodes` nodes, about a third of it filled, both ways.
  struct Matrix {
    let dense: [Double]
    let sparse: SparseMatrix

    init(nodes: Int) {
      let values = GradientCheck.numbers(nodes * nodes, seed: 5)
      var dense = [Double](repeating: 0, count: nodes * nodes)
      for row in 0..<nodes {
        for column in 0...row where row == column || (row * 7 + column * 3) % 3 == 0 {
          dense[row * nodes + column] = values[row * nodes + column] / 2
          dense[column * nodes + row] = values[row * nodes + column] / 2
        }
      }
      var (rowStart, columns, entries): ([Int32], [Int32], [Float]) = ([0], [], [])
      for row in 0..<nodes {
        for column in 0..<nodes where dense[row * nodes + column] != 0 {
          columns.append(Int32(column))
          entries.append(Float(dense[row * nodes + column]))
        }
        rowStart.append(Int32(columns.count))
      }
      self.dense = dense
      sparse = SparseMatrix(rows: nodes, columns: nodes, rowStart: rowStart, column: columns, value: entries)
    }
  }

  /// Goal: backward is the derivative of forward. Method: S = Σ dZ·Z in Double is linear in X and W, so central
  /// differences are exact but for rounding; 1e-5 leaves room for sums of Floats only.
  @Test(
    "a Chebyshev layer and its gradients match the reference", arguments: [1, 2, 3, 5, 7],
    [(13, 3, 11), (13, 11, 2), (59, 2, 17)])
  func chebyshev(order: Int, sizes: (nodes: Int, inputs: Int, outputs: Int)) {
    let (nodes, inputs, outputs) = sizes
    let matrix = Matrix(nodes: nodes)
    let reference = ReferenceLayer(
      laplacian: matrix.dense, nodes: nodes, order: order, inputs: inputs, filters: outputs, children: [])
    let x = GradientCheck.numbers(nodes * inputs, seed: 1)
    let weight = GradientCheck.numbers(order * inputs * outputs, seed: 2)
    let dz = GradientCheck.numbers(nodes * outputs, seed: 3)
    func sum(_ x: [Double], _ weight: [Double]) -> Double {
      zip(reference.convolve(x, weight: weight), dz).reduce(0) { $0 + $1.0 * $1.1 }
    }

    let layer = ChebyshevLayer(laplacian: matrix.sparse, order: order, inputs: inputs, outputs: outputs)
    let scratch = AlignedFloats(count: max(layer.forwardScratch, layer.backwardScratch))
    let packed = PackedWeights(order: order, inputs: inputs, outputs: outputs)
    packed.pack(weight.map(Float.init))
    packed.packTransposed(weight.map(Float.init))
    var z = [Float](repeating: .nan, count: nodes * outputs)
    layer.forward(x.map(Float.init), weight: packed, into: &z, scratch: scratch.pointer)
    var weightGradient = [Float](repeating: 1, count: weight.count)
    var dx = [Float](repeating: .nan, count: x.count)
    layer.backward(
      x.map(Float.init), dz.map(Float.init), weight: packed, weightGradient: &weightGradient, into: &dx,
      scratch: scratch.pointer)

    let toWeight = GradientCheck.differences(of: weight, step: 1e-3) { sum(x, $0) }
    let toX = GradientCheck.differences(of: x, step: 1e-3) { sum($0, weight) }
    #expect(GradientCheck.relativeError(z, reference.convolve(x, weight: weight)) < 1e-5)
    #expect(GradientCheck.relativeError(weightGradient.map { $0 - 1 }, toWeight) < 1e-5)
    #expect(GradientCheck.relativeError(dx, toX) < 1e-5)
  }

  /// Method: every node is its own parent and the bias is large, so that pooling and ReLU let everything pass.
  @Test("the input layer and its weight gradient match the reference", arguments: [1, 2, 5, 9], [1, 3])
  func input(order: Int, inputs: Int) {
    let (nodes, outputs) = (59, 7)
    let matrix = Matrix(nodes: nodes)
    let reference = ReferenceLayer(
      laplacian: matrix.dense, nodes: nodes, order: order, inputs: inputs, filters: outputs, children: [])
    let image = GradientCheck.numbers(inputs * nodes, seed: 1).map { $0 / 8 }
    let weight = GradientCheck.numbers(order * inputs * outputs, seed: 2).map { $0 / 8 }
    let dz = GradientCheck.numbers(nodes * outputs, seed: 3)
    let pixels = (0..<nodes).map { Int32($0 * 5 % nodes) }
    let x = pixels.flatMap { pixel in (0..<inputs).map { image[$0 * nodes + Int(pixel)] } }
    let expected = reference.convolve(x, weight: weight)

    let pooling = Pooling(children: (0...nodes).map(Int32.init), filters: outputs)
    var case_ = InputCase(laplacian: matrix.sparse, order: order, inputs: inputs, pooling: pooling)
    let large = expected.map { abs($0) }.max().map { Float($0.rounded(.up)) + 1 } ?? 1
    case_.run(
      image.map(Float.init), pixels, weight.map(Float.init), [Float](repeating: large, count: outputs),
      dz.map(Float.init))

    let toWeight = GradientCheck.differences(of: weight, step: 1e-3) { weight in
      zip(reference.convolve(x, weight: weight), dz).reduce(0) { $0 + $1.0 * $1.1 }
    }
    #expect(GradientCheck.relativeError(case_.z, expected) < 1e-5)
    #expect(case_.output == case_.z.map { $0 + large })
    #expect(GradientCheck.relativeError(case_.weightGradient.map { $0 + 1 }, toWeight) < 1e-5)
  }

  /// Goal: blocks are an order of work, not another result. Method: the same passes over all nodes at once.
  @Test("the blocks of the input layer give the bits of whole passes")
  func inputBlocks() {
    // Parents of one to four children, over more nodes than two blocks.
    let children = (0..<43).reduce(into: [Int32(0)]) { $0.append($0[$0.count - 1] + Int32(1 + $1 % 4)) }
    let (nodes, filters, order, inputs) = (Int(children[43]), 19, 5, 2)
    let matrix = Matrix(nodes: nodes)
    let pooling = Pooling(children: children, filters: filters)
    var case_ = InputCase(laplacian: matrix.sparse, order: order, inputs: inputs, pooling: pooling)
    let bias = GradientCheck.numbers(filters, seed: 4).map(Float.init)
    let gradient = GradientCheck.numbers(pooling.outputCount, seed: 5).map(Float.init)
    case_.run(
      GradientCheck.numbers(inputs * nodes, seed: 1).map(Float.init), (0..<nodes).map(Int32.init),
      GradientCheck.numbers(order * inputs * filters, seed: 2).map(Float.init), bias, gradient)

    var output = [Float](repeating: .nan, count: pooling.outputCount)
    var winners = [Int32](repeating: -9, count: pooling.outputCount)
    pooling.forward(case_.z, bias: bias, into: &output, winners: &winners)
    #expect(output == case_.output && winners == case_.winners && output.contains(0))
    var dz = [Float](repeating: .nan, count: nodes * filters)
    var biasGradient = [Float](repeating: 2, count: filters)
    pooling.backward(gradient, output: output, winners: winners, into: &dz, biasGradient: &biasGradient)
    #expect(biasGradient == case_.biasGradient)
    var weightGradient = [Float](repeating: -1, count: order * inputs * filters)
    dz.withUnsafeBufferPointer { dz in
      guard let dz = dz.baseAddress else { return }
      panelProduct(
        rows: order * inputs, columns: filters, inner: nodes,
        .rows(case_.basis.pointer, stride: case_.layer.planeStride), .rows(dz, stride: filters),
        into: &weightGradient, stride: filters, adds: true)
    }
    #expect(weightGradient == case_.weightGradient)
  }

  @Test("the bases of many images are those of each alone, and nothing between them is touched")
  func manyBases() {
    let (nodes, inputs, order, count) = (59, 2, 4, 19)
    let pooling = Pooling(children: (0...nodes).map(Int32.init), filters: 3)
    let layer = InputLayer(laplacian: Matrix(nodes: nodes).sparse, order: order, inputs: inputs, pooling: pooling)
    let (width, stride) = (inputs * nodes + 5, layer.basisCount + 7)
    let rows = GradientCheck.numbers(count * width, seed: 1).map(Float.init)
    let pixels = (0..<nodes).map { Int32($0 * 5 % nodes) }
    let scratch = AlignedFloats(count: layer.expandScratch)
    func filled() -> AlignedFloats {
      let floats = AlignedFloats(count: count * stride)
      for place in 0..<floats.count { floats.pointer[place] = 77 }
      return floats
    }
    let (together, alone) = (filled(), filled())
    rows.withUnsafeBufferPointer { rows in
      guard let rows = rows.baseAddress else { return }
      layer.expand(
        rows, stride: width, count: count, pixels: pixels, into: together.pointer, stride: stride,
        scratch: scratch.pointer)
      for image in 0..<count {
        layer.expand(
          rows + image * width, stride: 0, count: 1, pixels: pixels, into: alone.pointer + image * stride, stride: 0,
          scratch: scratch.pointer)
      }
    }
    #expect(together.array == alone.array && together.pointer[0] != 77)
    #expect((0..<count).allSatisfy { together.pointer[$0 * stride + layer.basisCount] == 77 })
  }

  @Test("pooling takes the best child above zero and sends its gradient there")
  func pooling() {
    // Two parents of 1 and 3 children, two filters.
    let pooling = Pooling(children: [0, 1, 4], filters: 2)
    let z: [Float] = [1, -5, 2, 7, 4, 7, 3, -1]
    var output = [Float](repeating: .nan, count: 4)
    var winners = [Int32](repeating: -9, count: 4)
    pooling.forward(z, bias: [0.5, 1], into: &output, winners: &winners)
    #expect(output == [1.5, 0, 4.5, 8])
    var dz = [Float](repeating: .nan, count: 8)
    var biasGradient: [Float] = [10, 20]
    pooling.backward([1, 2, 3, 4], output: output, winners: winners, into: &dz, biasGradient: &biasGradient)
    #expect(dz == [1, 0, 0, 4, 3, 0, 0, 0])
    #expect(biasGradient == [14, 24])
  }

  @Test("a dense layer and its gradients match hand loops", arguments: [false, true], [1, 2, 3])
  func dense(rectified: Bool, threads: Int) {
    let (count, inputs, outputs) = (5, 37, 83)
    let x = GradientCheck.numbers(count * inputs, seed: 1)
    let weight = GradientCheck.numbers(inputs * outputs, seed: 2)
    let bias = GradientCheck.numbers(outputs, seed: 3)
    let dy = GradientCheck.numbers(count * outputs, seed: 4)
    func forward(_ x: [Double], _ weight: [Double], _ bias: [Double]) -> [Double] {
      (0..<count * outputs).map { place in
        let (row, j) = (place / outputs, place % outputs)
        let sum = (0..<inputs).reduce(bias[j]) { $0 + x[row * inputs + $1] * weight[$1 * outputs + j] }
        return rectified ? max(sum, 0) : sum
      }
    }
    func sum(_ y: [Double]) -> Double { zip(y, dy).reduce(0) { $0 + $1.0 * $1.1 } }
    let (weights, biases) = (weight.map(Float.init), bias.map(Float.init))
    var y = [Float](repeating: .nan, count: count * outputs)
    var toWeight = [Float](repeating: .nan, count: weight.count)
    var toBias = [Float](repeating: .nan, count: outputs)
    var toX = [Float](repeating: .nan, count: x.count)
    var arriving = dy.map(Float.init)
    weights.withUnsafeBufferPointer { weights in
      biases.withUnsafeBufferPointer { biases in
        guard let w = weights.baseAddress, let b = biases.baseAddress else { return }
        let layer = DenseLayer(inputs: inputs, outputs: outputs, rectified: rectified, weight: w, bias: b)
        let x = x.map(Float.init)
        let memory = AlignedFloats(count: layer.scratchCount(count))
        let scratch = memory.pointer
        layer.forward(x, ldx: inputs, count: count, into: &y, ldy: outputs, threads: threads)
        layer.backward(
          x, ldx: inputs, y: y, dy: &arriving, ldy: outputs, count: count, weightGradient: &toWeight,
          biasGradient: &toBias, scratch: scratch, threads: threads)
        layer.inputGradient(
          arriving, ldy: outputs, count: count, into: &toX, ldx: inputs, scratch: scratch, threads: threads)
      }
    }
    let differences = GradientCheck.differences
    #expect(GradientCheck.relativeError(y, forward(x, weight, bias)) < 1e-5)
    #expect(GradientCheck.relativeError(toWeight, differences(weight, 1e-5) { sum(forward(x, $0, bias)) }) < 1e-5)
    #expect(GradientCheck.relativeError(toBias, differences(bias, 1e-5) { sum(forward(x, weight, $0)) }) < 1e-5)
    #expect(GradientCheck.relativeError(toX, differences(x, 1e-5) { sum(forward($0, weight, bias)) }) < 1e-5)
  }

  /// Goal: blocks of the weight and tails of panels. Method: sums in Double, gaps behind every row.
  @Test("a dense layer of several blocks matches direct sums", arguments: [1, 3])
  func denseBlocks(threads: Int) {
    let (count, inputs, outputs, ldx, ldy) = (35, 307, 37, 311, 41)
    let (x, dy) = (GradientCheck.numbers(count * ldx, seed: 1), GradientCheck.numbers(count * ldy, seed: 4))
    let (weight, bias) = (GradientCheck.numbers(inputs * outputs, seed: 2), GradientCheck.numbers(outputs, seed: 3))
    func table(_ rows: Int, _ columns: Int, _ inner: Int, _ term: (Int, Int, Int) -> Double) -> [Double] {
      (0..<rows * columns).map { place in
        (0..<inner).reduce(0) { $0 + term(place / columns, place % columns, $1) }
      }
    }
    let (y, dx) = (AlignedFloats(count: count * ldy), AlignedFloats(count: count * ldx))
    var toWeight = [Float](repeating: .nan, count: weight.count)
    var toBias = [Float](repeating: .nan, count: outputs)
    var arriving = dy.map(Float.init)
    let (weights, biases) = (weight.map(Float.init), bias.map(Float.init))
    weights.withUnsafeBufferPointer { weights in
      biases.withUnsafeBufferPointer { biases in
        guard let w = weights.baseAddress, let b = biases.baseAddress else { return }
        let layer = DenseLayer(inputs: inputs, outputs: outputs, rectified: false, weight: w, bias: b)
        let (x, scratch) = (x.map(Float.init), AlignedFloats(count: layer.scratchCount(count)))
        layer.forward(x, ldx: ldx, count: count, into: y.pointer, ldy: ldy, threads: threads)
        layer.backward(
          x, ldx: ldx, y: y.pointer, dy: &arriving, ldy: ldy, count: count, weightGradient: &toWeight,
          biasGradient: &toBias, scratch: scratch.pointer, threads: threads)
        layer.inputGradient(
          arriving, ldy: ldy, count: count, into: dx.pointer, ldx: ldx, scratch: scratch.pointer, threads: threads)
      }
    }
    func error(_ all: AlignedFloats, _ width: Int, _ stride: Int, _ expected: [Double]) -> Double {
      GradientCheck.relativeError(
        (0..<all.count).filter { $0 % stride < width }.map { all.pointer[$0] }, expected)
    }
    let products = table(count, outputs, inputs) { x[$0 * ldx + $2] * weight[$2 * outputs + $1] }
    #expect(error(y, outputs, ldy, products.indices.map { products[$0] + bias[$0 % outputs] }) < 1e-6)
    let toInput = table(count, inputs, outputs) { dy[$0 * ldy + $2] * weight[$1 * outputs + $2] }
    #expect(error(dx, inputs, ldx, toInput) < 1e-6)
    let expected = table(inputs, outputs, count) { x[$2 * ldx + $0] * dy[$2 * ldy + $1] }
    #expect(GradientCheck.relativeError(toWeight, expected) < 1e-6)
    #expect(GradientCheck.relativeError(toBias, table(1, outputs, count) { dy[$2 * ldy + $1] }) < 1e-6)
  }
}

/// An input layer with everything around it.
private struct InputCase {
  let layer: InputLayer
  let basis: AlignedFloats
  var z: [Float]
  var output: [Float]
  var winners: [Int32]
  var weightGradient: [Float]
  var biasGradient: [Float]

  init(laplacian: SparseMatrix, order: Int, inputs: Int, pooling: Pooling) {
    layer = InputLayer(laplacian: laplacian, order: order, inputs: inputs, pooling: pooling)
    basis = AlignedFloats(count: layer.basisCount)
    z = [Float](repeating: .nan, count: laplacian.rows * pooling.filters)
    output = [Float](repeating: .nan, count: pooling.outputCount)
    winners = [Int32](repeating: -9, count: pooling.outputCount)
    weightGradient = [Float](repeating: -1, count: order * inputs * pooling.filters)
    biasGradient = [Float](repeating: 2, count: pooling.filters)
  }

  /// Forward and backward; what the gradients add to is -1 and 2.
  mutating func run(_ image: [Float], _ pixels: [Int32], _ weight: [Float], _ bias: [Float], _ gradient: [Float]) {
    let scratch = AlignedFloats(count: max(layer.scratchCount, layer.expandScratch))
    layer.expand(
      image, stride: 0, count: 1, pixels: pixels, into: basis.pointer, stride: 0, scratch: scratch.pointer)
    layer.product(basis.pointer, nodes: 0..<layer.nodes, weight: weight, into: &z)
    layer.forward(
      basis: basis.pointer, weight: weight, bias: bias, into: &output, winners: &winners, scratch: scratch.pointer)
    layer.backward(
      basis: basis.pointer, gradient, output: output, winners: winners, weightGradient: &weightGradient,
      biasGradient: &biasGradient, scratch: scratch.pointer)
  }
}
