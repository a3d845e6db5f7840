// The convolutions of one SGCN: an image goes through all layers, forward, and its gradient back again.
//
// What the backward pass needs of an image lies in its slot: the input of each layer after the first and the winning
// nodes of each pooling. The basis of the first layer is the caller's, or lies in a slot of its own. Terms of the
// recursion and gradients lie in the scratch of the thread. Slots and scratch grow to the largest batch seen and are
// then used again.

import Kernels
import SpectralGraph

final class Convolutions {
  let name: String
  /// Floats of an image's flattened output: coarsest nodes × filters.
  let outputWidth: Int
  /// The part of the parameter block that the convolutions own.
  let region: Range<Int>
  let stages: [ConvolutionPlan.Stage]
  /// Floats of the basis of an image.
  let basisCount: Int

  private let plan: ConvolutionPlan
  private let pixels: [Int32]
  private let parameters: ParameterBlock
  private let offsets: (gradient: Int, terms: Int)
  private var bases = AlignedFloats(count: 16)
  private var store = AlignedFloats(count: 16)
  private var winners: UnsafeMutablePointer<Int32>
  private var winnerSlots = 0
  private var scratch: [AlignedFloats] = []

  init(name: String, graph: GraphHierarchy, network: NetworkSpec, parameters: ParameterBlock) {
    let plan = ConvolutionPlan(name: name, graph: graph, network: network, parameters: parameters)
    let last = plan.stages[plan.stages.count - 1]
    self.name = name
    self.plan = plan
    self.parameters = parameters
    stages = plan.stages
    basisCount = plan.input.basisCount
    offsets = (plan.gradientOffset, plan.termsOffset)
    pixels = graph.inputOrder
    outputWidth = last.pooling.outputCount
    region = plan.stages[0].weight.offset..<last.bias.offset + last.bias.count
    winners = .allocate(capacity: 1)
  }

  deinit { winners.deallocate() }

  /// Makes room for this many images at once, and for the scratch of the threads.
  /// - Parameter keepsBases: whether the slots hold bases too, since the caller has images.
  func reserve(images: Int, threads: Int, keepsBases: Bool) {
    if store.count < images * plan.storeCount { store = AlignedFloats(count: images * plan.storeCount) }
    if keepsBases, bases.count < images * basisCount { bases = AlignedFloats(count: images * basisCount) }
    if winnerSlots < images {
      winners.deallocate()
      winners = .allocate(capacity: images * plan.winnerCount)
      winnerSlots = images
    }
    while scratch.count < min(threads, Lanes.count) { scratch.append(AlignedFloats(count: plan.scratchCount)) }
  }

  /// Takes the weights as they are now, for products of the forward pass.
  func packWeights() {
    for (stage, inner) in zip(stages.dropFirst(), plan.inner) { inner.packed.pack(weight(stage)) }
  }

  /// The same for the backward pass.
  func packTransposedWeights() {
    for (stage, inner) in zip(stages.dropFirst(), plan.inner) { inner.packed.packTransposed(weight(stage)) }
  }

  private func weight(_ stage: ConvolutionPlan.Stage) -> UnsafePointer<Float> {
    UnsafePointer(parameters.block.pointer + stage.weight.offset)
  }

  // MARK: - The basis of the first layer

  /// Writes the bases of images: [inputs, pixels] → [order·inputs planes, with gaps], `basisCount` floats each.
  /// - Parameters:
  ///   - stride: floats from one image to the next; bases lie `basisStride` apart.
  func expand(
    _ rows: UnsafePointer<Float>, stride: Int, count: Int, into bases: UnsafeMutablePointer<Float>,
    stride basisStride: Int, worker: Int
  ) {
    plan.input.expand(
      rows, stride: stride, count: count, pixels: pixels, into: bases, stride: basisStride,
      scratch: scratch[worker].pointer)
  }

  /// Where the basis of a slot lies.
  func basis(slot: Int) -> UnsafeMutablePointer<Float> { bases.pointer + slot * basisCount }

  /// Z of the first layer before its bias, [nodes, filters]: for tests of whole networks.
  func firstProduct(_ basis: UnsafePointer<Float>) -> [Float] {
    [Float](unsafeUninitializedCapacity: stages[0].nodes * stages[0].filters) { buffer, count in
      guard let z = buffer.baseAddress else { return }
      plan.input.product(basis, nodes: 0..<stages[0].nodes, weight: weight(stages[0]), into: z)
      count = buffer.count
    }
  }

  // MARK: - One image

  /// One image forward, after `packWeights`.
  /// - Parameters:
  ///   - basis: of the image, as `expand` wrote it.
  ///   - output: [coarsest nodes, filters], set.
  ///   - observe: sees Z (before its bias) of each layer after the first, and each layer's pooled output; for tests
  ///     of whole networks.
  func forward(
    basis: UnsafePointer<Float>, slot: Int, worker: Int, into output: UnsafeMutablePointer<Float>,
    observe: ((_ layer: Int, _ z: UnsafePointer<Float>, _ output: UnsafePointer<Float>) -> Void)? = nil
  ) {
    let place = store.pointer + slot * plan.storeCount
    let z = scratch[worker].pointer
    for (layer, stage) in stages.enumerated() {
      let target = layer + 1 < stages.count ? place + stages[layer + 1].store : output
      let won = winners + slot * plan.winnerCount + stage.winners
      let bias = UnsafePointer(parameters.block.pointer + stage.bias.offset)
      if layer == 0 {
        plan.input.forward(basis: basis, weight: weight(stage), bias: bias, into: target, winners: won, scratch: z)
      } else {
        let inner = plan.inner[layer - 1]
        inner.layer.forward(place + stage.store, weight: inner.packed, into: z, scratch: z + offsets.terms)
        stage.pooling.forward(z, bias: bias, into: target, winners: won)
      }
      observe?(layer, z, target)
    }
  }

  /// One image back, after `packTransposedWeights`; adds its gradients.
  /// - Parameters:
  ///   - gradient: [coarsest nodes, filters], the gradient for `output`.
  ///   - basis: the one that `forward` had.
  ///   - output: what `forward` of the same slot gave.
  ///   - sums: gradients of the `region` of the parameter block, added to.
  func backward(
    _ gradient: UnsafePointer<Float>, basis: UnsafePointer<Float>, output: UnsafePointer<Float>, slot: Int,
    worker: Int, sums: UnsafeMutablePointer<Float>
  ) {
    let place = store.pointer + slot * plan.storeCount
    let z = scratch[worker].pointer
    var arriving = gradient
    for layer in stages.indices.reversed() {
      let stage = stages[layer]
      let pooled = layer + 1 < stages.count ? UnsafePointer(place + stages[layer + 1].store) : output
      let won = winners + slot * plan.winnerCount + stage.winners
      let weightGradient = sums + (stage.weight.offset - region.lowerBound)
      let biasGradient = sums + (stage.bias.offset - region.lowerBound)
      if layer == 0 {
        plan.input.backward(
          basis: basis, arriving, output: pooled, winners: won, weightGradient: weightGradient,
          biasGradient: biasGradient, scratch: z)
      } else {
        let inner = plan.inner[layer - 1]
        stage.pooling.backward(arriving, output: pooled, winners: won, into: z, biasGradient: biasGradient)
        inner.layer.backward(
          place + stage.store, z, weight: inner.packed, weightGradient: weightGradient, into: z + offsets.gradient,
          scratch: z + offsets.terms)
        arriving = UnsafePointer(z + offsets.gradient)
      }
    }
  }
}
