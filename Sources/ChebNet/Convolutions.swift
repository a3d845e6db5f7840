// The convolutions of one SGCN: an image goes through all layers, forward, and its gradient back again.
//
// What the backward pass needs of an image lies in its slot: the basis of the first layer, the input of each later
// layer and the winning nodes of each pooling. Terms of the recursion and gradients lie in the scratch of the
// thread. Slots and scratch grow to the largest batch seen and are then used again.

import Kernels
import SpectralGraph

final class Convolutions {
  /// What one layer of the table became on this graph.
  struct Stage {
    let pooling: Pooling
    let weight: Tensor
    let bias: Tensor
    let nodes: Int
    let filters: Int
    /// Where the input of this layer begins in an image's slot (the basis for the first).
    let store: Int
    /// Where its winners begin in an image's slot of winners.
    let winners: Int
  }

  let name: String
  let input: InputLayer
  /// The layers after the first.
  let inner: [ChebyshevLayer]
  let stages: [Stage]
  /// Floats of an image's flattened output: coarsest nodes × filters.
  let outputWidth: Int
  /// The part of the parameter block that the convolutions own.
  let region: Range<Int>
  private let pixels: [Int32]
  private let parameters: ParameterBlock
  private let storeCount: Int
  private let winnerCount: Int
  private let scratchOffsets: (z: Int, gradient: Int, terms: Int, count: Int)

  private var store = AlignedFloats(count: 16)
  private var winners: [Int32] = []
  private var scratch: [AlignedFloats] = []

  init(name: String, graph: GraphHierarchy, network: NetworkSpec, parameters: ParameterBlock) {
    precondition(graph.levels.count > network.coarsenings, "the graph has too few levels for this network")
    self.name = name
    self.parameters = parameters
    pixels = graph.inputOrder
    var inner: [ChebyshevLayer] = []
    var stages: [Stage] = []
    var (level, fan, store, winners) = (0, network.inputs, 0, 0)
    let first = network.layers[0]
    input = InputLayer(
      laplacian: graph.levels[0].laplacian, order: first.order, inputs: fan, outputs: first.filters)
    for (place, layer) in network.layers.enumerated() {
      let laplacian = graph.levels[level].laplacian
      if place > 0 {
        inner.append(ChebyshevLayer(laplacian: laplacian, order: layer.order, inputs: fan, outputs: layer.filters))
      }
      let pooling = Pooling(children: graph.children(from: level, steps: layer.coarsenings), filters: layer.filters)
      stages.append(
        Stage(
          pooling: pooling, weight: parameters.tensor("\(name).conv\(place).weight"),
          bias: parameters.tensor("\(name).conv\(place).bias"), nodes: laplacian.rows, filters: layer.filters,
          store: store, winners: winners))
      store += ((place == 0 ? input.basisCount : laplacian.rows * fan) + 15) / 16 * 16
      winners += pooling.outputCount
      level += layer.coarsenings
      fan = layer.filters
    }
    self.inner = inner
    self.stages = stages
    (storeCount, winnerCount) = (store, winners)
    outputWidth = stages[stages.count - 1].pooling.outputCount
    region = stages[0].weight.offset..<stages[stages.count - 1].bias.offset + stages[stages.count - 1].bias.count
    let z = stages.map { $0.nodes * $0.filters }.max() ?? 0
    let gradient = inner.map { $0.nodes * $0.inputs }.max() ?? 0
    let terms = inner.map { max($0.forwardScratch, $0.backwardScratch) }.max() ?? 0
    let aligned = { (count: Int) in (count + 15) / 16 * 16 }
    scratchOffsets = (0, aligned(z), aligned(z) + aligned(gradient), aligned(z) + aligned(gradient) + terms)
  }

  /// Makes room for this many images at once, and for the scratch of the threads.
  func reserve(images: Int, threads: Int) {
    if store.count < images * storeCount { store = AlignedFloats(count: images * storeCount) }
    if winners.count < images * winnerCount { winners = [Int32](repeating: 0, count: images * winnerCount) }
    while scratch.count < min(threads, Lanes.count) { scratch.append(AlignedFloats(count: max(scratchOffsets.count, 16))) }
  }

  /// A pointer to the winners of all images; valid while nothing is reserved.
  func withWinners(_ body: (UnsafeMutablePointer<Int32>) -> Void) {
    winners.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("nothing was reserved") }
      body(base)
    }
  }

  /// One image forward.
  /// - Parameters:
  ///   - row: [inputs, pixels].
  ///   - output: [coarsest nodes, filters], set.
  ///   - winners: the pointer that `withWinners` gave.
  ///   - observe: sees each layer's Z (before its bias) and its pooled output; for tests of whole networks.
  func forward(
    _ row: UnsafePointer<Float>, slot: Int, worker: Int, winners: UnsafeMutablePointer<Int32>,
    into output: UnsafeMutablePointer<Float>,
    observe: ((_ layer: Int, _ z: UnsafePointer<Float>, _ output: UnsafePointer<Float>) -> Void)? = nil
  ) {
    let place = store.pointer + slot * storeCount
    let z = scratch[worker].pointer + scratchOffsets.z
    let terms = scratch[worker].pointer + scratchOffsets.terms
    for (layer, stage) in stages.enumerated() {
      let weight = UnsafePointer(parameters.block.pointer + stage.weight.offset)
      if layer == 0 {
        input.forward(row, pixels: pixels, weight: weight, basis: place, into: z)
      } else {
        inner[layer - 1].forward(place + stage.store, weight: weight, into: z, scratch: terms)
      }
      let target = layer + 1 < stages.count ? place + stages[layer + 1].store : output
      stage.pooling.forward(
        z, bias: parameters.block.pointer + stage.bias.offset, into: target,
        winners: winners + slot * winnerCount + stage.winners)
      observe?(layer, z, target)
    }
  }

  /// One image back; adds its gradients.
  /// - Parameters:
  ///   - gradient: [coarsest nodes, filters], the gradient for `output`.
  ///   - output: what `forward` of the same slot gave.
  ///   - sums: gradients of the `region` of the parameter block, added to.
  func backward(
    _ gradient: UnsafePointer<Float>, output: UnsafePointer<Float>, slot: Int, worker: Int,
    winners: UnsafePointer<Int32>, sums: UnsafeMutablePointer<Float>
  ) {
    let place = store.pointer + slot * storeCount
    let z = scratch[worker].pointer + scratchOffsets.z
    let inputGradient = scratch[worker].pointer + scratchOffsets.gradient
    let terms = scratch[worker].pointer + scratchOffsets.terms
    var arriving = gradient
    for (layer, stage) in stages.enumerated().reversed() {
      stage.pooling.backward(
        arriving, output: layer + 1 < stages.count ? UnsafePointer(place + stages[layer + 1].store) : output,
        winners: winners + slot * winnerCount + stage.winners, into: z,
        biasGradient: sums + (stage.bias.offset - region.lowerBound))
      let weightGradient = sums + (stage.weight.offset - region.lowerBound)
      if layer == 0 {
        input.backward(basis: place, z, weightGradient: weightGradient)
      } else {
        inner[layer - 1].backward(
          place + stage.store, z, weight: parameters.block.pointer + stage.weight.offset,
          weightGradient: weightGradient, into: inputGradient, scratch: terms)
        arriving = UnsafePointer(inputGradient)
      }
    }
  }
}
